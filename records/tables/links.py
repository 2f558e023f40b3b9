"""What links in messages lead to."""

from sqlalchemy import LargeBinary
from sqlmodel import Field

from records.tables.columns import Row, RowId


class LinkRow(Row, table=True):
    """An address that a tracked link leads to; `digest` is its sha256, since an index does not take any length.

    `customer_id` is whose messages alone carry it; NULL where others' do too, or nobody knows. One that an erasure took
    away keeps its number, so that no other address gets it, and leads nowhere: `url` is empty.
    """

    __tablename__ = "link"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    url: str
    digest: bytes = Field(unique=True, sa_type=LargeBinary)
    customer_id: int | None = Field(default=None, index=True, sa_type=RowId)
