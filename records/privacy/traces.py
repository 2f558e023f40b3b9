"""Looks through every text of every table for what must not be there: proof that an erasure has left nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import JSON, Column, ColumnElement, Connection, MetaData, String, Table, cast, func, or_, select, true

from records.privacy.needles import Kind, Needle

NOBODYS: Final = frozenset({"alembic_version", "channel", "clock", "journey", "journey_version", "link", "release"})
"""What authors and operators wrote: a customer's first name may be a word there."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where something was found, and of what kind it is; never the value itself."""

    where: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Searched:
    """How many columns of how many tables were looked through, and what was found there."""

    tables: int
    columns: int
    traces: tuple[Trace, ...]


def search(connection: Connection, needles: Sequence[Needle]) -> Searched:
    """Every text and JSON column of every table that the database has, ours or not."""
    found = MetaData()
    found.reflect(connection)
    owned = _owned(found)
    texts = {table: _texts(table) for table in found.sorted_tables}
    traces = [
        trace
        for table, columns in texts.items()
        for column in columns
        for trace in _traces(connection, column, needles, owned.get(table.name))
    ]
    return Searched(len(texts), sum(map(len, texts.values())), tuple(traces))


def _traces(
    connection: Connection, column: Column[object], needles: Sequence[Needle], owner: str | None
) -> Iterator[Trace]:
    """`owner` is the column that names whose a row is; empty: every row is somebody's own."""
    nobodys = _nobodys(column.table, owner)
    for rows, some in ((true(), [one for one in needles if one.telling]),
                       (nobodys, [one for one in needles if not one.telling and not one.faint])):  # fmt: skip
        if rows is not None and some:
            kinds = _kinds(connection, column, some, rows)
            yield from (Trace(f"{column.table.name}.{column.name}", kind) for kind in sorted(kinds))


def _kinds(
    connection: Connection, column: Column[object], needles: Sequence[Needle], rows: ColumnElement[bool]
) -> set[Kind]:
    """The kinds of what stands in a column."""
    words = func.lower(cast(column, String))
    like = or_(*(one.like(words) for one in needles))
    asked = select(words).where(rows, like).execution_options(yield_per=500)
    found = connection.execute(asked).scalars()
    return {one.kind for row in found for one in needles if one.stands_in(row)}


def _nobodys(table: Table, owner: str | None) -> ColumnElement[bool] | None:
    """The rows that are no customer's and no author's; None: there are none."""
    if table.name in NOBODYS or owner == "":
        return None
    return true() if owner is None else table.c[owner].is_(None)


def _owned(found: MetaData) -> dict[str, str]:
    """The tables whose rows belong to a customer, each with the column that leads there; her own table without one."""
    owned = {"customer": ""}
    for table in found.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name in owned for key in column.foreign_keys) and table.name not in owned:
                owned[table.name] = column.name if column.nullable else ""
    return owned


def _texts(table: Table) -> list[Column[object]]:
    return [column for column in table.columns if isinstance(column.type, String | JSON)]
