"""Steps 3 and 4 of a cause: at most one move, and the enrollments of the stage that was left."""

from datetime import datetime

from engine.conditions.truth import holds, next_flip
from engine.customer import Enrollment, StageMove
from engine.decisions import Decided
from engine.settling.desk import GENERATIONS_PER_INSTANT, Desk
from engine.settling.leaving import leave
from engine.words import EventKind, ExitReason

FACTS = frozenset({EventKind.IDENTIFY, EventKind.UPDATE, EventKind.CONSENT, EventKind.SUPPRESS})
"""What changes a customer otherwise than by something she did."""


def arrive(desk: Desk) -> None:
    """The customer's first cause: she is known from now on, and in a stage: the first, or the one an import gave."""
    customer = desk.customer
    customer.known_since = customer.known_since or desk.instant
    if customer.stage_since is not None:
        return
    customer.stage_since, desk.arrived = customer.known_since, True
    imported, stage = bool(customer.stage), customer.stage or desk.catalog.release.lifecycle.start
    customer.stage = stage
    desk.note(Decided.ARRIVED, stage=stage)
    customer.effects.moves.append(StageMove(desk.instant, "", stage, desk.cause, "import" if imported else "start"))
    if not imported:
        desk.moved_to = stage


def move_by_cause(desk: Desk) -> None:
    """At most one move: the one the event asks for, else the first stage rule that is true."""
    event = desk.event
    if event is not None and event.kind in (EventKind.MOVE, EventKind.IDENTIFY) and event.properties.get("stage"):
        to, by = str(event.properties["stage"]), str(event.properties.get("journey", "api"))
        if to in desk.catalog.release.stages and to != desk.customer.stage:
            _move(desk, to, by, str(event.properties.get("enrollment", "")))
        return
    if _concerns_rules(desk) and not _stays_until(desk):
        view = desk.view(event=event)
        to = next((name for name, rule in desk.catalog.rules(desk.customer.stage).stages if holds(rule, view)), "")
        if to:
            _move(desk, to, "rule", "")


def recheck(desk: Desk) -> None:
    """Set when time alone may next move her, or let in an entry that is held for her."""
    customer = desk.customer
    if not (_concerns_rules(desk) or desk.moved_to or customer.held):
        return
    held = [one.until for one in customer.held]
    at, generation = _next_rule(desk)
    customer.recheck_at = min([at, *held] if at else held, default=None)
    customer.recheck_generation = generation if customer.recheck_at == at else 0


def _concerns_rules(desk: Desk) -> bool:
    """Can this cause change what the rules that lead out of her stage say? Time always can."""
    rules, event = desk.catalog.rules(desk.customer.stage), desk.event
    if desk.arrived or event is None or event.kind is EventKind.PUBLISHED:
        return True
    if event.kind is EventKind.TRACK:
        return event.name in rules.events
    return event.kind is EventKind.MOVE or (event.kind in FACTS and rules.facts)


def _next_rule(desk: Desk) -> tuple[datetime | None, int]:
    if stays_until := _stays_until(desk):
        return stays_until, 0
    view, rules = desk.view(), desk.catalog.rules(desk.customer.stage).states
    if any(holds(rule, view) for rule in rules):
        if desk.generation < GENERATIONS_PER_INSTANT:
            return desk.instant, desk.generation + 1
        desk.note(Decided.REFUSED, why="too_many_generations", stage=desk.customer.stage)
    return min((flip for flip in (next_flip(rule, view) for rule in rules) if flip), default=None), 0


def _stays_until(desk: Desk) -> datetime | None:
    """The end of her stay, during which no rule moves her; None when it is over."""
    customer = desk.customer
    here = desk.catalog.release.stages.get(customer.stage)
    if here is None or here.stay is None:
        return None
    end = (customer.stage_since or desk.instant) + here.stay
    return end if desk.instant < end else None


def _move(desk: Desk, to: str, by: str, mover: str) -> None:
    customer = desk.customer
    from_, customer.stage, customer.stage_since = customer.stage, to, desk.instant
    customer.effects.moves.append(StageMove(desk.instant, from_, to, desk.cause, by))
    desk.moved_to = to
    desk.note(Decided.MOVED, stage=to, left=from_, by=by)
    for one in customer.live():
        if _ends_with_stage(desk, one, from_) and one.id != mover:
            leave(desk, one, ExitReason.STAGE_LEFT)


def _ends_with_stage(desk: Desk, one: Enrollment, from_: str) -> bool:
    journey = desk.program(one).journey
    return journey.stage == from_ and not journey.survives_stage and not one.parting
