"""The send ledger: messages, every attempt to send one, and what providers said later."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.words import Channel, MessageState, Purpose
from records.tables.columns import Instant, Json, PublicId, Row, RowId, Word

OPEN = text("message.state IN ('planned', 'not_sent')")
"""Still to be sent. Literally: a database asks its index of such rows only where it reads the very words."""
IN_DOUBT = text("message.state IN ('sending', 'unknown')")
"""Perhaps sent, for the same reason."""

_OPEN = text("state IN ('planned', 'not_sent')")
_IN_DOUBT = text("state IN ('sending', 'unknown')")
_COUNTED = text("journey_id IS NOT NULL")


class MessageRow(Row, table=True):
    """What a channel is asked to carry, and where that stands.

    Business clock: `planned_at`, `expires_at`. Real clock: every other time. `facts` is what its template is given;
    `reason` says why it was withheld, rejected or is in doubt; `delivery` is what became of an accepted one.
    """

    __tablename__ = "message"
    __table_args__: ClassVar[Any] = (
        Index("ix_message_enrollment_id", "enrollment_id", "state"),
        Index("ix_message_customer_id", "customer_id", "planned_at"),
        Index("ix_message_open", "planned_real_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_message_in_doubt", "lease_until", sqlite_where=_IN_DOUBT, postgresql_where=_IN_DOUBT),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    public_id: str = Field(unique=True, sa_type=PublicId)
    enrollment_id: int = Field(foreign_key="enrollment.id", sa_type=RowId)
    customer_id: int = Field(foreign_key="customer.id", sa_type=RowId)
    step: str
    visit: int
    channel: Channel = Field(sa_type=Word(Channel))
    template: str
    purpose: Purpose = Field(sa_type=Word(Purpose))
    topic: str
    sender: str
    planned_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    planned_real_at: datetime = Field(sa_type=Instant)
    facts: dict[str, Any] = Field(sa_type=Json)
    fallback: bool
    parting: bool
    state: MessageState = Field(sa_type=Word(MessageState))
    reason: str
    attempt: int
    epoch: int
    changed_at: datetime = Field(sa_type=Instant)
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    rendered_hash: str | None = None
    provider: str | None = None
    provider_id: str | None = Field(default=None, index=True)
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    delivery: str | None = None
    possible_duplicate: bool


class MessageAttemptRow(Row, table=True):
    """One attempt to send a message, and the evidence of how it ended; all times on the real clock.

    `address_hash` is the keyed hash of the address it went to, which may be another by now.
    """

    __tablename__ = "message_attempt"
    __table_args__: ClassVar[Any] = (UniqueConstraint("message_id", "attempt"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    message_id: int = Field(foreign_key="message.id", sa_type=RowId)
    attempt: int
    state: MessageState = Field(sa_type=Word(MessageState))
    phase: str
    provider_id: str | None = None
    evidence: dict[str, Any] = Field(sa_type=Json)
    address_hash: str | None = None
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class ProviderEventRow(Row, table=True):
    """What a provider told us, kept as it came; unique by the provider's own id. `at` is real time.

    `journey_id` is the journey whose rates it counts for, if it does: the first of its kind of its message.
    """

    __tablename__ = "provider_event"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("provider", "event_id"),
        Index("ix_provider_event_counted", "journey_id", "id", sqlite_where=_COUNTED, postgresql_where=_COUNTED),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    provider: str
    event_id: str
    kind: str
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True, sa_type=RowId)
    attempt: int | None = None
    journey_id: int | None = Field(default=None, sa_type=RowId)
    at: datetime = Field(sa_type=Instant)
    raw: dict[str, Any] = Field(sa_type=Json)


class ChannelRow(Row, table=True):
    """A channel that has been paused, and why; one without a row sends."""

    __tablename__ = "channel"

    name: Channel = Field(sa_type=Word(Channel), primary_key=True)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str
