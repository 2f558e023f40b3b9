"""Step 6 of a cause: who is let in, and why somebody was not."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine import ids
from engine.conditions import Value
from engine.customer import Enrollment, Held, Standing, Waiting
from engine.decisions import Decided
from engine.facts import Event
from engine.journey import Again, Journey, OnEvent, OnJourney
from engine.moments import utc
from engine.settling.desk import Desk
from engine.settling.leaving import leave
from engine.settling.permission import reachable
from engine.settling.walk import walk
from engine.truth import holds, matches
from engine.words import EventKind, ExitReason, NotEntered, Origin

TOO_OLD = timedelta(hours=24)
LATE = timedelta(minutes=10)


def let_in(desk: Desk) -> None:
    """Offer the customer to every journey that this cause opens, in the order of the files' paths."""
    for journey, entry in sorted(_opened(desk), key=lambda one: one[0].file):
        _offer(desk, journey, desk.event, entry)


def release_held(desk: Desk) -> None:
    """Decide the entries that were kept until the customer is known, or for as long as their grace lasts."""
    due = [one for one in desk.customer.held if desk.customer.identified or one.until <= desk.instant]
    desk.customer.held = [one for one in desk.customer.held if one not in due]
    for one in due:
        journey = desk.catalog.release.journeys.get(one.journey)
        if journey is not None:
            _enter(desk, journey, one.event, one.event.properties)


def _opened(desk: Desk) -> list[tuple[Journey, Mapping[str, Value]]]:
    event, catalog = desk.event, desk.catalog
    found: list[tuple[Journey, Mapping[str, Value]]] = []
    if desk.moved_to:
        found += [(journey, {}) for journey in catalog.by_stage.get(desk.moved_to, ())]
    return found if event is None else [*found, *_opened_by(desk, event)]


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


def _offer(desk: Desk, journey: Journey, event: Event | None, entry: Mapping[str, Value]) -> None:
    """Keep the entry of a customer who is not known yet, where the journey grants a grace; else decide it."""
    if event is not None and journey.grace and not desk.customer.identified and event.kind is EventKind.TRACK:
        until = event.occurred_at + journey.grace
        if until > desk.instant:
            desk.customer.held.append(Held(journey.name, event, until))
            desk.note(Decided.HELD, journey=journey.name, why="not_known_yet")
            return
    _enter(desk, journey, event, entry)


def _enter(desk: Desk, journey: Journey, event: Event | None, entry: Mapping[str, Value]) -> None:
    one = _candidate(desk, journey, event, entry)
    why = _bar(desk, journey, one, event)
    if why is not None:
        desk.note(Decided.NOT_ENTERED, journey=journey.name, why=why.value)
        return
    for inside in _inside(desk, one):
        leave(desk, inside, ExitReason.RESTARTED)
    desk.customer.enrollments.append(one)
    desk.customer.effects.entered.append(one)
    desk.note(Decided.ENTERED, one, held_out=one.held_out, version=one.version, entered_at=utc(one.entered_at))
    desk.ring(one)
    if one.entered_at > desk.instant:
        one.standing = Standing("", 1, Waiting.ARRIVAL, desk.instant, one.entered_at)
    else:
        walk(desk, one, 0)


def _candidate(desk: Desk, journey: Journey, event: Event | None, entry: Mapping[str, Value]) -> Enrollment:
    cause = event.id if event is not None else desk.cause
    key = _key(journey, event, entry)
    drawn = ids.share(desk.catalog.release.policy.salt, f"holdout {journey.name}", desk.customer.id)
    one = Enrollment(
        ids.enrollment_id(desk.customer.id, journey.name, key, cause),
        journey.name,
        journey.digest,
        key,
        cause,
        _dated(desk, event),
        desk.customer.order if event is desk.event or event is None else event.order,
        dict(entry),
        drawn < journey.holdout_percent,
    )
    goal = journey.goal
    one.goal_until = one.entered_at + goal.within if goal and goal.within else None
    return one


def _dated(desk: Desk, event: Event | None) -> datetime:
    """When the entry counts as made: when its event occurred, or arrived if that was more than ten minutes later."""
    if event is None or event.kind is not EventKind.TRACK:
        return desk.instant
    return event.received_at if event.received_at - event.occurred_at > LATE else event.occurred_at


def _key(journey: Journey, event: Event | None, entry: Mapping[str, Value]) -> str | None:
    if not isinstance(journey.trigger, OnEvent) or not journey.trigger.keys:
        return None
    name = event.name if event is not None else ""
    prop = journey.trigger.keys.get(name) or journey.trigger.keys.get("") or next(iter(journey.trigger.keys.values()))
    value = entry.get(prop)
    return None if value is None else str(value)


def _bar(desk: Desk, journey: Journey, one: Enrollment, event: Event | None) -> NotEntered | None:
    """The first reason that keeps her out."""
    customer, program = desk.customer, desk.catalog.program(one.version)
    view = desk.view(one)
    reasons = (
        (NotEntered.PAUSED, lambda: journey.name in desk.catalog.paused),
        (NotEntered.TOO_OLD, lambda: is_too_old(event)),
        (NotEntered.NOT_IN_STAGE, lambda: journey.stage is not None and journey.stage != customer.stage),
        (NotEntered.NO_KEY, lambda: one.key is None and isinstance(journey.trigger, OnEvent) and journey.trigger.keys),
        (NotEntered.CONDITION_FALSE, lambda: journey.if_ is not None and not holds(journey.if_, view)),
        (NotEntered.ALREADY_INSIDE, lambda: not journey.restart and _inside(desk, one)),
        (NotEntered.AGAIN_TOO_SOON, lambda: not _inside(desk, one) and _too_soon(desk, journey, one)),
        (NotEntered.GOAL_ALREADY_MET, lambda: journey.goal is not None and holds(journey.goal.until, view)),
        (NotEntered.EXIT_ALREADY_TRUE, lambda: any(holds(exit_, view) for exit_ in journey.exits)),
        (NotEntered.NO_PERMISSION, lambda: not reachable(customer, program)),
    )
    return next((reason for reason, bars in reasons if bars()), None)


def is_too_old(event: Event | None) -> bool:
    """Did it arrive more than a day after it happened? Then it is a fact and starts or wakes nothing."""
    return event is not None and event.origin is Origin.LIVE and event.received_at - event.occurred_at > TOO_OLD


def _inside(desk: Desk, one: Enrollment) -> list[Enrollment]:
    return [other for other in desk.customer.live() if (other.journey, other.key) == (one.journey, one.key)]


def _too_soon(desk: Desk, journey: Journey, one: Enrollment) -> bool:
    if journey.again is Again.ALWAYS:
        return False
    left = desk.customer.past.last_left(journey.name, one.key)
    if left is None or journey.again_after is None:
        return left is not None
    return left + journey.again_after > desk.instant
