"""Where an enrollment is, in words that support staff read; nothing personal in them."""

from typing import Final
from zoneinfo import ZoneInfo

from engine.catalog import END, Instruction, Program
from engine.conditions import Count, Happens, MessageWas
from engine.customer import Enrollment, Standing, Waiting
from engine.journey import Awaited, Message, WaitFor

_HELD: Final = {Waiting.CAP: "Held back by a cap", Waiting.QUIET_HOURS: "Quiet hours"}


def words(one: Enrollment, program: Program, zone: ZoneInfo, *, paused: bool = False) -> str:
    """One sentence; times are on the clock of `zone`.

    Example: `Waiting until Tue 3 Mar 09:00 Europe/Berlin for project_created, then: need_a_hand`.
    """
    if one.reason is not None:
        return f"Left: {one.reason}" + (f" ({one.label})" if one.label else "")
    if paused:
        return f"Paused at {one.standing.step or 'its beginning'}, since the journey is paused"
    at = program.index.get(one.standing.step)
    if at is None:
        return f"Waiting{_until(one.standing, zone)} to begin"
    if one.standing.waiting in _HELD:
        return f"{_HELD[one.standing.waiting]}{_until(one.standing, zone)}, then: {one.standing.step}"
    return f"Waiting{_until(one.standing, zone)}{_for(program, program.instructions[at], one.standing)}"


def _until(standing: Standing, zone: ZoneInfo) -> str:
    if standing.ends_at is None:
        return ""
    local = standing.ends_at.astimezone(zone)
    return f" until {local:%a} {local.day} {local:%b %H:%M} {zone.key}"


def _for(program: Program, instruction: Instruction, standing: Standing) -> str:
    step = instruction.step
    if standing.waiting is Waiting.WINDOW:
        return f" to send {step.id}"
    if isinstance(step, WaitFor):
        awaited = " or ".join(_name(item) for item in step.first)
        return f" for {awaited}, then: {_step(program, instruction.paths[-1])}"
    return f", then: {_step(program, instruction.next)}"


def _name(item: Awaited) -> str:
    match item.until:
        case Happens(event) | Count(event):
            return event
        case MessageWas(step, was):
            return f"{step} {was}"
        case _:
            return "a condition"


def _step(program: Program, at: int) -> str:
    if at == END:
        return "the end"
    step = program.instructions[at].step
    return step.id if isinstance(step, Message) else f"{step.id} ({type(step).__name__.lower()})"
