"""Advance an enrollment from a step until its next wait or its end: the only place where steps are taken."""

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from engine import calendar, ids
from engine.catalog import END, Instruction, Program
from engine.conditions import Value
from engine.conditions.truth import holds
from engine.customer import Enrollment, PlannedMessage, Standing, Waiting
from engine.decisions import Decided
from engine.facts import Event
from engine.journey import Choose, Exit, IfPast, Message, Split, Wait, WaitFor, WaitUntil, WhenCapped
from engine.moments import DEFAULT_EXPIRY, utc
from engine.settling import permission, waits
from engine.settling.acting import act
from engine.settling.desk import Desk
from engine.settling.leaving import leave
from engine.timing.caps import spelled
from engine.timing.hold import Hold, full_cap, hold
from engine.timing.reservations import Reservation
from engine.words import ExitReason, Purpose, Withheld

PARKED = -2
"""Where a walk is that waits."""


def walk(desk: Desk, one: Enrollment, at: int, skipping: range = range(0)) -> None:
    """Take steps from index `at` on; `skipping` is the stretch in which messages are passed over."""
    Walk(desk, one, desk.program(one), skipping).go(at)


@dataclass(slots=True)
class Walk:
    """One advance of one enrollment."""

    desk: Desk
    one: Enrollment
    program: Program
    skipping: range

    def go(self, at: int) -> None:
        """Take step after step."""
        self.one.standing = Standing(visit=self.one.standing.visit)
        while at not in (END, PARKED) and self.one.lives:
            instruction = self.program.instructions[at]
            at = self._take(instruction, at) if self._may(instruction) else instruction.next
        if at == END and self.one.lives:
            leave(self.desk, self.one, ExitReason.GOAL if self.one.parting else ExitReason.FINISHED)

    def _may(self, instruction: Instruction) -> bool:
        step = instruction.step
        if step.if_ is None or holds(step.if_, self.desk.view(self.one)):
            return True
        self.desk.note(Decided.PASSED_OVER, self.one, step.id, why="condition_false")
        return False

    def _take(self, instruction: Instruction, at: int) -> int:
        desk, one, step = self.desk, self.one, instruction.step
        match step:
            case Message():
                return self._message(instruction, step, at)
            case Wait() | WaitUntil() | WaitFor():
                self.skipping = range(0)
                return self._wait(instruction, step, at)
            case Choose():
                return self._choose(instruction, step)
            case Split():
                return self._split(instruction, step)
            case Exit():
                leave(desk, one, ExitReason.FINISHED, step.label)
            case _:
                act(desk, one, step)
        return instruction.next

    def _wait(self, instruction: Instruction, step: Wait | WaitUntil | WaitFor, at: int) -> int:
        match step:
            case Wait():
                return self._park(step.id, Waiting.TIME)
            case WaitUntil():
                return self._until(instruction, step, at)
            case WaitFor():
                return self._wait_for(instruction, step)

    def _park(self, step: str, waiting: Waiting, zone: str = "", **said: Value) -> int:
        desk, one = self.desk, self.one
        one.standing = Standing(step, one.standing.visit, waiting, desk.instant)
        waits.reckon(desk, one)
        desk.ring(one)
        ends = one.standing.ends_at
        until = utc(ends) if ends else ""
        desk.note(Decided.WAITING, one, step, until=until, zone=zone or desk.zone(one).key, what=waiting.value, **said)
        return PARKED

    def _until(self, instruction: Instruction, step: WaitUntil, at: int) -> int:
        moment = waits.target(self.desk, self.one, step, self.desk.instant)
        if moment is not None and moment > self.desk.instant:
            return self._park(step.id, Waiting.TIME)
        if moment == self.desk.instant:
            return instruction.next
        return self.gone_by(instruction, step, at)

    def gone_by(self, instruction: Instruction, step: WaitUntil, at: int) -> int:
        """The moment waited for is over already: go on, pass over the messages behind it, or leave."""
        self.desk.note(Decided.PASSED_OVER, self.one, step.id, why="moment_past", if_past=step.if_past.value)
        match step.if_past:
            case IfPast.EXIT:
                leave(self.desk, self.one, ExitReason.FINISHED, "moment_past")
            case IfPast.SKIP:
                self.skipping = range(at + 1, instruction.list_end)
            case IfPast.CONTINUE:
                pass
        return instruction.next

    def _wait_for(self, instruction: Instruction, step: WaitFor) -> int:
        desk, one = self.desk, self.one
        one.standing = Standing(step.id, one.standing.visit, Waiting.EVENT, desk.instant)
        if (met := self._met(step)) is not None:
            return wake(desk, one, instruction, step, *met)
        return self._park(step.id, Waiting.EVENT)

    def _met(self, step: WaitFor) -> waits.Met | None:
        if step.since_entry:
            return waits.met_already(self.desk, self.one, step)
        return waits.awaited(self.desk, self.one, step, None)

    def _choose(self, instruction: Instruction, step: Choose) -> int:
        view = self.desk.view(self.one)
        found = next((n for n, branch in enumerate(step.branches) if holds(branch.if_, view)), len(step.branches))
        chosen: Value = found + 1 if found < len(step.branches) else "otherwise"
        self.desk.note(Decided.CHOSE, self.one, step.id, branch=chosen)
        return instruction.paths[found]

    def _split(self, instruction: Instruction, step: Split) -> int:
        dealt, names = self.desk.customer.dealt, [arm.name for arm in step.arms]
        if dealt.get(step.name) not in names:
            dealt[step.name] = self._draw(step)
        self.desk.note(Decided.DEALT, self.one, step.id, arm=dealt[step.name])
        return instruction.paths[names.index(dealt[step.name])]

    def _draw(self, step: Split) -> str:
        salt = self.desk.catalog.release.policy.salt
        drawn = ids.share(salt, f"split {step.name}", self.desk.customer.id)
        upto = accumulate(arm.share for arm in step.arms)
        within = (arm.name for arm, end in zip(step.arms, upto, strict=True) if drawn < end)
        return next(within, step.arms[-1].name)

    def _message(self, instruction: Instruction, step: Message, at: int) -> int:
        desk, one = self.desk, self.one
        if at in self.skipping:
            desk.note(Decided.PASSED_OVER, one, step.id, why="moment_past")
            return instruction.next
        chosen, why = permission.choose(desk.customer, step)
        if chosen is None:
            said = "unreachable" if step.fallback else str(why)
            desk.note(Decided.WITHHELD, one, step.id, why=said, channel=step.channel.value, template=step.template)
            return instruction.next
        held = hold(desk.customer, desk.catalog, chosen, desk.instant)
        if held is not None:
            return self._hold(instruction, step, chosen, held)
        plan(desk, one, step, chosen, why)
        return instruction.next

    def _hold(self, instruction: Instruction, step: Message, chosen: Message, held: Hold) -> int:
        """Sleep until the message may go; go on without it where that never comes, or where it skips its caps."""
        said = {"cap": spelled(held.cap)} if held.cap else {}
        skips = held.cap is not None and chosen.when_capped is WhenCapped.SKIP
        if not skips and held.until is not None:
            return self._park(step.id, held.by, held.zone, **said)
        why = Withheld.CAPPED if skips else Withheld.NO_OPENING
        _withhold(self.desk, self.one, step, chosen, why, **said)
        return instruction.next


def plan_instead(desk: Desk, one: Enrollment, step: Message, chosen: Message, why: Withheld | None) -> None:
    """Plan the fallback of a message that did not go, if its caps have room: nobody sleeps here who could wait."""
    full = full_cap(desk.customer, desk.catalog, chosen, desk.instant)
    if full is None:
        plan(desk, one, step, chosen, why)
    else:
        _withhold(desk, one, step, chosen, Withheld.CAPPED, cap=spelled(full.cap))


def plan(desk: Desk, one: Enrollment, step: Message, chosen: Message, why: Withheld | None) -> None:
    """Plan a message at this instant, unless the customer is held out or it has expired already."""
    said = {} if why is None else {"instead": str(why)}
    expires_at = _expires_at(desk, one, chosen)
    if one.held_out or expires_at < desk.instant:
        _withhold(desk, one, step, chosen, Withheld.HOLDOUT if one.held_out else Withheld.EXPIRED, **said)
        return
    id_ = ids.message_id(one.id, step.id, one.standing.visit, chosen.channel)
    message = PlannedMessage(
        id_,
        one.id,
        one.journey,
        step.id,
        one.standing.visit,
        chosen.channel,
        chosen.template,
        chosen.purpose,
        chosen.topic,
        chosen.sender,
        desk.instant,
        expires_at,
        desk.give(one, chosen.with_),
        fallback=chosen is not step,
        parting=one.parting,
    )
    desk.customer.effects.planned.append(message)
    if message.purpose is Purpose.MARKETING:
        taken = Reservation(id_, one.id, desk.instant, message.channel, message.topic, message.parting)
        desk.customer.reserved.add(taken)
    desk.note(Decided.PLANNED, one, step.id, channel=chosen.channel.value, template=chosen.template, **said)
    desk.ring(one)


def _withhold(desk: Desk, one: Enrollment, step: Message, chosen: Message, why: Withheld, **said: Value) -> None:
    of = {"channel": chosen.channel.value, "template": chosen.template}
    desk.note(Decided.WITHHELD, one, step.id, why=why.value, **of, **said)


def wake(
    desk: Desk, one: Enrollment, instruction: Instruction, step: WaitFor, number: int, event: Event | None = None
) -> int:
    """A wait_for is over by its item `number` (one behind the last: the timeout); where it goes on."""
    item = step.first[number] if number < len(step.first) else None
    if event is not None:
        one.used.append(event.id)
        if item is not None and item.as_ is not None:
            one.names[item.as_] = event.properties
    desk.note(Decided.WOKE, one, step.id, item=number + 1 if item else "timeout", event=event.id if event else "")
    return instruction.paths[number]


def _expires_at(desk: Desk, one: Enrollment, message: Message) -> datetime:
    expiry = message.expires
    if expiry.at is not None:
        fact = desk.known(one, expiry.at.fact)
        at = calendar.reach(expiry.at, desk.instant, desk.zone(one), fact)
        if at is not None:
            return at
    return desk.instant + (expiry.after or DEFAULT_EXPIRY)
