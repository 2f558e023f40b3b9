"""`1d=0.3s` as it is typed: how much real time an amount of business time takes."""

import re
from datetime import timedelta
from typing import Final

from sojourn.errors import Mistake

UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LENGTH: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([smhdw])")
DAY: Final = timedelta(days=1)


def parse_lapse(text: str) -> timedelta:
    """The real time that a business day takes. Raises Mistake."""
    business, _, real = text.partition("=")
    try:
        return max(DAY * (_length(real) / _length(business)), timedelta(milliseconds=1))
    except (ValueError, OverflowError, ZeroDivisionError):
        raise Mistake(f"--time-lapse: found '{text}'; expected business time = real time, such as 1d=0.3s") from None


def _length(written: str) -> timedelta:
    found = _LENGTH.fullmatch(written.strip())
    if found is None or float(found[1]) == 0:
        raise ValueError(written)
    return timedelta(**{UNITS[found[2]]: float(found[1])})
