"""Every execution of the protocol in the model's world, explored, and each state held against the oracle."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from channels.protocol import Absent, LookUp, Unavailable
from channels.protocol import Found as There
from engine.words import MessageState, Purpose
from records.tables.columns import from_micros
from tests.ledger.protocol import Protocol
from tests.ledger.world import (
    FINAL,
    GOOD,
    SEALED,
    TROUBLE,
    Look,
    Manner,
    Process,
    Provider,
    Rows,
    World,
    planned_message,
    read_rows,
    taken_back,
)

LOOKS_AT_ONCE = 2
Move = tuple[str, Callable[[Connection], World]]


class Violation(AssertionError):
    """A state that must not be, and the way to it."""


@dataclass
class Exploration:
    """One purpose, one provider, one protocol: every state that can be reached, each once.

    `executions` counts the ways through them from the beginning to an end; `refused` attempts were there before it.
    """

    protocol: Protocol
    purpose: Purpose
    provider: Provider
    faults: int = 2
    refused: int = 0
    states: int = 0
    _executions: dict[Any, int] = field(default_factory=dict)
    _way: list[str] = field(default_factory=list)

    def explore(self) -> int:
        """How many executions there are. Raises Violation at the first one that goes wrong."""
        with planned_message(self.purpose, self.refused) as connection:
            return self._explore(connection, World(faults=self.faults), 0)

    def _explore(self, connection: Connection, world: World, depth: int) -> int:
        rows = read_rows(connection)
        world = replace(world, was_accepted=world.was_accepted or rows.state == "accepted")
        key = (world.key(), rows)
        if key in self._executions:
            return self._executions[key]
        self.states += 1
        self._hold(world, rows)
        executions, ended = 0, _ended(world, rows)
        if ended:
            self._hold_end(connection, world, rows, depth)
            executions = 1
        for name, move in self._moves(connection, world, rows):
            self._way.append(name)
            with taken_back(connection, depth):
                executions += self._explore(connection, move(connection), depth + 1)
            self._way.pop()
        self._must(executions > 0, "it stands still before its end", world, rows)
        self._executions[key] = executions
        return executions

    def _hold(self, world: World, rows: Rows) -> None:
        """What is true in every state."""
        attempts, taken = dict(rows.attempts), world.taken
        if self.purpose is Purpose.MARKETING:
            self._must(len(taken) <= 1, "marketing was accepted twice", world, rows)
        self._must(len(taken) <= 1 or rows.is_marked, "accepted twice, and nobody says so", world, rows)
        self._must(rows.state != "rejected" or not taken, "what is rejected was accepted", world, rows)
        self._must(set(taken) <= attempts.keys(), "an accept has no row", world, rows)
        wrong = {number for number in taken if attempts.get(number) in ("rejected", "not_sent")}
        self._must(not wrong, "an attempt that was accepted is called not sent", world, rows)
        self._must(rows.state == "accepted" or not world.was_accepted, "accepted did not stay so", world, rows)
        self._must(rows.state == "accepted" or not world.told, "what was told is not believed", world, rows)

    def _hold_end(self, connection: Connection, world: World, rows: Rows, depth: int) -> None:
        """What is true where nothing is under way any more."""
        self._must(rows.state != "accepted" or bool(world.taken), "accepted, but nobody took it", world, rows)
        if self.purpose is Purpose.TRANSACTIONAL and not world.rejected:
            self._must(bool(world.taken), "a transactional message is lost", world, rows)
        with taken_back(connection, depth):
            for attempt in world.told:
                self.protocol.hear(connection, attempt, world.now)
            self._must(read_rows(connection) == rows, "hearing the same again changed something", world, rows)

    def _must(self, holds: bool, words: str, world: World, rows: Rows) -> None:
        if not holds:
            raise Violation(f"{words}: {rows}, taken {world.taken}; by " + ", ".join(self._way))

    def _moves(self, connection: Connection, world: World, rows: Rows) -> Iterator[Move]:
        awake = any(not one.stalled for one in world.processes)
        if not awake and _may_begin(world, rows):
            yield "deliver", partial(self._begin, world)
        for one in dict.fromkeys(world.processes):
            yield from self._of_process(world, one)
        yield from self._of_sweep(connection, world, rows)
        for attempt in dict.fromkeys(world.landing):
            yield f"attempt {attempt} lands", partial(_land, world, attempt)
        for attempt in sorted(set(world.taken) - world.told):
            yield f"attempt {attempt} is told", partial(self._hear, world, attempt)
        later = [at for at in _times(rows) if at > world.now]
        if not awake and later:
            yield "time passes", lambda _: replace(world, now=min(later))

    def _of_process(self, world: World, one: Process) -> Iterator[Move]:
        if one.found is not None:
            yield "record", partial(self._record, world, one)
        else:
            for manner in (GOOD, *(TROUBLE if world.faults else ())):
                yield f"submit: {manner.name}", partial(self._submit, world, one, manner)
        if world.faults:
            yield "crash", lambda _: replace(_without(world, one), faults=world.faults - 1)
            if not one.stalled:
                yield "stall", lambda _: _with(_without(world, one), replace(one, stalled=True), 1)

    def _of_sweep(self, connection: Connection, world: World, rows: Rows) -> Iterator[Move]:
        lease_until = rows.message[3]
        due = lease_until is not None and from_micros(lease_until) <= world.now
        if due and rows.state in ("sending", "unknown") and len(world.looks) < LOOKS_AT_ONCE:
            seen = self.protocol.find(connection)
            for looked, faults in self._looked(world, seen.state, seen.attempt):
                look = Look(seen, looked, (seen.state, seen.epoch))
                yield f"look: {looked}", partial(self._look, world, look, faults)
        for look in dict.fromkeys(world.looks):
            yield "sweep", partial(self._clear_up, world, look)

    def _looked(self, world: World, state: MessageState, attempt: int) -> Iterator[tuple[LookUp | None, int]]:
        """What may be seen of an attempt, and how many faults that is: a look-up that lags does not see it yet."""
        if state is MessageState.SENDING or not self.provider.asked:
            yield None, 0
            return
        there = attempt in world.taken
        if there:
            yield There("7"), 0
        if not (there and self.provider.authoritative):
            yield Absent(), 0
        if world.faults:
            yield Unavailable(), 1

    def _begin(self, world: World, connection: Connection) -> World:
        sent = self.protocol.begin(connection, world.now)
        if sent is None:
            return world
        return _with(world, Process(sent, fenced_by=(sent.attempt, sent.epoch)), 0)

    def _submit(self, world: World, one: Process, manner: Manner, _: Connection) -> World:
        attempt, outcome = one.sent.attempt, manner.outcome
        if attempt in world.sealed:
            outcome, manner = SEALED, replace(GOOD, takes=False)
        found = self.protocol.found(outcome, attempt, world.now)
        after = _with(_without(world, one), replace(one, found=found), int(manner.name != GOOD.name))
        return replace(
            after,
            taken=(*world.taken, attempt) if manner.takes else world.taken,
            landing=(*world.landing, attempt) if manner.takes_late else world.landing,
            rejected=world.rejected or manner.name == "rejected",
        )

    def _record(self, world: World, one: Process, connection: Connection) -> World:
        assert one.found is not None
        self.protocol.record(connection, one.sent, one.found, world.now)
        return _without(world, one)

    def _look(self, world: World, look: Look, faults: int, _: Connection) -> World:
        seals = self.provider.authoritative and look.looked == Absent()
        sealed = world.sealed | {look.seen.attempt} if seals else world.sealed
        return replace(world, looks=(*world.looks, look), sealed=sealed, faults=world.faults - faults)

    def _clear_up(self, world: World, look: Look, connection: Connection) -> World:
        ruling = self.protocol.rule(look.seen, look.looked, self.provider, world.now)
        self.protocol.clear_up(connection, look.seen, ruling, world.now)
        looks = list(world.looks)
        looks.remove(look)
        return replace(world, looks=tuple(looks))

    def _hear(self, world: World, attempt: int, connection: Connection) -> World:
        self.protocol.hear(connection, attempt, world.now)
        return replace(world, told=world.told | {attempt})


def _ended(world: World, rows: Rows) -> bool:
    return rows.state in FINAL and not (world.processes or world.looks or world.landing)


def _may_begin(world: World, rows: Rows) -> bool:
    """Whether a delivery finds something to do: Temporal tries again for as long as the message is not over."""
    lease_until, not_before = rows.message[3], rows.message[4]
    if rows.state == "sending":
        return lease_until is not None and from_micros(lease_until) <= world.now
    return rows.state in ("planned", "not_sent") and (not_before is None or from_micros(not_before) <= world.now)


def _times(rows: Rows) -> Iterator[datetime]:
    """When something falls due."""
    if rows.state not in FINAL:
        yield from (from_micros(at) for at in rows.message[3:5] if at is not None)


def _land(world: World, attempt: int, _: Connection) -> World:
    """What was under way arrives, unless the provider has sealed it."""
    landing = list(world.landing)
    landing.remove(attempt)
    taken = world.taken if attempt in world.sealed else (*world.taken, attempt)
    return replace(world, landing=tuple(landing), taken=taken)


def _with(world: World, process: Process, faults: int) -> World:
    return replace(world, processes=(*world.processes, process), faults=world.faults - faults)


def _without(world: World, process: Process) -> World:
    processes = list(world.processes)
    processes.remove(process)
    return replace(world, processes=tuple(processes))
