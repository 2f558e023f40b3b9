"""What the tables are made of: the schema they share and the types of their columns."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import JSON, TypeDecorator, TypeEngine
from sqlmodel import SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
E = TypeVar("E", bound=StrEnum)

Identity = String().with_variant(String(collation="C"), "postgresql")
"""An id that others gave; ordered by code points, as Python orders it."""

RowId = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key; never leaves this room."""


class Row(SQLModel):
    """The root of every table model; holds the schema and the names of its constraints."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=_NAMES)


def table_of(model: type[Row]) -> Table:
    """The table behind a model, for statements."""
    return model.metadata.tables[str(model.__tablename__)]


def to_micros(at: datetime) -> int:
    """An aware datetime as microseconds since 1970 in UTC."""
    return (at - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware datetime in UTC that `to_micros` was given."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To the table."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From the table."""
        return None if value is None else from_micros(value)


class PublicId(TypeDecorator[str]):
    """A uuid as engine.ids writes it; sixteen bytes in SQLite, a uuid in PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that this database has for it."""
        own = postgresql.UUID(as_uuid=False) if dialect.name == "postgresql" else LargeBinary(16)
        return dialect.type_descriptor(own)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | bytes | None:
        """To the table."""
        if value is None or dialect.name == "postgresql":
            return value
        return UUID(value).bytes

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        """From the table."""
        return str(UUID(bytes=value)) if isinstance(value, bytes) else value


class Key(TypeDecorator[str]):
    """An enrollment's key, or that it has none: never NULL, since NULL is not equal to NULL in a unique index."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        """To the table: nothing for no key, else the key behind a sign."""
        return "" if value is None else f"={value}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """From the table."""
        return value[1:] if value else None


class Word(TypeDecorator[E]):
    """A word of a closed set, kept as it is spelled everywhere."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """To the table."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """From the table."""
        return None if value is None else self.words(value)


Json = JSON
"""Maps and lists as text: unlike JSONB it keeps every number as it was written, which the decision log needs."""
