"""Steps that act on the customer: each becomes a cause of the next generation, seen at once by its own enrollment."""

from engine.conditions import Value
from engine.customer import Enrollment
from engine.decisions import Decided
from engine.facts import MISSING
from engine.journey import Add, Emit, MoveTo, Start, Update
from engine.settling.desk import Desk, added
from engine.words import EventKind, Withheld


def act(desk: Desk, one: Enrollment, step: Update | Emit | MoveTo | Start) -> None:
    """Take the step."""
    match step:
        case Update():
            _update(desk, one, step)
        case Emit():
            _emit(desk, one, step)
        case MoveTo():
            _move_to(desk, one, step)
        case Start():
            _start(desk, one, step)


def _update(desk: Desk, one: Enrollment, step: Update) -> None:
    """`update`: attributes set or added to."""
    view, given = desk.view(one), desk.give(one, step.attributes)
    adds = {name: said.amount for name, said in given.items() if isinstance(said, Add)}
    sets = {name: said for name, said in given.items() if not isinstance(said, Add)}
    one.own.update(sets)
    for name, amount in adds.items():
        before = view.read(f"customer.{name}")
        after = added(None if before is MISSING else before, Add(amount))
        if after is not None:
            one.own[name] = after
    properties: dict[str, Value] = {"enrollment": one.id, "set": sets, "add": adds}
    desk.note(Decided.UPDATED, one, step.id, attributes=sorted(given))
    desk.emit(one, step.id, EventKind.UPDATE, "", properties)


def _emit(desk: Desk, one: Enrollment, step: Emit) -> None:
    """`emit`: an event of ours; withheld for a holdout."""
    if _held_out(desk, one, step.id, event=step.event):
        return
    desk.note(Decided.EMITTED, one, step.id, event=step.event)
    desk.emit(one, step.id, EventKind.TRACK, step.event, desk.give(one, step.with_))


def _move_to(desk: Desk, one: Enrollment, step: MoveTo) -> None:
    """`move_to`: the customer goes to a stage; her own journey does not end by it."""
    desk.note(Decided.MOVING, one, step.id, stage=step.stage)
    asked: dict[str, Value] = {"stage": step.stage, "enrollment": one.id, "journey": one.journey}
    desk.emit(one, step.id, EventKind.MOVE, "", asked)


def _start(desk: Desk, one: Enrollment, step: Start) -> None:
    """`start`: the customer is offered to another journey; withheld for a holdout."""
    if _held_out(desk, one, step.id, starts=step.journey):
        return
    desk.note(Decided.STARTED, one, step.id, starts=step.journey)
    asked: dict[str, Value] = {"journey": step.journey, "with": desk.give(one, step.with_)}
    desk.emit(one, step.id, EventKind.START, "", asked)


def _held_out(desk: Desk, one: Enrollment, step: str, **detail: Value) -> bool:
    if one.held_out:
        desk.note(Decided.WITHHELD, one, step, why=Withheld.HOLDOUT.value, **detail)
    return one.held_out
