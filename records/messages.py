"""The send ledger: a message is claimed before it is sent, and what became of it is recorded by compare-and-set.

Every function works inside the caller's transaction. Times are on the real clock unless they are the plan's own.
A message in `sending` or `unknown` is never claimed: only proof, or a declared resend, brings it back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, insert, select, update

from engine.conditions import Value
from engine.words import Channel, ExitReason, MessageState, Purpose
from records.inserting import insert_new
from records.ledger import marks
from records.ledger.locking import lock_customer
from records.ledger.whole import whole
from records.tables import enrollment, message, message_attempt
from records.tables.messages import IN_DOUBT

OPEN = (MessageState.PLANNED, MessageState.NOT_SENT)
RULED = (MessageState.UNKNOWN, MessageState.UNCERTAIN)
_FIND = whole().where(message.c.public_id == bindparam("id"))
_OWNER = (
    select(message.c.customer_id, enrollment.c.public_id)
    .join(enrollment, enrollment.c.id == message.c.enrollment_id)
    .where(message.c.public_id == bindparam("id"))
)
_MINE = update(message).where(message.c.id == bindparam("row"), message.c.epoch == bindparam("seen"))
_OPEN = _MINE.where(message.c.state.in_(OPEN))
_FENCED = _MINE.where(message.c.state == bindparam("was"))
_ACCEPT = (
    update(message)
    .where(message.c.id == bindparam("row"), message.c.state != MessageState.ACCEPTED)
    .values(state=MessageState.ACCEPTED, epoch=message.c.epoch + 1)
)
_STATE = select(message.c.state).where(message.c.id == bindparam("row"))
_ATTEMPT = update(message_attempt).where(
    message_attempt.c.message_id == bindparam("row"),
    message_attempt.c.attempt == bindparam("number"),
    message_attempt.c.state != MessageState.ACCEPTED,
)
_CLEAR = (
    update(message)
    .where(message.c.id == bindparam("row"), message.c.state == MessageState.UNKNOWN, marks.NONE_TAKEN)
    .values(epoch=message.c.epoch + 1)
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands in the ledger, with what surrounds it.

    `customer` is the author's own id. `left` is how its enrollment ended, None while it lives. `channel_paused` and
    `journey_paused` say that nothing goes for now. `lease_until` of one in doubt is when to look at it again.
    `possible_duplicate`: an earlier attempt is in doubt, and sending it again was declared.
    `provider` was given the newest attempt; None where that is not known.
    `doubts` counts the attempts in doubt, the newest one too.
    """

    row: int
    id: str
    enrollment: str
    enrollment_row: int
    customer: str
    customer_row: int
    journey: str
    left: ExitReason | None
    step: str
    visit: int
    channel: Channel
    template: str
    purpose: Purpose
    topic: str
    sender: str
    planned_at: datetime
    expires_at: datetime
    planned_real_at: datetime
    facts: Mapping[str, Value]
    fallback: bool
    parting: bool
    state: MessageState
    reason: str
    attempt: int
    doubts: int
    epoch: int
    changed_at: datetime
    not_before: datetime | None
    lease_until: datetime | None
    possible_duplicate: bool
    provider: str | None
    journey_paused: bool
    channel_paused: bool

    @property
    def correlation(self) -> str:
        """What the provider is given, so that it can name this attempt later."""
        return f"{self.id}.{self.attempt}"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about one attempt: the state it proves, and the evidence.

    `again_at` is when to try a message that was not taken, or to look at one in doubt. `noted` is further evidence.
    """

    state: MessageState
    reason: str = ""
    phase: str = ""
    provider: str = ""
    provider_id: str | None = None
    again_at: datetime | None = None
    noted: Mapping[str, str] = field(default_factory=dict, hash=False)


def find(connection: Connection, message_id: str) -> Message | None:
    """A message by its public id."""
    row = connection.execute(_FIND, {"id": message_id}).one_or_none()
    return None if row is None else _message(row)


def owner(connection: Connection, message_id: str) -> tuple[int, str] | None:
    """The row of a message's customer, who is locked before it is looked at, and its enrollment."""
    row = connection.execute(_OWNER, {"id": message_id}).one_or_none()
    return None if row is None else (row[0], row[1])


def claim(
    connection: Connection,
    claimed: Message,
    now: datetime,
    lease_until: datetime,
    address_hash: str | None = None,
    provider: str | None = None,
) -> Message | None:
    """Take it for one attempt; None when somebody else has it. Nothing may go over a wire before this is committed.

    `address_hash` stays with the attempt: where it went, by a keyed hash; `provider` is who is to be asked about it.
    """
    state, attempt = MessageState.SENDING, claimed.attempt + 1
    taken: dict[str, Any] = {
        "state": state, "attempt": attempt, "epoch": claimed.epoch + 1, "lease_until": lease_until, "changed_at": now,
        "provider": provider,
    }  # fmt: skip
    if not _change(connection, _OPEN, claimed, taken):
        return None
    begun = {"message_id": claimed.row, "attempt": attempt, "state": state, "started_at": now}
    connection.execute(insert(message_attempt), {**begun, "phase": "", "evidence": {}, "address_hash": address_hash})
    return replace(claimed, **taken)


def close(connection: Connection, closed: Message, state: MessageState, reason: str, now: datetime) -> MessageState:
    """Never send it, unless it was taken: withheld or expired; uncertain where an earlier attempt may have gone.

    Gives which of these.
    """
    state = MessageState.UNCERTAIN if closed.possible_duplicate else state
    ended = {"state": state, "reason": reason, "epoch": closed.epoch + 1, "changed_at": now}
    _change(connection, _OPEN, closed, ended)
    return state


def record(connection: Connection, sent: Message, found: Found, now: datetime) -> MessageState:
    """What became of an attempt, and the state the message is in now.

    That a provider took it always wins. Anything else counts only while the attempt's epoch is the message's own, and
    a rejection proves nothing about an earlier attempt that is in doubt. Who comes too late takes his own doubt away;
    where no other is left, the message is what he says. Of who was erased nothing is kept: withheld.
    """
    if not lock_customer(connection, sent.row, sent.id):
        return MessageState.WITHHELD
    _record_attempt(connection, sent, found, now)
    if found.state is MessageState.ACCEPTED:
        _accept(connection, sent.row, found, now)
        return MessageState.ACCEPTED
    closing = _closing(replace(sent, possible_duplicate=marks.is_marked(connection, sent.row)), found, now)
    if not _change(connection, _FENCED, sent, {"was": MessageState.SENDING, **closing}):
        marks.unmark(connection, sent.row)
        _clear(connection, sent, found, now)
    return MessageState(connection.execute(_STATE, {"row": sent.row}).scalar() or MessageState.WITHHELD)


def lapse(connection: Connection, stuck: Message, now: datetime, look_at: datetime) -> bool:
    """A lease is over and nobody said what became of the attempt: `unknown`. False when somebody did meanwhile."""
    if not lock_customer(connection, stuck.row, stuck.id):
        return False
    over = {"state": MessageState.UNKNOWN, "reason": "lease_over", "epoch": stuck.epoch + 1, "lease_until": look_at}
    mine = _FENCED.where(message.c.lease_until <= now)
    lapsed = _change(connection, mine, stuck, {"was": MessageState.SENDING, **over, "changed_at": now})
    if lapsed:
        _record_attempt(connection, stuck, Found(MessageState.UNKNOWN, "lease_over"), now)
    return lapsed


def resolve(connection: Connection, doubted: Message, found: Found, now: datetime, *, proof: bool) -> bool:
    """Settle a doubt by compare-and-set. Without `proof` the attempt stays in doubt, whatever the message becomes."""
    if not lock_customer(connection, doubted.row, doubted.id):
        return False
    if proof:
        _record_attempt(connection, doubted, found, now)
    if found.state is MessageState.ACCEPTED:
        return _accept(connection, doubted.row, found, now)
    resent = found.state is MessageState.NOT_SENT and not proof
    values = {"state": found.state, "reason": found.reason, "epoch": doubted.epoch + 1, "not_before": None}
    values |= {"lease_until": None, "changed_at": now}
    values |= {"possible_duplicate": marks.is_due(connection, doubted.row)} if resent else {}
    return _change(connection, _FENCED, doubted, {"was": MessageState.UNKNOWN, **values})


def prove(connection: Connection, known: Message, attempt: int, found: Found, now: datetime) -> bool:
    """A provider has named an attempt: it took that one, whatever the ledger held of it. False: that was known.

    The customer is locked already. An attempt of which the ledger knows nothing, as after a restore, gets its row.
    """
    begun = {"message_id": known.row, "attempt": attempt, "state": MessageState.SENDING, "started_at": now}
    connection.execute(insert_new(connection, message_attempt), {**begun, "phase": "", "evidence": {}})
    _record_attempt(connection, replace(known, attempt=attempt), found, now)
    return _accept(connection, known.row, found, now)


def rule(connection: Connection, doubted: Message, found: Found, now: datetime) -> bool:
    """Somebody says what became of a message in doubt: accepted, not sent and to be tried again, or expired.

    It is no proof: what is sent again is marked. False when the message is not in doubt any more.
    """
    if not lock_customer(connection, doubted.row, doubted.id):
        return False
    ruled = {"was": doubted.state, "state": found.state, "reason": found.reason, "epoch": doubted.epoch + 1}
    times = {"lease_until": None, "not_before": None, "changed_at": now}
    accepted = found.state is MessageState.ACCEPTED
    ruled |= {"accepted_at": now} if accepted else {"possible_duplicate": True}
    if doubted.state not in RULED or not _change(connection, _FENCED, doubted, {**ruled, **times}):
        return False
    _record_attempt(connection, doubted, found if accepted else replace(found, state=MessageState.NOT_SENT), now)
    return True


def look_later(connection: Connection, doubted: Message, look_at: datetime) -> None:
    """A doubt stays one for now."""
    _change(connection, _FENCED, doubted, {"was": MessageState.UNKNOWN, "lease_until": look_at})


def in_doubt(connection: Connection, now: datetime, limit: int) -> list[Message]:
    """Messages whose lease is over or whose doubt is to be looked at, longest overdue first."""
    due = whole().where(IN_DOUBT, message.c.lease_until <= now)
    return [_message(row) for row in connection.execute(due.order_by(message.c.lease_until).limit(limit))]


def _clear(connection: Connection, sent: Message, found: Found, now: datetime) -> None:
    """A message in doubt of which no attempt is in doubt any more is what was found."""
    if found.state is not MessageState.UNKNOWN:
        closing = _closing(replace(sent, possible_duplicate=False), found, now)
        del closing["epoch"]
        connection.execute(_CLEAR, {"row": sent.row, **closing})


def _closing(sent: Message, found: Found, now: datetime) -> dict[str, object]:
    """What a message becomes that was not accepted; `again_at` is when to try it or to look at it again."""
    final = found.state in (MessageState.REJECTED, MessageState.WITHHELD)
    doubted = final and sent.possible_duplicate
    again = "lease_until" if found.state is MessageState.UNKNOWN else "not_before"
    cleared: dict[str, object] = {"lease_until": None, "not_before": None}
    return cleared | {
        "state": MessageState.UNCERTAIN if doubted else found.state,
        "reason": found.reason,
        "epoch": sent.epoch + 1,
        "changed_at": now,
        again: found.again_at,
    }


def _accept(connection: Connection, row: int, found: Found, now: datetime) -> bool:
    evidence = {"reason": "", "provider": found.provider, "provider_id": found.provider_id}
    evidence |= {"rendered_hash": found.noted["rendered"]} if "rendered" in found.noted else {}
    times = {"accepted_at": now, "changed_at": now, "lease_until": None, "not_before": None}
    return connection.execute(_ACCEPT, {"row": row, **evidence, **times}).rowcount == 1


def _record_attempt(connection: Connection, sent: Message, found: Found, now: datetime) -> None:
    """The evidence of one attempt; one that is proved accepted stays so."""
    evidence = {"reason": found.reason, "provider": found.provider, **found.noted}
    ended = {"state": found.state, "phase": found.phase, "provider_id": found.provider_id, "ended_at": now}
    connection.execute(_ATTEMPT, {"row": sent.row, "number": sent.attempt, **ended, "evidence": evidence})


def _change(connection: Connection, statement: Update, one: Message, values: Mapping[str, Any]) -> bool:
    """Change a message unless its epoch is another by now. False: it is."""
    return connection.execute(statement, {"row": one.row, "seen": one.epoch, **values}).rowcount == 1


def _message(row: Row[Any]) -> Message:
    return Message(**row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
