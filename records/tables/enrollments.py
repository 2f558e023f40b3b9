"""Enrollments, what they wait for, and the bells that are to be rung for them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from engine.words import ExitReason
from records.tables.columns import Instant, Json, Key, PublicId, Row, RowId, Word

_LIVES = text("left_at IS NULL")


class EnrollmentRow(Row, table=True):
    """One customer's passage through one journey version, and where it stands.

    At most one lives per customer, journey and key. `standing` holds what only settle reads; `step` and `due_at` are
    copied out of it for counts and for finding what is overdue. `ring` counts the changes of its answer.
    """

    __tablename__ = "enrollment"
    __table_args__: ClassVar[Any] = (
        Index("uq_enrollment_live", "customer_id", "journey_id", "key", unique=True, sqlite_where=_LIVES,
              postgresql_where=_LIVES),
        Index("ix_enrollment_customer_id", "customer_id", "journey_id", "key", "left_at"),
        Index("ix_enrollment_due_at", "due_at", sqlite_where=_LIVES, postgresql_where=_LIVES),
        Index("ix_enrollment_journey_id", "journey_id", "step"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    public_id: str = Field(unique=True, sa_type=PublicId)
    customer_id: int = Field(foreign_key="customer.id", sa_type=RowId)
    journey_id: int = Field(foreign_key="journey.id", sa_type=RowId)
    version_id: int = Field(foreign_key="journey_version.id", sa_type=RowId)
    key: str = Field(sa_type=Key)
    cause: str
    entered_at: datetime = Field(sa_type=Instant)
    entered_order: int
    entry: dict[str, Any] = Field(sa_type=Json)
    held_out: bool
    step: str
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    standing: dict[str, Any] = Field(sa_type=Json)
    goal_at: datetime | None = Field(default=None, sa_type=Instant)
    goal_value: float
    goal_until: datetime | None = Field(default=None, sa_type=Instant)
    left_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: ExitReason | None = Field(default=None, sa_type=Word(ExitReason))
    label: str
    ring: int


class WaitRow(Row, table=True):
    """An event's name that an enrollment waits for now."""

    __tablename__ = "wait"

    event_name: str = Field(primary_key=True)
    enrollment_id: int = Field(foreign_key="enrollment.id", primary_key=True, index=True, sa_type=RowId)


class OutboxRow(Row, table=True):
    """A start or a ring that Temporal is still to be given: one row per enrollment, so that rings coalesce.

    Whoever hands it over deletes it `where seq = <what was sent>`. `since`, `not_before` and `attempts`: real clock.
    """

    __tablename__ = "outbox"

    enrollment_id: int = Field(foreign_key="enrollment.id", primary_key=True, sa_type=RowId)
    seq: int
    is_start: bool
    since: datetime = Field(sa_type=Instant, index=True)
    attempts: int
    not_before: datetime | None = Field(default=None, sa_type=Instant)
