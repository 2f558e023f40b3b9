"""The relay: settles customers to whom something has come, and hands starts and rings to Temporal.

Several may run. It never selects by an enrollment's due time: that is Temporal's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from engine.errors import Unsettled
from records import customers, outbox, releases
from records.errors import Locked, RecordsError, Unknown
from records.outbox import Bell
from workers.failpoints import reach
from workers.handover import Handover
from workers.pace import Pace
from workers.settlement import Settlement

T = TypeVar("T")
CUSTOMERS_A_ROUND = 50
BELLS_A_ROUND = 100
TOLD_A_ROUND = 200

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Relay:
    """Polls, and goes on at once when it is nudged. Database work runs on `threads`."""

    settlement: Settlement
    handover: Handover
    pace: Pace
    threads: Executor
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _rang: asyncio.Event = field(default_factory=asyncio.Event)

    def nudge(self) -> None:
        """Something has come in: do not wait for the next poll. From within the loop alone."""
        self._came.set()

    async def run(self) -> None:
        """Settles and hands over, side by side, until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._over_and_over(self.settle_due, self._came))
            group.create_task(self._over_and_over(self.hand_over_due, self._rang))

    async def settle_due(self) -> int:
        """One round: customers who are due, a transaction each; when there is nobody, news of a release. How many."""
        settled = await self._in_thread(self._settle_due)
        if settled:
            self._rang.set()
        return settled

    async def hand_over_due(self) -> int:
        """One round: what is to be started or rung. How many Temporal has taken."""
        bells = await self._in_thread(self._bells)
        taken = await self.handover.hand_over(bells)
        if bells:
            reach("handover.after_start")
            known = set(taken)
            missed = [bell for bell, _ in bells if bell not in known]
            await self._in_thread(lambda: self._note(taken, missed))
        return len(taken)

    async def _over_and_over(self, round_: Callable[[], Awaitable[int]], news: asyncio.Event) -> None:
        while True:
            news.clear()
            try:
                busy = await round_()
            except RecordsError as error:
                log.warning("nobody could be settled or rung", code=error.code)
                busy = 0
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), self.pace.poll.total_seconds())

    def _settle_due(self) -> int:
        rows = self._due()
        for row in rows:
            try:
                self.settlement.settle(row, _nothing)
            except (Unsettled, Locked) as error:  # whom somebody else holds holds up nobody else
                log.warning("a customer could not be settled", code=error.code)
            except Unknown:  # she was erased since she was found
                continue
        return len(rows) or self._tell()

    def _due(self) -> Sequence[int]:
        """Nobody before the first publish: what has come in waits for the stages it is to be settled by."""
        now, real_now = self.settlement.business.now(), self.settlement.real.now()

        def work(connection: Connection) -> Sequence[int]:
            if releases.current_digest(connection) is None:
                return ()
            return customers.due(connection, now, real_now, CUSTOMERS_A_ROUND)

        return self.settlement.database.read(work)

    def _tell(self) -> int:
        now = self.settlement.business.now()
        database = self.settlement.database
        if not database.read(releases.somebody_to_tell):
            return 0
        return database.write(lambda connection: releases.tell_of_release(connection, TOLD_A_ROUND, now))

    def _bells(self) -> list[tuple[Bell, str]]:
        real_now = self.settlement.real.now()

        def work(connection: Connection) -> list[tuple[Bell, str]]:
            bells = outbox.due(connection, real_now, BELLS_A_ROUND)
            catalog = self.settlement.catalogs.current(connection) if bells else None
            return [(bell, catalog.program(bell.version).journey.stage or "") for bell in bells] if catalog else []

        return self.settlement.database.read(work)

    def _note(self, taken: Sequence[Bell], missed: Sequence[Bell]) -> None:
        real_now = self.settlement.real.now()

        def work(connection: Connection) -> None:
            if taken:
                outbox.sent(connection, taken)
            if missed:
                outbox.failed(connection, missed, real_now)

        self.settlement.database.write(work)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


def _nothing(*_: object) -> None:
    return None
