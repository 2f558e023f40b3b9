"""The two clocks: business time, in which journeys happen, and real time, in which leases and retries run.

Nothing else in the house reads time.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from records import clocks
from records.clocks import Lapse
from records.database import Database
from workers.clocks.progress import Progress

TICK = timedelta(milliseconds=1)
STILL = timedelta(seconds=2)
SLACK = timedelta(minutes=10)


class NeverStarted(RuntimeError):
    """The time-lapse clock has no row: nobody has set it."""


class RealClock(Protocol):
    """What a wall clock shows."""

    def now(self) -> datetime:
        """The present, in UTC."""


class BusinessClock(Protocol):
    """The time of instants, windows and expiry."""

    def now(self) -> datetime:
        """The business instant, in UTC; it never goes back."""

    def look_at(self, due_at: datetime) -> datetime:
        """The real moment at which to look whether `due_at` has come: rounded up, and never in the past."""

    def at(self, real: datetime) -> datetime:
        """The business instant of a real moment, such as a provider's."""

    def late(self, instant: datetime, noticed: datetime) -> timedelta:
        """Real time that has passed since a business instant on which somebody acted at the real moment `noticed`."""

    @property
    def slack(self) -> timedelta:
        """Real time for which what was planned may count as gone, whatever the customer does on business days after."""


class Wall:
    """The real clock, for real."""

    def now(self) -> datetime:
        """The present, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RealTime:
    """Business time that is real time."""

    real: RealClock

    def now(self) -> datetime:
        """The present."""
        return self.real.now()

    def look_at(self, due_at: datetime) -> datetime:
        """The moment itself, to the next millisecond."""
        return max(due_at, self.real.now()) + TICK

    def at(self, real: datetime) -> datetime:
        """The same moment."""
        return real

    def late(self, instant: datetime, noticed: datetime) -> timedelta:
        """Since the instant itself, whenever it was noticed: after an outage that was long afterwards."""
        return max(self.real.now() - instant, timedelta())

    @property
    def slack(self) -> timedelta:
        """None: whoever leaves now gets nothing from now on."""
        return timedelta()


@dataclass(slots=True)
class VirtualTime:
    """Both clocks of a test, standing until they are set."""

    instant: datetime

    def now(self) -> datetime:
        """Where it was set."""
        return self.instant

    def look_at(self, due_at: datetime) -> datetime:
        """The moment itself."""
        return max(due_at, self.instant)

    def at(self, real: datetime) -> datetime:
        """Where it was set."""
        return self.instant

    def late(self, instant: datetime, noticed: datetime) -> timedelta:
        """Since the instant itself."""
        return max(self.instant - instant, timedelta())

    @property
    def slack(self) -> timedelta:
        """None."""
        return timedelta()


@dataclass(frozen=True, slots=True)
class TimeLapse:
    """Business time that all processes read from one row of the database, many times as fast as real time."""

    database: Database
    real: RealClock
    progress: Progress = field(default_factory=Progress)

    def now(self) -> datetime:
        """Where the row's clock is by now."""
        return business_at(self._row(), self.real.now())

    def look_at(self, due_at: datetime) -> datetime:
        """When the clock will be there if it goes on, and stands, as it did of late; rather early than late."""
        row, now = self._row(), self.real.now()
        business = business_at(row, now)
        rate = self.progress.rate(business, now, row.rate)
        ahead = max((due_at - business) / rate, timedelta())
        return now + (ahead if now < runs_until(row) else max(ahead, STILL)) + TICK

    def at(self, real: datetime) -> datetime:
        """The business instant of a real moment; of one long ago no later than it was: as if the clock never stood."""
        row = self._row()
        return business_at(row, real) if real > row.real else row.business - (row.real - real) * row.rate

    def late(self, instant: datetime, noticed: datetime) -> timedelta:
        """Since it was noticed: nothing passes while this clock stands, so that it is noticed at once."""
        return max(self.real.now() - noticed, timedelta())

    @property
    def slack(self) -> timedelta:
        """Days go by while a message is on its way to its provider for seconds; as long as it is not late."""
        return SLACK

    def _row(self) -> Lapse:
        row = self.database.read(clocks.read)
        if row is None:
            raise NeverStarted
        return row


def runs_until(row: Lapse) -> datetime:
    """Until when the clock runs unless its heart beats again."""
    return row.heartbeat + STILL


def business_at(row: Lapse, real: datetime) -> datetime:
    """Business time at a real moment: it stands where the heartbeat is missing, and does not jump when it is back."""
    ran = min(real, runs_until(row)) - row.real
    return row.business + max(ran, timedelta()) * row.rate


def ticked(row: Lapse, now: datetime, *, backlog: bool) -> Lapse:
    """The row after a beat of the heart; with a backlog it stands from here on."""
    here = replace(row, business=business_at(row, now), real=now)
    return replace(here, heartbeat=now - STILL if backlog else now)
