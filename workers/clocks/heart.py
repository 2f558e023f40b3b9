"""The heart of the time-lapse clock: while it beats, time runs; with a backlog, and without it, time stands.

A clock that ran and stood by turns would wake every waiting run long before its time, over and over, and be held up by
just that. So time also runs slower after a backlog, and then by and by as fast as was wished. Who sleeps by the time
that was slower is rung when it is faster.
"""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from records import clocks, outbox, overdue
from records.clocks import Lapse
from records.database import Database
from records.errors import RecordsError
from workers.clocks import STILL, RealClock, business_at, ticked

BEAT = timedelta(milliseconds=250)
BACKLOG = timedelta(seconds=2)
OVERSLEPT = timedelta(seconds=3)
PATIENCE = timedelta(seconds=20)
MOST_RUNG = 50
SLOWER, FASTER, SLOWEST = 0.97, 1.04, 1 / 32

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heart:
    """Keeps the clock's row. Several may beat: each goes on from what it finds."""

    database: Database
    real: RealClock
    rate: float
    threads: Executor
    _rung: dict[int, datetime] = field(default_factory=dict)

    def wind(self) -> None:
        """Set the clock: on where it stood, else at the earliest cause that is still to be settled, else now."""
        self.database.write(self._wind)

    async def run(self) -> None:
        """Beats until it is cancelled, and then lets time stand."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    await loop.run_in_executor(self.threads, self.beat)
                except RecordsError as error:
                    log.warning("a beat was missed", code=error.code)
                await asyncio.sleep(BEAT.total_seconds())
        finally:
            self.stop()

    def beat(self) -> None:
        """Once: time goes on, unless something has waited for Temporal too long."""
        self.database.write(self._beat, urgent=True)

    def stop(self) -> None:
        """Time stands from here on; where the database is not to be had it soon stands by itself."""
        try:
            self.database.write(lambda connection: self._tick(connection, backlog=True), urgent=True)
        except RecordsError as error:
            log.warning("the last beat was missed", code=error.code)

    def _wind(self, connection: Connection) -> None:
        now, row = self.real.now(), clocks.read(connection)
        business = business_at(row, now) if row else clocks.earliest_cause(connection) or now
        clocks.write(connection, Lapse(business, now, self.rate, now - STILL))

    def _beat(self, connection: Connection) -> None:
        since, now = clocks.backlog_since(connection), self.real.now()
        self._tick(connection, backlog=since is not None and since < now - BACKLOG)
        if (row := clocks.read(connection)) is not None:
            self._ring_sleepers(connection, row, now)

    def _ring_sleepers(self, connection: Connection, row: Lapse, now: datetime) -> None:
        """Those who should have woken: their sleep was reckoned when time went slower. Each but once in a while."""
        for one in [one for one, rung_at in self._rung.items() if rung_at < now - PATIENCE]:
            del self._rung[one]
        late = overdue.sleepers(connection, business_at(row, now) - OVERSLEPT * row.rate, MOST_RUNG)
        rung = [one for one in late if one not in self._rung]
        outbox.wake_all(connection, rung, now)
        self._rung.update(dict.fromkeys(rung, now))

    def _tick(self, connection: Connection, *, backlog: bool) -> None:
        row = clocks.read(connection)
        if row is not None:
            rate = rate_after(row.rate, self.rate, backlog=backlog)
            clocks.write(connection, replace(ticked(row, self.real.now(), backlog=backlog), rate=rate))


def rate_after(rate: float, wished: float, *, backlog: bool) -> float:
    """How fast time runs after a beat: never faster than wished, never slower than a thirty-second of it."""
    return max(rate * SLOWER, wished * SLOWEST) if backlog else min(rate * FASTER, wished)
