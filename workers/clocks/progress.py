"""How fast time-lapse has really gone of late, its stands included: by that a sleep is reckoned.

Reckoned by the clock's rate alone every sleeper would wake too early whenever the clock has stood, and sleep again.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

WINDOW: Final = timedelta(seconds=20)
APART: Final = timedelta(milliseconds=500)
EARLY: Final = 1.15
SLOWEST: Final = 1 / 16


@dataclass(slots=True)
class Progress:
    """What this process has seen of the clock."""

    _seen: deque[tuple[datetime, datetime]] = field(default_factory=lambda: deque(maxlen=64))
    _lock: Lock = field(default_factory=Lock)

    def rate(self, business: datetime, real: datetime, running: float) -> float:
        """Business time a real second at which to reckon: rather too fast, never faster than the clock is `running`."""
        with self._lock:
            begun, then = self._note(business, real)
        if real - begun < 4 * APART:
            return running
        return min(max((business - then) / (real - begun) * EARLY, running * SLOWEST), running)

    def _note(self, business: datetime, real: datetime) -> tuple[datetime, datetime]:
        """Keeps what is seen now; gives what was seen a while ago."""
        seen = self._seen
        if not seen or real - seen[-1][0] >= APART:
            seen.append((real, business))
        while len(seen) > 1 and real - seen[1][0] >= WINDOW:
            seen.popleft()
        return seen[0]
