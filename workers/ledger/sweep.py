"""The sweep: messages whose sender fell silent, and enrollments whose run is gone."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from channels.protocol import Absent, Asked, LookUp, LookUps, Unavailable
from channels.protocol import Found as There
from engine import ids
from engine.facts import Event
from engine.words import Channel, EventKind, MessageState, Purpose
from records import events, messages, outbox, overdue
from records.database import Database
from records.errors import RecordsError
from records.messages import Found, Message
from records.overdue import Overdue
from workers.clocks import BusinessClock, RealClock
from workers.failpoints import reach
from workers.handover import workflow_id
from workers.ledger.deliver import Outlet
from workers.pace import Pace
from workers.settlement import code_of

T = TypeVar("T")
MESSAGES_A_ROUND = 100
RUNS_A_ROUND = 50
ENDED = frozenset({WorkflowExecutionStatus.TERMINATED, WorkflowExecutionStatus.CANCELED})
GONE = ENDED | frozenset(
    {WorkflowExecutionStatus.FAILED, WorkflowExecutionStatus.TIMED_OUT, WorkflowExecutionStatus.COMPLETED}
)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Sweep:
    """Looks every `pace.sweep` for what nobody else would find. Several may run: each change is a compare-and-set."""

    database: Database
    business: BusinessClock
    real: RealClock
    outlets: Mapping[Channel, Outlet]
    client: Client
    pace: Pace
    threads: Executor
    _behind: int = 0

    async def run(self) -> None:
        """Sweeps until it is cancelled."""
        while True:
            try:
                await self.sweep()
            except (RecordsError, RPCError) as error:
                log.warning("a sweep was broken off", code=code_of(error))
            await asyncio.sleep(self.pace.sweep.total_seconds())

    async def sweep(self) -> None:
        """Once: doubts, then runs."""
        for message in await self._in_thread(self._in_doubt):
            await self._clear_up(message)
        for one in await self._in_thread(self._overdue):
            await self._look_after(one)

    def _in_doubt(self) -> list[Message]:
        return self.database.read(lambda connection: messages.in_doubt(connection, self.real.now(), MESSAGES_A_ROUND))

    def _overdue(self) -> list[Overdue]:
        """The next ones in turn, so that those whose run is only slow do not hide the others."""
        long_ago = self.real.now() - self.pace.overdue
        due_before = self.business.at(long_ago)
        found = self.database.read(
            lambda connection: overdue.find(connection, due_before, long_ago, self._behind, RUNS_A_ROUND)
        )
        self._behind = found[-1].row if found else 0
        return found

    async def _clear_up(self, message: Message) -> None:
        """A lease that is over becomes a doubt; a doubt is looked up, and lives on where nothing proves anything."""
        if message.state is MessageState.SENDING:
            return await self._write(self._lapse, message)
        outlet = self.outlets[message.channel]
        look_ups = outlet.adapter.capabilities.look_ups
        there = Unavailable() if look_ups is LookUps.NONE else await self._look_up(outlet, message)
        if isinstance(there, There):
            found = Found(MessageState.ACCEPTED, provider=outlet.provider, provider_id=there.provider_id)
            return await self._write(self._resolve, message, found, proof=True)
        if look_ups is LookUps.AUTHORITATIVE and isinstance(there, Absent):
            found = Found(MessageState.NOT_SENT, "looked_up", provider=outlet.provider)
            return await self._write(self._resolve, message, found, proof=True)
        if look_ups is LookUps.AUTHORITATIVE:
            return await self._write(self._look_later, message)
        found_without = self._without_proof(message)
        if found_without is None:
            return await self._write(self._look_later, message)
        return await self._write(self._resolve, message, found_without, proof=False)

    async def _look_up(self, outlet: Outlet, message: Message) -> LookUp:
        address, submitted_at = await self._in_thread(
            lambda: self.database.read(lambda connection: messages.submission(connection, message))
        )
        return await outlet.adapter.look_up(Asked(message.correlation, address, submitted_at))

    def _without_proof(self, message: Message) -> Found | None:
        """A transactional message is sent again, a few times; a marketing one never, and is given up in the end."""
        if message.purpose is Purpose.TRANSACTIONAL and message.attempt < self.pace.attempts:
            return Found(MessageState.NOT_SENT, "sent_again")
        if message.purpose is Purpose.TRANSACTIONAL or self.real.now() - message.changed_at >= self.pace.give_up:
            return Found(MessageState.UNCERTAIN, message.reason)
        return None

    def _lapse(self, connection: Connection, message: Message) -> None:
        now = self.real.now()
        messages.lapse(connection, message, now, now + self.pace.doubt)

    def _look_later(self, connection: Connection, message: Message) -> None:
        messages.look_later(connection, message, self.real.now() + self.pace.doubt)

    def _resolve(self, connection: Connection, message: Message, found: Found, *, proof: bool) -> None:
        """Settle the doubt; what is to be sent again rings its run, which is started anew if it is over."""
        if messages.resolve(connection, message, found, self.real.now(), proof=proof):
            log.info("a doubt was cleared up", message=message.id, state=found.state.value, proof=proof)
            if found.state is MessageState.NOT_SENT:
                outbox.ring(connection, message.enrollment_row, self.real.now())

    async def _look_after(self, one: Overdue) -> None:
        """A run that was ended from outside is a forced exit; any other that is gone is started again."""
        try:
            status = (await self.client.get_workflow_handle(workflow_id(one.enrollment)).describe()).status
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            status = None
        if status in ENDED and one.lives:
            log.info("a run was ended from outside: forced exit", enrollment=one.enrollment)
            await self._write(self._force_exit, one)
        elif status is None or status in GONE:
            log.info("a run is gone: started again", enrollment=one.enrollment)
            await self._write(self._start_again, one)

    def _force_exit(self, connection: Connection, one: Overdue) -> None:
        """Dated before what the run has missed: an event at the instant of a wait comes first."""
        now = self.business.now()
        at, said = min(now, one.due_at or now), {"enrollment": one.enrollment}
        event = Event(ids.forced_exit_id(one.enrollment), EventKind.EXIT, "", at, now, said)
        events.ingest(connection, [(one.customer, event)])

    def _start_again(self, connection: Connection, one: Overdue) -> None:
        outbox.ring(connection, one.row, self.real.now())

    async def _write(self, change: Callable[..., None], *what: object, **how: object) -> None:
        def work(connection: Connection) -> None:
            change(connection, *what, **how)
            reach("sweep.before_commit")

        await self._in_thread(partial(self.database.write, work))
        reach("sweep.after_commit")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)
