"""What is asked of the ledger: messages by state, one with its attempts and all that was told of it, one in doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, select

from engine.words import Channel, MessageState, Purpose
from records.messages import Message
from records.tables import customer, enrollment, journey, message, message_attempt, provider_event

URGENCY = (
    MessageState.UNCERTAIN,
    MessageState.UNKNOWN,
    MessageState.SENDING,
    MessageState.NOT_SENT,
    MessageState.PLANNED,
    MessageState.REJECTED,
    MessageState.EXPIRED,
    MessageState.WITHHELD,
    MessageState.ACCEPTED,
)
"""The states in the order in which somebody may have to look at them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message in a list. `planned_at` is business time, the others real time; a doubt is `looked_at` next."""

    id: str
    state: MessageState
    reason: str
    customer: str
    journey: str
    step: str
    channel: Channel
    purpose: Purpose
    attempt: int
    planned_at: datetime
    changed_at: datetime
    delivery: str | None
    provider: str | None
    provider_id: str | None
    possible_duplicate: bool
    not_before: datetime | None
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, and the evidence of how it ended; real time."""

    number: int
    state: MessageState
    phase: str
    provider_id: str | None
    evidence: Mapping[str, Any]
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a provider told; real time."""

    at: datetime
    provider: str
    kind: str
    attempt: int | None
    detail: Mapping[str, Any]


_OWN = (
    "attempt", "planned_at", "changed_at", "delivery", "provider", "provider_id", "possible_duplicate",
    "not_before", "lease_until",
)  # fmt: skip
_LINES = (
    select(
        message.c.public_id,
        *(message.c.state, message.c.reason, customer.c.external_id, journey.c.name),
        *(message.c.step, message.c.channel, message.c.purpose),
        *(message.c[name] for name in _OWN),
    )
    .join(enrollment, enrollment.c.id == message.c.enrollment_id)
    .join(journey, journey.c.id == enrollment.c.journey_id)
    .join(customer, customer.c.id == message.c.customer_id)
)


def by_state(connection: Connection, states: Sequence[MessageState], limit: int, hers: int | None = None) -> list[Line]:
    """Messages in these states, the most urgent state first, then what has stood longest; `hers`: of one customer."""
    urgency = case({state: place for place, state in enumerate(URGENCY)}, value=message.c.state)
    asked = _LINES.where(message.c.state.in_(states)).order_by(urgency, message.c.changed_at, message.c.id)
    if hers is not None:
        asked = asked.where(message.c.customer_id == hers)
    return [Line(*row) for row in connection.execute(asked.limit(limit))]


def one(connection: Connection, message_id: str) -> Line | None:
    """A message by its public id."""
    row = connection.execute(_LINES.where(message.c.public_id == message_id)).one_or_none()
    return None if row is None else Line(*row)


def attempts(connection: Connection, message_id: str) -> list[Attempt]:
    """Every attempt to send a message, the first one first."""
    columns = (message_attempt.c[name] for name in (
        "attempt", "state", "phase", "provider_id", "evidence", "started_at", "ended_at"
    ))  # fmt: skip
    asked = select(*columns).join(message, message.c.id == message_attempt.c.message_id)
    mine = asked.where(message.c.public_id == message_id).order_by(message_attempt.c.attempt)
    return [Attempt(*row) for row in connection.execute(mine)]


def told(connection: Connection, message_id: str) -> list[Told]:
    """Everything that a provider told of a message, in order of its time."""
    columns = (provider_event.c[name] for name in ("at", "provider", "kind", "attempt", "raw"))
    asked = select(*columns).join(message, message.c.id == provider_event.c.message_id)
    mine = asked.where(message.c.public_id == message_id).order_by(provider_event.c.at, provider_event.c.id)
    return [Told(*row) for row in connection.execute(mine)]


def submission(connection: Connection, doubted: Message) -> tuple[str, datetime]:
    """The address that its channel reaches the customer under today, empty without one, and when the attempt began."""
    address = customer.c.email if doubted.channel is Channel.EMAIL else customer.c.phone
    joined = message_attempt.join(message, message.c.id == message_attempt.c.message_id)
    joined = joined.join(customer, customer.c.id == message.c.customer_id)
    newest = (message.c.public_id == doubted.id) & (message_attempt.c.attempt == doubted.attempt)
    sent = select(address, message_attempt.c.started_at).select_from(joined).where(newest)
    known, started_at = connection.execute(sent).one()
    return known or "", started_at
