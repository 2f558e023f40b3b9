"""Events: everything that happened, settled or still to be settled."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from engine.words import EventKind, Origin
from records.tables.columns import Identity, Instant, Json, Row, RowId, Word

DELIVERY = text("event.kind = 'delivery'")
"""News of a message. Literally: a database asks its index of such rows only where it reads the very words."""

_UNSETTLED = text("settled_order IS NULL")
_DELIVERY = text("kind = 'delivery'")


class EventRow(Row, table=True):
    """Something that happened to a customer; `settled_order` is its place among hers, NULL while it is unsettled.

    The first index serves sets of customers, the second one customer's past; the partial ones find what is due,
    and the news of messages.
    """

    __tablename__ = "event"
    __table_args__: ClassVar[Any] = (
        Index("ix_event_name", "name", "occurred_at", "customer_id"),
        Index("ix_event_customer_id", "customer_id", "name", "occurred_at"),
        Index("ix_event_unsettled", "occurred_at", "customer_id", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
        Index("ix_event_delivery", "customer_id", sqlite_where=_DELIVERY, postgresql_where=_DELIVERY),
        Index("ix_event_inbox", "customer_id", "occurred_at", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    customer_id: int = Field(foreign_key="customer.id", sa_type=RowId)
    message_id: str = Field(unique=True, sa_type=Identity)
    kind: EventKind = Field(sa_type=Word(EventKind))
    name: str
    occurred_at: datetime = Field(sa_type=Instant)
    received_at: datetime = Field(sa_type=Instant)
    properties: dict[str, Any] = Field(sa_type=Json)
    origin: Origin = Field(sa_type=Word(Origin))
    generation: int
    emission: int
    settled_order: int | None = None
