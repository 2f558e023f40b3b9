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

from channels.protocol import Asked, LookUp, LookUps, Unavailable
from engine import ids
from engine.facts import Event
from engine.words import Channel, EventKind, MessageState
from records import events, messages, outbox, overdue
from records.database import Database
from records.errors import RecordsError
from records.ledger.asked import submission
from records.messages import Message
from records.overdue import Overdue
from workers.clocks import BusinessClock, RealClock
from workers.failpoints import reach
from workers.handover import workflow_id
from workers.ledger.deliver import Outlet
from workers.ledger.doubts import Ruling, clear_up, rule
from workers.pace import Pace
from workers.settlement import code_of

T = TypeVar("T")
MESSAGES_A_ROUND = 100
RUNS_A_ROUND = 50
LOOKS_AT_ONCE = 8
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
        """Once: doubts, some side by side, then runs."""
        gate = asyncio.Semaphore(LOOKS_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for message in await self._in_thread(self._in_doubt):
                group.create_task(self._try_clear_up(message, gate))
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

    async def _try_clear_up(self, message: Message, gate: asyncio.Semaphore) -> None:
        """One that fails is met again in the next round, and holds up no other."""
        try:
            await self._clear_up(message, gate)
        except RecordsError as error:
            log.warning("a doubt could not be cleared up", message=message.id, code=error.code)

    async def _clear_up(self, message: Message, gate: asyncio.Semaphore) -> None:
        """A lease that is over becomes a doubt; a doubt is looked up, and lives on where nothing proves anything."""
        if message.state is MessageState.SENDING:
            return await self._write(self._lapse, message)
        outlet = self.outlets[message.channel]
        async with gate:
            looked = await self._look_up(outlet, message)
        look_ups = outlet.adapter.capabilities.look_ups if message.provider == outlet.provider else LookUps.NONE
        ruling = rule(message, looked, look_ups, outlet.provider, self.real.now(), self.pace)
        return await self._write(self._rule, message, ruling)

    async def _look_up(self, outlet: Outlet, message: Message) -> LookUp | None:
        """What the provider says of the newest attempt; None where it cannot be asked, or another was sent it."""
        if message.provider not in (None, outlet.provider) or outlet.adapter.capabilities.look_ups is LookUps.NONE:
            return None
        address, submitted_at = await self._in_thread(
            lambda: self.database.read(lambda connection: submission(connection, message))
        )
        asked = Asked(message.correlation, address, submitted_at)
        try:
            async with asyncio.timeout(self.pace.submit.total_seconds()):
                return await outlet.adapter.look_up(asked)
        except TimeoutError:
            return Unavailable()

    def _lapse(self, connection: Connection, message: Message) -> None:
        now = self.real.now()
        messages.lapse(connection, message, now, now + self.pace.doubt)

    def _rule(self, connection: Connection, message: Message, ruling: Ruling | None) -> None:
        if clear_up(connection, message, ruling, self.real.now(), self.pace) and ruling is not None:
            log.info("a doubt was cleared up", message=message.id, state=ruling.found.state.value, proof=ruling.proof)

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
        events.ingest(connection, [(one.customer, event)], strangers=False)

    def _start_again(self, connection: Connection, one: Overdue) -> None:
        outbox.ring(connection, one.row, self.real.now())

    async def _write(self, change: Callable[..., None], *what: object) -> None:
        def work(connection: Connection) -> None:
            change(connection, *what)
            reach("sweep.before_commit")

        await self._in_thread(partial(self.database.write, work))
        reach("sweep.after_commit")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)
