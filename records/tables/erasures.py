"""That customers were erased."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from records.tables.columns import Instant, Json, Row, RowId


class ErasedRow(Row, table=True):
    """One erasure, under a keyed hash of the customer's id. `at` is real time.

    `key` names the key of the hashes, so that another key is noticed. The hashes of her addresses stand among the
    suppressed ones; nothing ties them to this one, or to each other. `left` lists what it could not remove, in words
    that name nobody; None: it was cut off before it knew.
    """

    __tablename__ = "erased"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    fingerprint: str = Field(unique=True)
    key: str
    at: datetime = Field(sa_type=Instant)
    left: list[Any] | None = Field(default=None, sa_type=Json)
