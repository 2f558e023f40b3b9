"""The decision log as it is kept: what was decided, why, and why not."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field

from engine.decisions import Decided
from records.tables.columns import Instant, Json, PublicId, Row, RowId, Word


class DecisionRow(Row, table=True):
    """One decision about one customer at its instant; `decided_at` is when it was really made."""

    __tablename__ = "decision"
    __table_args__: ClassVar[Any] = ({"sqlite_with_rowid": False},)

    customer_id: int = Field(foreign_key="customer.id", primary_key=True, sa_type=RowId)
    sequence: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    decided_at: datetime = Field(sa_type=Instant)
    decided: Decided = Field(sa_type=Word(Decided))
    cause: str
    journey: str
    enrollment: str | None = Field(default=None, sa_type=PublicId)
    step: str
    detail: dict[str, Any] = Field(sa_type=Json)
    release_id: int | None = Field(default=None, foreign_key="release.id", sa_type=RowId)
