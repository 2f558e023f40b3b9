"""What a customer was called and reached by before: an import's first facts stand in no event, only in her row."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from records.tables import known_as

Fact = tuple[str, str]
"""`email`, `phone` or `name`, and what it says."""

_NAMED: Final = "name"
"""An attribute with this word in it holds a name."""


def facts_of(said: Mapping[str, Any]) -> Iterator[Fact]:
    """What a row or an identify event says that tells who she is."""
    for kind in ("email", "phone"):
        if address := said.get(kind):
            yield kind, str(address)
    for name, value in said.get("attributes", {}).items():
        if isinstance(value, str) and value.strip() and _NAMED in name.lower():
            yield _NAMED, value


def kept(connection: Connection, row: int) -> set[Fact]:
    """What was kept of her before it was overwritten."""
    asked = select(known_as.c.kind, known_as.c.value).where(known_as.c.customer_id == row)
    return {(kind, value) for kind, value in connection.execute(asked)}


def keep(connection: Connection, row: int, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Keep what her row said and says no more."""
    overwritten = {*facts_of(before)} - {*facts_of(now)}
    if overwritten and (new := overwritten - kept(connection, row)):
        rows = [{"customer_id": row, "kind": kind, "value": value} for kind, value in sorted(new)]
        connection.execute(insert(known_as), rows)
