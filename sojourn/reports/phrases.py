"""Conditions, lengths and moments in the words of the journey language."""

from datetime import timedelta
from typing import Any, Final

from engine.conditions import (
    Absent,
    AllOf,
    AnyOf,
    Condition,
    Consented,
    Count,
    Fact,
    Happens,
    InSegment,
    InStage,
    MessageWas,
    NoneOf,
    Where,
)
from engine.moments import Length, Moment

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_SECONDS: Final = 86_400


def condition_words(condition: Condition) -> str:
    """A condition on one line."""
    match condition:
        case AllOf(parts):
            return " and ".join(_part(part) for part in parts)
        case AnyOf(parts):
            return " or ".join(_part(part) for part in parts)
        case NoneOf(parts):
            return f"none of: {', '.join(_part(part) for part in parts)}"
        case Fact(name, test):
            return f"{name.removeprefix('customer.')} {test.operator.replace('_', ' ')} {_value(test.value)}"
        case Happens(event, where) | Count(event, 1, None, None, where):
            return f"{event}{where_words(where)}"
        case Count():
            return _count(condition)
        case _:
            return _state(condition)


def length_words(length: Length) -> str:
    """A wait's length: `1 month 3 days`."""
    seconds = round(length.exact.total_seconds())
    days, rest = length.days + seconds // _DAY_SECONDS, seconds % _DAY_SECONDS
    parts = ((length.months, "month"), (days, "day"), (rest // 3600, "hour"), (rest % 3600 // 60, "minute"))
    return " ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts if number)


def moment_words(moment: Moment) -> str:
    """A moment: `3 days before customer.trial_ends at 10:00`."""
    offset = length_words(moment.offset)
    day = WEEKDAYS[moment.weekday] if moment.weekday is not None else str(moment.on or moment.fact or "")
    away = f"{offset} {'after' if moment.sign > 0 else 'before'} {day}" if offset else day
    return " at ".join(filter(None, (away, f"{moment.at:%H:%M}" if moment.at else "")))


def _state(condition: Absent | InSegment | InStage | Consented | MessageWas) -> str:
    match condition:
        case Absent(event, lasting):
            return f"no {event} for {duration_words(lasting)}"
        case InSegment(name):
            return f"in {name}"
        case InStage(name, lasting):
            return f"in stage {name}" + (f" for {duration_words(lasting)}" if lasting else "")
        case Consented(channel, topic):
            return f"allows {channel}" + (f" {topic}" if topic else "")
        case MessageWas(step, was, within):
            return f"{step} was {was}" + (f" within {duration_words(within)}" if within else "")


def _count(count: Count) -> str:
    bounds = ((count.at_least, "at least"), (count.at_most, "at most"))
    times = " and ".join(f"{word} {bound}" for bound, word in bounds if bound is not None)
    within = f" within {duration_words(count.within)}" if count.within else ""
    return f"{times} {count.event}{where_words(count.where)}{within}{' since entry' if count.since_entry else ''}"


def where_words(where: Where) -> str:
    """What an event's properties must be, in brackets; nothing where they may be anything."""
    tests = (f"{name} {test.operator.replace('_', ' ')} {_value(test.value)}" for name, test in where.tests)
    words = ", ".join(tests)
    return f" ({words})" if words else ""


def _part(condition: Condition) -> str:
    words = condition_words(condition)
    return f"({words})" if isinstance(condition, AllOf | AnyOf | NoneOf) else words


def _value(value: Any) -> str:
    match value:
        case timedelta():
            return duration_words(value)
        case list() | tuple() | frozenset():
            return " or ".join(str(one) for one in value)
        case bool():
            return str(value).lower()
        case _:
            return str(value)


def duration_words(lasting: timedelta) -> str:
    """A time span: `30 days`."""
    return length_words(Length(exact=lasting))
