"""Step 6 of a cause: who is let in, and why somebody was not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine import ids
from engine.conditions import Value
from engine.conditions.truth import holds, key_of, matches
from engine.customer import Enrollment, Held, Standing, Waiting
from engine.decisions import Decided
from engine.facts import Event
from engine.journey import Again, Journey, OnEvent, OnJourney
from engine.moments import utc
from engine.settling import waits
from engine.settling.desk import Desk
from engine.settling.leaving import leave
from engine.settling.permission import reachable
from engine.settling.walk import walk
from engine.words import EventKind, ExitReason, NotEntered, Origin

TOO_OLD = timedelta(hours=24)
LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Offer:
    """A journey that a cause opens; `event` is what opens it (None: time), `entry` what is handed over."""

    journey: Journey
    event: Event | None
    entry: Mapping[str, Value]


def let_in(desk: Desk) -> None:
    """Offer the customer to every journey that this cause opens, in the order of the files' paths.

    History opens nothing; of an event that is too old it is written down that it did not.
    """
    if not (desk.acts or is_too_old(desk.event)):
        return
    for offer in sorted([*_released(desk), *_opened(desk)], key=lambda one: one.journey.file):
        _consider(desk, offer)


def _released(desk: Desk) -> list[Offer]:
    """The entries that were kept until the customer is known, or for as long as their grace lasts."""
    customer, journeys = desk.customer, desk.catalog.release.journeys
    due = [one for one in customer.held if customer.identified or one.until <= desk.instant]
    if due:
        customer.held = [one for one in customer.held if one not in due]
    return [Offer(journeys[one.journey], one.event, one.event.properties) for one in due if one.journey in journeys]


def _opened(desk: Desk) -> list[Offer]:
    opened: dict[str, tuple[Journey, Mapping[str, Value]]] = {}
    if desk.moved_to:
        opened.update({journey.name: (journey, {}) for journey in desk.catalog.by_stage.get(desk.moved_to, ())})
    if desk.event is not None:
        opened.update({journey.name: (journey, entry) for journey, entry in _opened_by(desk, desk.event)})
    return [Offer(journey, desk.event, entry) for journey, entry in opened.values()]


def _opened_by(desk: Desk, event: Event) -> list[tuple[Journey, Mapping[str, Value]]]:
    match event.kind:
        case EventKind.TRACK:
            journeys = desk.catalog.by_event.get(event.name, ())
            return [(one, event.properties) for one in journeys if _fits(one, event)]
        case EventKind.LEFT:
            return [(one, event.properties["entry"]) for one in _listening(desk, event)]
        case EventKind.START:
            return _asked(desk, event)
        case EventKind.PUBLISHED:
            return [(one, {}) for one in _existing(desk, event)]
        case _:
            return []


def _fits(journey: Journey, event: Event) -> bool:
    return isinstance(journey.trigger, OnEvent) and matches(journey.trigger.where, event.properties, event.occurred_at)


def _listening(desk: Desk, event: Event) -> list[Journey]:
    found = []
    for journey in desk.catalog.by_journey.get(str(event.properties["journey"]), ()):
        trigger = journey.trigger
        if isinstance(trigger, OnJourney) and (not trigger.left or event.properties["reason"] in trigger.left):
            found.append(journey)
    return found


def _asked(desk: Desk, event: Event) -> list[tuple[Journey, Mapping[str, Value]]]:
    name = str(event.properties["journey"])
    journey = desk.catalog.release.journeys.get(name)
    if journey is None:
        desk.note(Decided.NOT_ENTERED, journey=name, why="no_such_journey")
        return []
    return [(journey, event.properties.get("with", {}))]


def _existing(desk: Desk, event: Event) -> list[Journey]:
    journeys = desk.catalog.by_stage.get(desk.customer.stage, ())
    return [one for one in journeys if one.name in event.properties["journeys"]]


def _consider(desk: Desk, offer: Offer) -> None:
    """Keep the entry of a customer who is not known yet, where the journey grants a grace; else decide it."""
    event, grace = offer.event, offer.journey.grace
    if event is desk.event and event is not None and grace and not desk.customer.identified:
        until = event.occurred_at + grace
        if event.kind is EventKind.TRACK and until > desk.instant:
            desk.customer.held.append(Held(offer.journey.name, event, until))
            desk.note(Decided.HELD, journey=offer.journey.name, why="not_known_yet")
            return
    why = _bar_of_all(desk, offer)
    one = None if why else _candidate(desk, offer)
    if one is not None:
        why = _bar_of_one(desk, offer.journey, one)
    if one is None or why is not None:
        desk.note(Decided.NOT_ENTERED, journey=offer.journey.name, why=str(why))
        return
    _enter(desk, one)


def _enter(desk: Desk, one: Enrollment) -> None:
    for inside in _inside(desk, one):
        leave(desk, inside, ExitReason.RESTARTED)
    desk.customer.enrollments.append(one)
    desk.customer.effects.entered.append(one)
    desk.note(Decided.ENTERED, one, held_out=one.held_out, version=one.version, entered_at=utc(one.entered_at))
    desk.ring(one)
    if one.entered_at > desk.instant:
        one.standing = Standing("", 1, Waiting.ARRIVAL, desk.instant, one.entered_at)
        waits.reckon(desk, one)
    else:
        walk(desk, one, 0)


def _candidate(desk: Desk, offer: Offer) -> Enrollment:
    journey, event, customer = offer.journey, offer.event, desk.customer
    cause = event.id if event is not None else desk.cause
    key = _key(journey, event, offer.entry)
    one = Enrollment(
        ids.enrollment_id(customer.id, journey.name, key, cause),
        journey.name,
        journey.digest,
        key,
        cause,
        _dated(desk, event),
        customer.order if event is None else event.order,
        dict(offer.entry),
        _is_held_out(desk, journey),
    )
    goal = journey.goal
    one.goal_until = one.entered_at + goal.within if goal and goal.within else None
    return one


def _is_held_out(desk: Desk, journey: Journey) -> bool:
    if not journey.holdout_percent:
        return False
    salt = desk.catalog.release.policy.salt
    return ids.share(salt, f"holdout {journey.name}", desk.customer.id) < journey.holdout_percent


def _dated(desk: Desk, event: Event | None) -> datetime:
    """When the entry counts as made: when its event occurred, or arrived if that was more than ten minutes later."""
    if event is None or event.kind is not EventKind.TRACK:
        return desk.instant
    return event.received_at if event.received_at - event.occurred_at > LATE else event.occurred_at


def _key(journey: Journey, event: Event | None, entry: Mapping[str, Value]) -> str | None:
    """The value of the key's property; a start names none of the trigger's events and goes by the first of them."""
    if event is None or not isinstance(journey.trigger, OnEvent) or not journey.trigger.keys:
        return None
    keys = journey.trigger.keys
    if event.kind is EventKind.TRACK:
        return key_of(event, keys)
    return key_of(replace(event, properties=entry), {"": keys.get("") or next(iter(keys.values()))})


def _bar_of_all(desk: Desk, offer: Offer) -> NotEntered | None:
    """What keeps her out whoever she is under whatever key."""
    journey = offer.journey
    if journey.name in desk.catalog.paused:
        return NotEntered.PAUSED
    if is_too_old(offer.event):
        return NotEntered.TOO_OLD
    if journey.stage is not None and journey.stage != desk.customer.stage:
        return NotEntered.NOT_IN_STAGE
    return None


def _bar_of_one(desk: Desk, journey: Journey, one: Enrollment) -> NotEntered | None:
    """The first reason that keeps this passage from beginning."""
    view, inside = desk.view(one), _inside(desk, one)
    if one.key is None and isinstance(journey.trigger, OnEvent) and journey.trigger.keys:
        return NotEntered.NO_KEY
    if journey.if_ is not None and not holds(journey.if_, view):
        return NotEntered.CONDITION_FALSE
    if inside and not journey.restart:
        return NotEntered.ALREADY_INSIDE
    if not inside and _too_soon(desk, journey, one):
        return NotEntered.AGAIN_TOO_SOON
    if journey.goal is not None and holds(journey.goal.until, view):
        return NotEntered.GOAL_ALREADY_MET
    if any(holds(exit_, view) for exit_ in journey.exits):
        return NotEntered.EXIT_ALREADY_TRUE
    return None if reachable(desk.customer, desk.program(one)) else NotEntered.NO_PERMISSION


def is_too_old(event: Event | None) -> bool:
    """Did it arrive more than a day after it happened? Then it is a fact and starts or wakes nothing."""
    if event is None or event.kind is not EventKind.TRACK or event.origin is not Origin.LIVE:
        return False
    return event.received_at - event.occurred_at > TOO_OLD


def _inside(desk: Desk, one: Enrollment) -> list[Enrollment]:
    return [other for other in desk.customer.live() if (other.journey, other.key) == (one.journey, one.key)]


def _too_soon(desk: Desk, journey: Journey, one: Enrollment) -> bool:
    if journey.again is Again.ALWAYS:
        return False
    left = desk.customer.past.last_left(journey.name, one.key)
    if left is None or journey.again_after is None:
        return left is not None
    return left + journey.again_after > desk.instant
