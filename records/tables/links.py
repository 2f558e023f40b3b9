"""What links in messages lead to."""

from sqlalchemy import LargeBinary
from sqlmodel import Field

from records.tables.columns import Row, RowId


class LinkRow(Row, table=True):
    """An address that a tracked link way to; `digest` is its sha256, since an index does not take any length."""

    __tablename__ = "link"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    url: str
    digest: bytes = Field(unique=True, sa_type=LargeBinary)
