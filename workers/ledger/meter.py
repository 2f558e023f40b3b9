"""How fast a channel goes where its provider counts something else than messages: the parts of a text message."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from workers.clocks import RealClock

BURST: Final = timedelta(seconds=1)
"""How much may go at once after a rest: what is allowed in this time."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Meter:
    """Lets through what adds up to `per_second`, and what is too much is paid off before the next goes.

    In any stretch of n seconds that is at most (n + 1) times `per_second`, and the last one's own number beyond it.
    It is one process's own, on its event loop, and never waits: it says until when to come back.
    """

    per_second: float
    real: RealClock
    _paid_at: datetime = field(default=_EPOCH, init=False)

    def full_until(self) -> datetime | None:
        """When something may go again; None: now."""
        opens_at = self._paid_at - BURST
        return opens_at if opens_at > self.real.now() else None

    def take(self, number: int) -> datetime | None:
        """Lets `number` through, and answers None; or lets nothing through, and says when something may go again."""
        opens_at = self.full_until()
        if opens_at is None:
            self._paid_at = max(self._paid_at, self.real.now()) + timedelta(seconds=number / self.per_second)
        return opens_at
