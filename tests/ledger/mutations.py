"""Nine ways to get the protocol wrong, each of which loses, doubles or misreports a message somewhere."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, update

from channels.outcomes import Ambiguous, Doubt, NotAccepted, NotAcceptedKind, Outcome, Rejected, RejectedKind
from channels.protocol import Absent, LookUp
from engine.words import MessageState
from records import messages
from records.messages import Found, Message
from records.tables import message, message_attempt
from tests.ledger.protocol import PACE, Protocol, at_the_epoch_of_now
from tests.ledger.world import Provider
from workers.ledger.doubts import Ruling


class NoClaimBeforeThePost(Protocol):
    """The message is taken only when it has gone."""

    def begin(self, connection: Connection, now: datetime) -> Message | None:
        known = self.find(connection)
        free = known.state in messages.OPEN
        return replace(known, attempt=known.attempt + 1, epoch=known.epoch + 1) if free else None

    def record(self, connection: Connection, sent: Message, found: Found, now: datetime) -> None:
        claimed = messages.claim(connection, self.find(connection), now, now + PACE.lease)
        super().record(connection, claimed or sent, found, now)


class SendingIsClaimedAgain(Protocol):
    """A lease that is over frees the message."""

    def begin(self, connection: Connection, now: datetime) -> Message | None:
        free = (message.c.state == MessageState.SENDING) & (message.c.lease_until <= now)
        connection.execute(update(message).where(free).values(state=MessageState.NOT_SENT))
        return super().begin(connection, now)


class ServerErrorIsNotAccepted(Protocol):
    """A 5xx counts as "not taken"."""

    def found(self, outcome: Outcome, attempt: int, now: datetime) -> Found:
        match outcome:
            case Ambiguous(code="503"):
                outcome = NotAccepted(NotAcceptedKind.DEFERRED, "503")
        return super().found(outcome, attempt, now)


class TimeoutIsFailed(Protocol):
    """A timeout counts as a rejection."""

    def found(self, outcome: Outcome, attempt: int, now: datetime) -> Found:
        match outcome:
            case Ambiguous(why=Doubt.TIMEOUT):
                outcome = Rejected(RejectedKind.POLICY, "timeout")
        return super().found(outcome, attempt, now)


class TimeoutIsNotAccepted(Protocol):
    """A timeout counts as "not taken"."""

    def found(self, outcome: Outcome, attempt: int, now: datetime) -> Found:
        match outcome:
            case Ambiguous(why=Doubt.TIMEOUT):
                outcome = NotAccepted(NotAcceptedKind.TIMEOUT)
        return super().found(outcome, attempt, now)


class NotFoundIsSentAgain(Protocol):
    """What a look-up does not find counts as "not taken"."""

    def rule(self, seen: Message, looked: LookUp | None, provider: Provider, now: datetime) -> Ruling | None:
        if looked == Absent():
            return Ruling(Found(MessageState.NOT_SENT, "looked_up"), proof=True)
        return super().rule(seen, looked, provider, now)


class NoEpochFence(Protocol):
    """Whoever wakes up late writes all the same."""

    faults = 2

    def record(self, connection: Connection, sent: Message, found: Found, now: datetime) -> None:
        super().record(connection, at_the_epoch_of_now(connection, sent), found, now)


class NoAttemptRows(Protocol):
    """Attempts are not kept."""

    def begin(self, connection: Connection, now: datetime) -> Message | None:
        begun = super().begin(connection, now)
        connection.execute(delete(message_attempt))
        return begun


class SweepWithoutCompareAndSet(Protocol):
    """The sweep writes whatever became of the message since it looked."""

    def clear_up(self, connection: Connection, seen: Message, ruling: Ruling | None, now: datetime) -> None:
        connection.execute(update(message).values(state=seen.state, lease_until=seen.lease_until))
        super().clear_up(connection, at_the_epoch_of_now(connection, seen), ruling, now)


MUTATIONS: tuple[type[Protocol], ...] = (
    NoClaimBeforeThePost,
    SendingIsClaimedAgain,
    ServerErrorIsNotAccepted,
    TimeoutIsFailed,
    NotFoundIsSentAgain,
    NoEpochFence,
    NoAttemptRows,
    SweepWithoutCompareAndSet,
    TimeoutIsNotAccepted,
)
