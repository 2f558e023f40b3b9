"""What is true of a customer at an instant, and when time alone may next make it otherwise."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import repeat
from typing import Final
from zoneinfo import ZoneInfo

from engine.calendar import FIRST, fact_instant, zone
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
    Leaf,
    MessageWas,
    NoneOf,
    Now,
    Operator,
    Value,
    Where,
    leaves,
)
from engine.conditions.comparison import TIMED, UTC_ZONE, is_recent, passes
from engine.facts import MISSING, Event, Facts, Missing, Scope
from engine.words import EventKind

_ZERO: Final = timedelta(0)
_TICK: Final = timedelta.resolution


def holds(condition: Condition, facts: Facts) -> bool:
    """Is the condition true of these facts, as of `facts.now`? A segment that no longer exists is met by nobody."""
    match condition:
        case AllOf(parts):
            return all(map(holds, parts, repeat(facts)))
        case AnyOf(parts):
            return any(map(holds, parts, repeat(facts)))
        case NoneOf(parts):
            return not any(map(holds, parts, repeat(facts)))
        case _:
            return _is_true(condition, facts)


def _is_true(leaf: Leaf, facts: Facts) -> bool:
    match leaf:
        case Fact(name, test):
            return passes(test, facts.read(name), facts.now, _zone(facts) if test.operator in TIMED else UTC_ZONE)
        case Happens():
            return facts.cause is not None and is_that(leaf, facts.cause, facts.scope)
        case Count():
            return _is_within_bounds(leaf, len(_counted(leaf, facts)))
        case Absent():
            return _is_absent(leaf, facts)
        case InSegment(name):
            segment = facts.segments.get(name)
            return segment is not None and holds(segment, facts)
        case InStage(name, lasting):
            return facts.stage == name and (lasting is None or facts.now - facts.stage_since >= lasting)
        case Consented(channel, topic):
            return facts.consents(channel, topic)
        case MessageWas(step, was, within):
            return is_recent(facts.reached(step, was), within, facts.now)


def matches(where: Where, properties: Mapping[str, Value], now: datetime | None = None) -> bool:
    """Do an event's properties pass every test? `now` is when it occurred; without it what asks about now fails."""
    return all(passes(test, _property(properties, name), now, UTC_ZONE) for name, test in where.tests)


def is_that(happens: Happens, event: Event, scope: Scope | None) -> bool:
    """Is this event the one that is meant? In a keyed scope only with the enrollment's own key."""
    return (
        event.kind is EventKind.TRACK
        and event.name == happens.event
        and (happens.any_key or _has_key(event, scope))
        and matches(happens.where, event.properties, event.occurred_at)
    )


def key_of(event: Event, keys: Mapping[str, str]) -> str | None:
    """The key an event carries, as text; None where it has none. `keys` as in Scope."""
    value = _property(event.properties, keys.get(event.name) or keys.get("", ""))
    return None if value is MISSING or value is None or isinstance(value, list | dict) else str(value)


def _has_key(event: Event, scope: Scope | None) -> bool:
    return scope is None or scope.key is None or key_of(event, scope.keys) == scope.key


def _property(properties: Mapping[str, Value], path: str) -> Value | Missing:
    """A property, or by dots what lies inside one."""
    if path in properties:
        return properties[path]
    name, dot, rest = path.partition(".")
    inner = properties.get(name) if dot else None
    return _property(inner, rest) if isinstance(inner, Mapping) else MISSING


def _counted(count: Count, facts: Facts) -> Sequence[Event]:
    """The events in the window, oldest first; since entry means settled after it and not dated before it."""
    since = None if count.within is None else _ago(facts.now, count.within)
    events = facts.history.events(count.event, since)
    while events and events[-1].occurred_at > facts.now:
        events = events[:-1]
    if count.since_entry:
        events = _after_entry(events, facts.scope, count.any_key)
    if count.where.tests:
        events = [event for event in events if matches(count.where, event.properties, event.occurred_at)]
    return events


def _after_entry(events: Sequence[Event], scope: Scope | None, any_key: bool) -> Sequence[Event]:
    if scope is None:
        return ()
    return [
        event
        for event in events
        if event.order > scope.entered_order
        and event.occurred_at >= scope.entered_at
        and (any_key or _has_key(event, scope))
    ]


def _is_within_bounds(count: Count, times: int) -> bool:
    return (count.at_least is None or times >= count.at_least) and (count.at_most is None or times <= count.at_most)


def _is_absent(absent: Absent, facts: Facts) -> bool:
    if facts.now - facts.known_since < absent.lasting:
        return False
    last = facts.history.latest(absent.event)
    if last is not None and last > facts.now:
        return not _counted(Count(absent.event, within=absent.lasting), facts)
    return last is None or facts.now - last >= absent.lasting


def _zone(facts: Facts) -> ZoneInfo:
    return zone(facts.read("customer.zone")) or UTC_ZONE


def _ago(now: datetime, length: timedelta) -> datetime:
    try:
        return now - length
    except OverflowError:
        return FIRST


def next_flip(condition: Condition, facts: Facts) -> datetime | None:
    """The first instant after now at which time alone may turn a leaf of the condition, through segments too.

    At that instant the leaf has its new truth. None: only a cause can change anything.
    """
    flips = (_flip(leaf, facts) for leaf in leaves(condition))
    return min((flip for flip in flips if flip is not None), default=None)


def _flip(leaf: Leaf, facts: Facts) -> datetime | None:
    match leaf:
        case Fact():
            return _fact_flip(leaf, facts)
        case Count():
            return _count_flip(leaf, facts)
        case Absent(event, lasting):
            last = facts.history.latest(event)
            known = facts.known_since
            return _ahead(facts, known if last is None or last < known else last, lasting)
        case InSegment(name):
            segment = facts.segments.get(name)
            return None if segment is None else next_flip(segment, facts)
        case InStage(name, lasting):
            return _ahead(facts, facts.stage_since, lasting) if facts.stage == name and lasting is not None else None
        case MessageWas(step, was, within):
            return None if within is None else _ahead(facts, facts.reached(step, was), within)
        case Happens() | Consented():
            return None


def _ahead(facts: Facts, at: datetime | None, length: timedelta) -> datetime | None:
    """The end of a length begun at an instant, if it is still ahead and within the years that there are."""
    if at is None or length <= facts.now - at:
        return None
    try:
        return at + length
    except OverflowError:
        return None


def _fact_flip(fact: Fact, facts: Facts) -> datetime | None:
    """`after: now` ends at the value; `before: now` begins just after it; within_last begins at it and then ends."""
    test = fact.test
    recent = test.operator is Operator.WITHIN_LAST
    if not recent and not (test.operator in TIMED and isinstance(test.value, Now)):
        return None
    at = fact_instant(facts.read(fact.name), _zone(facts), None)
    if test.operator is Operator.BEFORE:
        return _ahead(facts, at, _TICK)
    return _ahead(facts, at, _ZERO) or (_ahead(facts, at, test.value) if recent else None)


def _count_flip(count: Count, facts: Facts) -> datetime | None:
    """When the last event that is one too few, or one too many, falls out of the window."""
    if count.within is None:
        return None
    events = _counted(count, facts)
    decisive = [bound for bound in (count.at_least, None if count.at_most is None else count.at_most + 1) if bound]
    ends = [_ahead(facts, events[-bound].occurred_at, count.within) for bound in decisive if bound <= len(events)]
    return min((end for end in ends if end is not None), default=None)
