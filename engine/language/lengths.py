"""Reads lengths of time: `3 days`, exact or by the calendar."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from engine.language.faults import listed, nearest
from engine.language.reading import Reading, shown
from engine.language.source import Node
from engine.moments import Length

EXACT = ("minutes", "hours", "days", "weeks")
CALENDAR = (*EXACT, "months")
MOST_DAYS = 3660

_DAYS: Mapping[str, float] = MappingProxyType(
    {"minutes": 1 / 1440, "hours": 1 / 24, "days": 1, "weeks": 7, "months": 30}
)
_SHORT: Mapping[str, str] = MappingProxyType(
    {
        "m": "minutes",
        "min": "minutes",
        "h": "hours",
        "hr": "hours",
        "d": "days",
        "w": "weeks",
        "mo": "months",
        "s": "seconds",
    }
)
_AMOUNT = re.compile(r"([0-9]{1,9})( *)([A-Za-z]*)\Z")


def read_duration(reading: Reading, node: Node, what: str) -> timedelta:
    """An exact length: a day is 86,400 s, whatever the calendar says. Months have none."""
    amount, unit = _amount(reading, node, what, EXACT)
    return timedelta(**{unit: amount})


def read_length(reading: Reading, node: Node, what: str) -> Length:
    """A wait's length: days, weeks and months by the calendar, hours and minutes exact."""
    amount, unit = _amount(reading, node, what, CALENDAR)
    match unit:
        case "months":
            return Length(months=amount)
        case "weeks":
            return Length(days=7 * amount)
        case "days":
            return Length(days=amount)
        case _:
            return Length(exact=timedelta(**{unit: amount}))


def _amount(reading: Reading, node: Node, what: str, units: Sequence[str]) -> tuple[int, str]:
    """The number and the unit, in the plural; one day where there is no length."""
    match = _AMOUNT.match(str(node.value)) if isinstance(node.value, int | str) else None
    if not match:
        reading.wrong(node, f"{what} is a length such as '3 days'")
        return 1, "days"
    amount, word = int(match[1]), match[3]
    unit = _SHORT.get(word.lower(), word.lower().removesuffix("s") + "s")
    if problem := _problem(node, what, amount, word, units):
        reading.fault(node, *problem)
        return 1, "days"
    return amount, unit


def _problem(node: Node, what: str, amount: int, word: str, units: Sequence[str]) -> tuple[str, str, str] | None:
    """What is wrong with a length (found, expected, hint)."""
    unit = _SHORT.get(word.lower(), word.lower().removesuffix("s") + "s")
    found = shown(node)
    if not word:
        return f"{node.value} has no unit", "", _spelled(amount, "days")
    if unit == "months" and unit not in units:
        return f"{found}: a month has no fixed length", "months are for waits only", _spelled(30 * amount, "days")
    if unit == "seconds":
        return f"{found}: seconds are too short here", f"{what} is a length such as '30 minutes'", ""
    if unit not in units:
        close = nearest(word, units)
        return f"unknown unit in {found}", f"units are {listed(units)}", _spelled(amount, close) if close else ""
    if node.value not in (f"{amount} {unit}", f"{amount} {unit[:-1]}"):
        return f"found {found}", f"{what} is a number, a space and a unit", _spelled(amount, unit)
    if amount == 0:
        return f"{found} is no time at all", f"{what} is longer than zero", ""
    if amount * _DAYS[unit] > MOST_DAYS:
        return f"{found} is too long", f"{what} is ten years at most", ""
    return None


def _spelled(amount: int, unit: str) -> str:
    return f"{amount} {unit[:-1] if amount == 1 else unit}"
