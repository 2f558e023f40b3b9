"""The protocol as the model drives it: the very functions that workers and the sweep call."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection

from channels.inbound.heard import Told
from channels.outcomes import Outcome
from channels.protocol import DeliveryEvent, LookUp, LookUps
from engine.words import MessageState
from records import messages
from records.messages import Found, Message
from tests.ledger.hearings import HASHING
from tests.ledger.world import MESSAGE, Provider
from workers.ledger import doubts
from workers.ledger.claiming import obstacle
from workers.ledger.deliver import found_out
from workers.ledger.doubts import Ruling
from workers.ledger.hearing import hear
from workers.pace import Pace

PACE = Pace(
    submit=timedelta(minutes=1),
    attempt=timedelta(minutes=2),
    lease=timedelta(minutes=4),
    doubt=timedelta(minutes=10),
    give_up=timedelta(minutes=25),
)


class Protocol:
    """Each step of the protocol, in one transaction. A mutation breaks one of them."""

    faults: ClassVar[int] = 1
    """How many faults of one execution show what is wrong with it."""

    def begin(self, connection: Connection, now: datetime) -> Message | None:
        """Claim the message for one attempt; None where it is not to be had."""
        known = self.find(connection)
        if obstacle(connection, known, now, PACE) is not None:
            return None
        return messages.claim(connection, known, now, now + PACE.lease)

    def found(self, outcome: Outcome, attempt: int, now: datetime) -> Found:
        """What an outcome proves."""
        return found_out(outcome, attempt, "provider", now, PACE)

    def record(self, connection: Connection, sent: Message, found: Found, now: datetime) -> None:
        """Write down what an attempt has found out."""
        messages.record(connection, sent, found, now)

    def rule(self, seen: Message, looked: LookUp | None, provider: Provider, now: datetime) -> Ruling | None:
        """What a look at a doubt leads to."""
        look_ups = LookUps.AUTHORITATIVE if provider.authoritative else LookUps.NONE
        return doubts.rule(seen, looked, look_ups, "provider", now, PACE)

    def clear_up(self, connection: Connection, seen: Message, ruling: Ruling | None, now: datetime) -> None:
        """Write down what a round of the sweep came to."""
        if seen.state is MessageState.SENDING:
            messages.lapse(connection, seen, now, now + PACE.doubt)
        else:
            doubts.clear_up(connection, seen, ruling, now, PACE)

    def hear(self, connection: Connection, attempt: int, now: datetime) -> None:
        """The provider tells that it has delivered an attempt."""
        told = Told("provider", str(attempt), DeliveryEvent.DELIVERED, f"{MESSAGE}.{attempt}", now)
        hear(connection, HASHING, [(told, now)], now, now)

    @staticmethod
    def find(connection: Connection) -> Message:
        """The message as it stands."""
        known = messages.find(connection, MESSAGE)
        assert known is not None
        return known


def at_the_epoch_of_now(connection: Connection, seen: Message) -> Message:
    """A snapshot that pretends to be fresh."""
    return replace(seen, epoch=Protocol.find(connection).epoch)
