"""Step 2 of a cause: forced exits, goals, exits and lost permission; they take effect at once, in any wait."""

from collections.abc import Sequence

from engine.conditions import Condition, Value
from engine.conditions.truth import holds
from engine.customer import Enrollment
from engine.decisions import Decided
from engine.facts import Event
from engine.settling.desk import Desk
from engine.settling.learning import opts_out
from engine.settling.leaving import leave, withdraw
from engine.settling.permission import reachable
from engine.settling.walk import walk
from engine.words import EventKind, ExitReason


def end_what_is_over(desk: Desk, enrollments: Sequence[Enrollment]) -> None:
    """Ask each enrollment for its goal and then its exits; count the goals of those that are left."""
    for one in enrollments:
        if not _concerns(desk, one):
            continue
        open_ = one.lives and one.goal_at is None
        if not open_:
            _count(desk, one)
        if not one.lives:
            continue
        if _forced(desk, one):
            leave(desk, one, ExitReason.FORCED)
        elif not (open_ and _reach(desk, one)):
            _leave_by_rule(desk, one)


def _concerns(desk: Desk, one: Enrollment) -> bool:
    """Can this cause end it or count for it? An event does by its name, a state by any cause."""
    if not one.lives and one.goal_until is None:
        return False
    program, event = desk.program(one), desk.event
    if program.watches_state:
        return True
    if event is None:
        return False
    return event.kind is not EventKind.TRACK or event.name in program.ended_by


def _leave_by_rule(desk: Desk, one: Enrollment) -> None:
    program = desk.program(one)
    if one.parting:
        return
    if any(_holds(desk, one, condition) for condition in program.journey.exits):
        leave(desk, one, ExitReason.EXIT)
    elif opts_out(desk.event) and not reachable(desk.customer, program):
        leave(desk, one, ExitReason.NO_PERMISSION)


def _reach(desk: Desk, one: Enrollment) -> bool:
    """Has it reached its goal, and does that end it? History has it leave without the goal's own steps."""
    program = desk.program(one)
    goal = program.journey.goal
    if goal is None or one.parting or not _holds(desk, one, goal.until):
        return False
    _count(desk, one)
    if goal.then and desk.acts:
        withdraw(desk, one)
        one.parting = True
        walk(desk, one, program.goal_start)
    elif goal.leave:
        leave(desk, one, ExitReason.GOAL)
    return goal.leave


def _count(desk: Desk, one: Enrollment) -> None:
    """Count a match of the goal within its time: the first converts, all add up their value."""
    goal = desk.program(one).journey.goal
    event = _dated(desk.event, one)
    when = event.occurred_at if event else desk.instant
    if goal is None or (one.goal_until is not None and when > one.goal_until) or not _holds(desk, one, goal.until):
        return
    if one.goal_at is not None and holds(goal.until, desk.view(one)):
        return
    first, one.goal_at = one.goal_at is None, one.goal_at or desk.instant
    one.goal_value += _number(event.properties.get(goal.value)) if event and goal.value else 0
    desk.touch(one)
    if first:
        desk.note(Decided.GOAL, one, one.standing.step, value=one.goal_value, held_out=one.held_out)


def _number(value: Value) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _holds(desk: Desk, one: Enrollment, condition: Condition) -> bool:
    return holds(condition, desk.view(one, _dated(desk.event, one)))


def _dated(event: Event | None, one: Enrollment) -> Event | None:
    """The event, unless it is dated before the entry."""
    return event if event is not None and event.occurred_at >= one.entered_at else None


def _forced(desk: Desk, one: Enrollment) -> bool:
    event = desk.event
    if event is None or event.kind is not EventKind.EXIT:
        return False
    asked = event.properties
    return bool(asked.get("enrollment", one.id) == one.id and asked.get("journey", one.journey) == one.journey)
