"""One value held against another: what every operator means. Types that cannot be compared are false."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import repeat
from typing import Final
from zoneinfo import ZoneInfo

from engine.calendar import fact_instant
from engine.conditions import Now, Operator, Test, Value
from engine.facts import MISSING, Missing

TIMED: Final = frozenset({Operator.BEFORE, Operator.AFTER, Operator.WITHIN_LAST})
UTC_ZONE: Final = ZoneInfo("UTC")
_ZERO: Final = timedelta(0)


def _is(value: Value, other: Value) -> bool:
    return bool(value == other) and isinstance(value, bool) is isinstance(other, bool)


def _is_in(value: Value, among: Value) -> bool:
    return any(map(_is, among, repeat(value)))


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _contains(value: Value, other: Value) -> bool:
    if isinstance(value, list | tuple):
        return _is_in(other, value)
    return isinstance(value, str) and isinstance(other, str) and other in value


def _starts_with(value: Value, other: Value) -> bool:
    return isinstance(value, str) and isinstance(other, str) and value.startswith(other)


def _matches(value: Value, pattern: Value) -> bool:
    return isinstance(value, str) and isinstance(pattern, str) and _pattern(pattern).fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str]:
    """The pattern compiled; each part between stars is taken where it first fits, so time grows with length alone."""
    first, *others = ("".join("." if sign == "?" else re.escape(sign) for sign in part) for part in pattern.split("*"))
    if not others:
        return re.compile(first, re.DOTALL)
    *middle, last = others
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + ".*" + last, re.DOTALL)


_COMPARE: Final[Mapping[Operator, Callable[[Value, Value], bool]]] = {
    Operator.IS: _is,
    Operator.IN: _is_in,
    Operator.MORE_THAN: lambda value, other: _is_number(value) and _is_number(other) and value > other,
    Operator.AT_LEAST: lambda value, other: _is_number(value) and _is_number(other) and value >= other,
    Operator.LESS_THAN: lambda value, other: _is_number(value) and _is_number(other) and value < other,
    Operator.AT_MOST: lambda value, other: _is_number(value) and _is_number(other) and value <= other,
    Operator.CONTAINS: _contains,
    Operator.STARTS_WITH: _starts_with,
    Operator.MATCHES: _matches,
}


def passes(test: Test, value: Value | Missing, now: datetime | None, zone: ZoneInfo) -> bool:
    """One comparison; null is as good as missing, and what cannot be compared is false."""
    there = value is not MISSING and value is not None
    compare = _COMPARE.get(test.operator)
    if compare is not None:
        return there and compare(value, test.value)
    match test.operator:
        case Operator.EXISTS:
            return there is test.value
        case Operator.IS_NOT:
            return not (there and _is(value, test.value))
        case Operator.NOT_IN:
            return not (there and _is_in(value, test.value))
        case _:
            return there and _compares_in_time(test, value, now, zone)


def _compares_in_time(test: Test, value: Value, now: datetime | None, zone: ZoneInfo) -> bool:
    at = fact_instant(value, zone, None)
    if test.operator is Operator.WITHIN_LAST:
        return now is not None and is_recent(at, test.value, now)
    other = now if isinstance(test.value, Now) else fact_instant(test.value, zone, None)
    if at is None or other is None:
        return False
    return at < other if test.operator is Operator.BEFORE else at > other


def is_recent(at: datetime | None, within: timedelta | None, now: datetime) -> bool:
    """Does an instant lie in (now - within, now]? Without `within` any instant does."""
    return at is not None and (within is None or _ZERO <= now - at < within)
