"""Customers: who they are, where they are in their life, what they allow, and when to look at them again."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from records.tables.columns import Identity, Instant, Json, PublicId, Row, RowId


class CustomerRow(Row, table=True):
    """A customer as she was last settled.

    `attributes`, `consents` ({channel: {topic: bool}}), `suppressions`, `dealt` (arm by split) and `held` are read and
    written whole with her, so that settling costs one row; they are JSON, which both databases can still query as sets.
    `events_settled` and `decisions_made` count hers. `release_id` is the newest release she has been told of.
    `attempts`, `not_before` and `tried_at` are on the real clock and belong to whoever settles her; `trouble` is the
    code of her last failure.
    """

    __tablename__ = "customer"
    __table_args__: ClassVar[Any] = (
        Index("ix_customer_recheck_at", "recheck_at", sqlite_where=text("recheck_at IS NOT NULL"),
              postgresql_where=text("recheck_at IS NOT NULL")),
        Index("ix_customer_trouble", "trouble", sqlite_where=text("trouble IS NOT NULL"),
              postgresql_where=text("trouble IS NOT NULL")),
        Index("ix_customer_phone", "phone", sqlite_where=text("phone IS NOT NULL"),
              postgresql_where=text("phone IS NOT NULL")),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    external_id: str = Field(unique=True, sa_type=Identity)
    public_id: str = Field(unique=True, sa_type=PublicId)
    known_since: datetime | None = Field(default=None, sa_type=Instant)
    identified: bool
    attributes: dict[str, Any] = Field(sa_type=Json)
    email: str | None = None
    phone: str | None = None
    zone: str | None = None
    stage: str
    stage_since: datetime | None = Field(default=None, sa_type=Instant)
    last_instant: datetime | None = Field(default=None, sa_type=Instant)
    history_until: datetime | None = Field(default=None, sa_type=Instant)
    recheck_at: datetime | None = Field(default=None, sa_type=Instant)
    recheck_generation: int
    events_settled: int
    decisions_made: int
    consents: dict[str, Any] = Field(sa_type=Json)
    suppressions: list[Any] = Field(sa_type=Json)
    dealt: dict[str, str] = Field(sa_type=Json)
    held: list[Any] = Field(sa_type=Json)
    release_id: int | None = Field(default=None, foreign_key="release.id", index=True, sa_type=RowId)
    attempts: int
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    tried_at: datetime | None = Field(default=None, sa_type=Instant)
    trouble: str | None = None
    erased_at: datetime | None = Field(default=None, sa_type=Instant)


class KnownAsRow(Row, table=True):
    """What a customer's row said of who she is, before it was overwritten; `kind` is `email`, `phone` or `name`."""

    __tablename__ = "known_as"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    customer_id: int = Field(foreign_key="customer.id", index=True, sa_type=RowId)
    kind: str
    value: str


class StageMoveRow(Row, table=True):
    """One line of the append-only stage history."""

    __tablename__ = "stage_move"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    customer_id: int = Field(foreign_key="customer.id", index=True, sa_type=RowId)
    at: datetime = Field(sa_type=Instant)
    from_stage: str
    to_stage: str
    cause: str
    by: str
