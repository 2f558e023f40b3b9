"""What templates may do to a value. Whatever could grow beyond measure is bounded, or not here."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, pass_environment
from jinja2.filters import FILTERS

from channels.facts import RenderError

MAX_TEXT: Final = 100_000
"""Signs that one value may have inside a template."""

_HARMLESS: Final = [
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "groupby",
    "int",
    "items",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "string",
    "striptags",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
    "wordcount",
]
_WIDE: Final = re.compile(r"\*|\d{3,}")


class TooMuch(RenderError):
    """The template asks for more work, or more words, than a message may."""


def bounded(value: Any) -> Any:
    """The same value. Raises TooMuch where it is text or a list beyond MAX_TEXT."""
    if isinstance(value, str | list | tuple) and len(value) > MAX_TEXT:
        raise TooMuch("a value is too long")
    return value


def text_format(pattern: str, *values: Any) -> str:
    """Python's % for texts, such as `"%.2f"`; widths have two digits at most."""
    if _WIDE.search(pattern):
        raise TooMuch("a width is too large")
    return str(bounded(pattern % values))


def join(values: Iterable[Any], separator: str = "") -> str:
    """The values as one text, with `separator` between them."""
    words = [str(value) for value in values]
    if sum(map(len, words)) + len(words) * len(separator) > MAX_TEXT:
        raise TooMuch("a join is too long")
    return separator.join(words)


def replace(text: str, old: str, new: str) -> str:
    """The text with `new` for every `old`."""
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        raise TooMuch("a replacement is too long")
    return text.replace(old, new)


def money(amount: Any, currency: str = "") -> str:
    """An amount with two decimals and thousands apart: `1,234.50 EUR`."""
    written = f"{Decimal(str(amount)).quantize(Decimal('0.01'), ROUND_HALF_UP):,}"
    return f"{written} {currency}" if currency else written


def long_date(moment: Any, zone: str = "") -> str:
    """A day in words, `Tuesday 3 March 2026`; a moment with an offset is first taken to `zone`, where one is given."""
    day = _moment(moment, zone)
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def clock_time(moment: Any, zone: str = "") -> str:
    """The time of day, `09:00`; as for long_date."""
    return f"{_moment(moment, zone):%H:%M}"


@pass_environment
def joined(environment: Environment, values: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
    """Jinja's `join`, bounded; what it joins is escaped again where it is put."""
    chosen = values if attribute is None else (environment.getattr(value, attribute) for value in values)
    return join(chosen, d)


ALLOWED: Final[Mapping[str, Callable[..., Any]]] = {
    **{name: FILTERS[name] for name in _HARMLESS},
    "join": joined,
    "replace": replace,
    "format": text_format,
    "money": money,
    "date": long_date,
    "time": clock_time,
}


def _moment(value: Any, zone: str) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
    if not isinstance(value, datetime):
        raise TypeError("not a moment")
    return value.astimezone(ZoneInfo(zone)) if zone and value.tzinfo else value
