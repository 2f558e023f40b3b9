"""What customers allow: the append-only log, and the addresses we must not write to."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.words import Channel, Ruling
from records.tables.columns import Instant, Row, RowId, Word

_OPEN = text("read_at IS NULL")


class ConsentEventRow(Row, table=True):
    """One line of the append-only consent log: what was said, in which words, where and when."""

    __tablename__ = "consent_event"
    __table_args__: ClassVar[Any] = (UniqueConstraint("event_id", "channel", "topic"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    customer_id: int = Field(foreign_key="customer.id", index=True, sa_type=RowId)
    event_id: int | None = Field(default=None, foreign_key="event.id", sa_type=RowId)
    channel: Channel = Field(sa_type=Word(Channel))
    topic: str
    state: bool
    wording: str
    source: str
    at: datetime = Field(sa_type=Instant)


class SuppressionRow(Row, table=True):
    """An address we must not write to. Topic "" is all of them; `everything` includes transactional messages.

    `address_hash` is the sha256 of the address as it was then, so that the address itself can be forgotten.
    """

    __tablename__ = "suppression"
    __table_args__: ClassVar[Any] = (UniqueConstraint("customer_id", "channel", "topic", "everything"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    customer_id: int = Field(foreign_key="customer.id", sa_type=RowId)
    channel: Channel = Field(sa_type=Word(Channel))
    topic: str
    everything: bool
    address_hash: str | None = Field(default=None, index=True)
    reason: str
    at: datetime = Field(sa_type=Instant)


class SuppressedAddressRow(Row, table=True):
    """An address that is not to be written to, whoever has it; `address_hash` is keyed. `at` is business time."""

    __tablename__ = "suppressed_address"
    __table_args__: ClassVar[Any] = (UniqueConstraint("address_hash", "channel", "topic", "everything"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    address_hash: str
    channel: Channel = Field(sa_type=Word(Channel))
    topic: str
    everything: bool
    reason: str
    at: datetime = Field(sa_type=Instant)


class ReviewRow(Row, table=True):
    """Words of a customer that may mean an opt-out, for somebody to read. `words` are personal; times are real.

    `ruling` is what they were found to mean, and `why` the reader's reason.
    """

    __tablename__ = "review"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("provider", "event_id", "customer_id"),
        Index("ix_review_open", "said_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    customer_id: int = Field(foreign_key="customer.id", index=True, sa_type=RowId)
    channel: Channel = Field(sa_type=Word(Channel))
    provider: str
    event_id: str
    words: str
    said_at: datetime = Field(sa_type=Instant)
    read_at: datetime | None = Field(default=None, sa_type=Instant)
    read_by: str | None = None
    ruling: Ruling | None = Field(default=None, sa_type=Word(Ruling))
    why: str = ""
