"""What providers told about messages: kept once, and once for each thing that can become of a message."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, tuple_, update

from engine.words import Channel, MessageState
from records.inserting import insert_new
from records.ledger.rates import COUNTED
from records.tables import customer, enrollment, message, message_attempt, provider_event


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a provider names: whose it is, what it is about, and how it stands.

    `customer` is the author's own id; `accepted` are the attempts that are known to have been taken.
    """

    row: int
    id: str
    customer_row: int
    customer: str
    enrollment: str
    journey_row: int
    step: str
    channel: Channel
    topic: str
    state: MessageState
    delivery: str | None
    accepted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a provider told, as it is kept. `kind` says what became of the message: the same twice is no news."""

    provider: str
    event_id: str
    kind: str
    at: datetime
    raw: Mapping[str, str] = field(default_factory=dict)
    sent: Sent | None = None
    attempt: int | None = None

    @property
    def meaning(self) -> tuple[int | None, str]:
        """The message, and what became of it."""
        return (self.sent.row if self.sent else None, self.kind)


_SENT = (
    select(
        message.c.id.label("row"),
        message.c.public_id.label("id"),
        customer.c.id.label("customer_row"),
        customer.c.external_id.label("customer"),
        enrollment.c.public_id.label("enrollment"),
        enrollment.c.journey_id.label("journey_row"),
        *(message.c[name] for name in ("step", "channel", "topic", "state", "delivery")),
    )
    .join(enrollment, enrollment.c.id == message.c.enrollment_id)
    .join(customer, customer.c.id == message.c.customer_id)
)


def lock_owners(connection: Connection, message_ids: Collection[str]) -> None:
    """Lock the customers of these messages, in order of their rows: everybody locks them before their messages."""
    theirs = select(message.c.customer_id).where(message.c.public_id.in_(sorted(message_ids)))
    which = select(customer.c.id).where(customer.c.id.in_(theirs)).order_by(customer.c.id)
    connection.execute(which.with_for_update(key_share=True)).all()


def find(connection: Connection, message_ids: Collection[str]) -> dict[str, Sent]:
    """Those of the messages that the ledger knows, by their public ids."""
    rows = connection.execute(_SENT.where(message.c.public_id.in_(sorted(message_ids)))).mappings().all()
    attempts = select(message_attempt.c.message_id, message_attempt.c.attempt).where(
        message_attempt.c.message_id.in_([row["row"] for row in rows]),
        message_attempt.c.state == MessageState.ACCEPTED,
    )
    accepted: dict[int, set[int]] = {}
    for row, attempt in connection.execute(attempts):
        accepted.setdefault(row, set()).add(attempt)
    return {row["id"]: Sent(**row, accepted=frozenset(accepted.get(row["row"], ()))) for row in rows}


def keep(connection: Connection, told: Sequence[Kept]) -> tuple[list[Kept], list[Kept]]:
    """Keep what is told, each once. Gives what was not kept before, and of that what is the first of its meaning."""
    known = _known(connection, told)
    unheard = {(one.provider, one.event_id): one for one in told if (one.provider, one.event_id) not in known}
    new = [unheard[key] for key in sorted(unheard)]
    meant = _meant(connection, new)
    first: dict[tuple[int | None, str], Kept] = {}
    for one in sorted(new, key=lambda one: (one.at, one.event_id)):
        if one.sent and one.meaning not in meant:
            first.setdefault(one.meaning, one)
    if new:
        rows = [_row(one, is_news=first.get(one.meaning) is one) for one in new]
        connection.execute(insert_new(connection, provider_event), rows)
    return new, list(first.values())


def raise_delivery(connection: Connection, message_row: int, delivery: str, below: Collection[str]) -> None:
    """What became of a message, unless something that says more is known of it."""
    lower = or_(message.c.delivery.is_(None), message.c.delivery.in_(sorted(below)))
    connection.execute(update(message).where(message.c.id == message_row, lower).values(delivery=delivery))


def by_phone(connection: Connection, numbers: Collection[str]) -> dict[int, str]:
    """The customers with one of these numbers, by their rows, locked."""
    which = select(customer.c.id, customer.c.external_id).where(customer.c.phone.in_(sorted(numbers)))
    found = connection.execute(which.order_by(customer.c.id).with_for_update(key_share=True))
    return {row[0]: row[1] for row in found}


def _known(connection: Connection, told: Sequence[Kept]) -> set[tuple[str, str]]:
    key = tuple_(provider_event.c.provider, provider_event.c.event_id)
    asked = select(provider_event.c.provider, provider_event.c.event_id)
    found = connection.execute(asked.where(key.in_([(one.provider, one.event_id) for one in told])))
    return {(row[0], row[1]) for row in found}


def _meant(connection: Connection, new: Sequence[Kept]) -> set[tuple[int | None, str]]:
    rows = sorted({one.sent.row for one in new if one.sent})
    asked = select(provider_event.c.message_id, provider_event.c.kind).where(provider_event.c.message_id.in_(rows))
    return {(row[0], row[1]) for row in connection.execute(asked)}


def _row(one: Kept, *, is_news: bool) -> dict[str, Any]:
    sent = one.sent
    return {
        "provider": one.provider,
        "event_id": one.event_id,
        "kind": one.kind,
        "message_id": sent.row if sent else None,
        "attempt": one.attempt,
        "journey_id": sent.journey_row if sent and is_news and one.kind in COUNTED else None,
        "at": one.at,
        "raw": dict(one.raw),
    }
