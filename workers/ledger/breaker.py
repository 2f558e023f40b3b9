"""The circuit breaker: a journey whose messages bounce or are complained about too often is paused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from records import releases
from records.ledger import rates
from records.ledger.deliveries import Kept
from records.ledger.rates import Rates

BAD = frozenset({rates.DEAD, rates.COMPLAINED})


@dataclass(frozen=True, slots=True)
class Tripped:
    """A journey that was paused, and why."""

    journey: str
    why: str


@dataclass(frozen=True, slots=True)
class Breaker:
    """Shares of a journey's newest `window` messages, of the last `days`, from which on it is paused.

    `bounces` are hard ones, of all whose fate is told; `complaints` are of all that were delivered. Mailbox providers
    ask senders to stay below three complaints in a thousand. A share says little of a few: it counts from `fewest`
    messages on, and from so many bounces or complaints.
    """

    bounces: float = 0.05
    complaints: float = 0.003
    fewest: int = 50
    fewest_bounces: int = 10
    fewest_complaints: int = 3
    window: int = 1000
    days: int = 30

    def tripped(self, connection: Connection, news: Sequence[Kept], now: datetime, real_now: datetime) -> list[Tripped]:
        """Pause the journeys that this news is too much for. Counted only where something bad is told."""
        since = real_now - timedelta(days=self.days)
        rows = sorted({one.sent.journey_row for one in news if one.sent and one.kind in BAD})
        whys = {row: self.why(rates.of_journey(connection, row, self.window, since)) for row in rows}
        return [
            Tripped(name, why)
            for row, why in whys.items()
            if why and (name := releases.pause_row(connection, row, now, why)) is not None
        ]

    def why(self, rates: Rates) -> str:
        """What is too much, in words with its figures; "" when nothing is."""
        dead, complained = rates.dead >= self.fewest_bounces, rates.complained >= self.fewest_complaints
        if dead and rates.told >= self.fewest and rates.dead >= self.bounces * rates.told:
            return f"{rates.dead} of {rates.told} bounced for good"
        if complained and rates.delivered >= self.fewest and rates.complained >= self.complaints * rates.delivered:
            return f"{rates.complained} of {rates.delivered} complained"
        return ""
