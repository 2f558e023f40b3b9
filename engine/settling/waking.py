"""Step 5 of a cause: waits that are over, or whose end has moved."""

from datetime import datetime, timedelta

from engine import ids
from engine.catalog import Instruction
from engine.customer import Enrollment, Waiting
from engine.decisions import Decided
from engine.facts import Event
from engine.journey import Message, WaitFor, WaitUntil
from engine.settling import permission, waits
from engine.settling.desk import Desk
from engine.settling.walk import Walk, plan_instead, wake, walk
from engine.words import EventKind, ExitReason

MOVES_ENDS = frozenset({EventKind.IDENTIFY, EventKind.UPDATE, EventKind.RESUMED})
"""What can move the end of a wait: the zone and the facts that it is reckoned by."""


def wake_by_cause(desk: Desk) -> None:
    """Wake those who wait for this cause, oldest first, and reckon anew what it may have changed for the others."""
    event = desk.event
    for one in desk.customer.live():
        if one.standing.since is None:
            continue
        if event is not None and event.kind is EventKind.RESUMED and event.properties.get("journey") == one.journey:
            _shift(desk, one, event)
        if _met(desk, one):
            continue
        if event is not None and event.kind in MOVES_ENDS:
            waits.reckon(desk, one)
        else:
            waits.watch(desk, one)


def wake_by_time(desk: Desk, one: Enrollment) -> None:
    """Look at an enrollment whose due time has come: its wait may be over, or only a condition have flipped."""
    if desk.stands_still(one):
        waits.watch(desk, one)
    elif (met := _met_by_time(desk, one)) is not None:
        _go_on(desk, one, *met)
    elif one.standing.ends_at is not None and one.standing.ends_at <= desk.instant:
        _end_wait(desk, one)
    else:
        waits.watch(desk, one)
        desk.touch(one)


def refused(desk: Desk, event: Event) -> None:
    """A provider has refused a message that has a fallback: plan it, unless its enrollment was left too early.

    It may be shut then, for which the claim has it wait.
    """
    asked = event.properties
    one = next((one for one in desk.customer.enrollments if one.id == asked["enrollment"]), None)
    if one is None or one.reason not in (None, ExitReason.FINISHED):
        return
    at = desk.program(one).index.get(str(asked["step"]))
    step = desk.program(one).instructions[at].step if at is not None else None
    if isinstance(step, Message) and step.fallback is not None:
        desk.customer.reserved.give_back(ids.message_id(one.id, step.id, int(asked["visit"]), step.channel))
        chosen, why = permission.choose(desk.customer, step.fallback)
        if chosen is None:
            desk.note(Decided.WITHHELD, one, step.id, why="unreachable", instead=str(why))
        else:
            plan_instead(desk, one, step, chosen, why)


def _met(desk: Desk, one: Enrollment) -> bool:
    """Is this cause what the enrollment waits for? Then it goes on."""
    if not desk.acts or desk.stands_still(one) or one.standing.waiting is not Waiting.EVENT:
        return False
    step, event = waits.step_of(desk, one), desk.event
    if not isinstance(step, WaitFor):
        return False
    if event is not None and event.kind is EventKind.RESUMED:
        met = waits.met_already(desk, one, step)
    else:
        met = waits.awaited(desk, one, step, event)
    if met is None:
        return False
    _go_on(desk, one, *met)
    return True


def _met_by_time(desk: Desk, one: Enrollment) -> waits.Met | None:
    """Is a condition true by now? After a pause also: did something happen meanwhile?"""
    step = waits.step_of(desk, one)
    if not isinstance(step, WaitFor) or one.standing.waiting is not Waiting.EVENT:
        return None
    if one.standing.not_before is not None:
        return waits.met_already(desk, one, step)
    return waits.awaited(desk, one, step, None)


def _go_on(desk: Desk, one: Enrollment, number: int, event: Event | None = None) -> None:
    """A wait_for is over by its item `number`."""
    instruction = _instruction(desk, one)
    if isinstance(instruction.step, WaitFor):
        walk(desk, one, wake(desk, one, instruction, instruction.step, number, event))


def _end_wait(desk: Desk, one: Enrollment) -> None:
    """The wait's own end has come."""
    if one.standing.waiting is Waiting.ARRIVAL:
        walk(desk, one, 0)
        return
    instruction, standing = _instruction(desk, one), one.standing
    at = desk.program(one).index[standing.step]
    match instruction.step:
        case WaitFor(first=items):
            _go_on(desk, one, len(items))
        case WaitUntil() as step if standing.past:
            move = Walk(desk, one, desk.program(one), range(0))
            move.go(move.gone_by(instruction, step, at))
        case Message():
            walk(desk, one, at)
        case _:
            walk(desk, one, instruction.next)


def _instruction(desk: Desk, one: Enrollment) -> Instruction:
    program = desk.program(one)
    return program.instructions[program.index[one.standing.step]]


def _shift(desk: Desk, one: Enrollment, event: Event) -> None:
    """Lengthen a wait by the time for which its journey was paused while it ran; a date stays, and is late.

    The event is dated by the beginning of the pause, so that it comes before every wait that ended meanwhile.
    """
    standing, resumed_at = one.standing, datetime.fromisoformat(str(event.properties["resumed_at"]))
    if standing.since is None:
        return
    paused = resumed_at - max(event.occurred_at, standing.since)
    standing.shift_seconds += max(timedelta(0), paused).total_seconds()
    standing.not_before = resumed_at
    desk.ring(one)
    desk.note(Decided.WAITING, one, standing.step, what="resumed", shift_seconds=standing.shift_seconds)
