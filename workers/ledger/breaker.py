"""The circuit breaker: a journey whose messages bounce or are complained about too often is paused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
    """Shares of a journey's newest `window` messages, at `fewest` so many, from which on it is paused.

    `bounces` are hard ones, of all whose fate is told; `complaints` are of all that were delivered. Mailbox providers
    ask senders to stay below three complaints in a thousand.
    """

    bounces: float = 0.05
    complaints: float = 0.003
    fewest: int = 200
    window: int = 1000

    def tripped(self, connection: Connection, news: Sequence[Kept], now: datetime) -> list[Tripped]:
        """Pause the journeys that this news is too much for. Counted only where something bad is told."""
        rows = sorted({one.sent.journey_row for one in news if one.sent and one.kind in BAD})
        whys = {row: self.why(rates.of_journey(connection, row, self.window)) for row in rows}
        return [
            Tripped(name, why)
            for row, why in whys.items()
            if why and (name := releases.pause_row(connection, row, now, why)) is not None
        ]

    def why(self, rates: Rates) -> str:
        """What is too much, in words with its figures; "" when nothing is."""
        if rates.told >= self.fewest and rates.dead >= self.bounces * rates.told:
            return f"{rates.dead} of {rates.told} bounced for good"
        if rates.delivered >= self.fewest and rates.complained >= self.complaints * rates.delivered:
            return f"{rates.complained} of {rates.delivered} complained"
        return ""
