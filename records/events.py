"""Events come in: one statement a batch, once each, and never lost because their customer is not known yet."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from secrets import randbits
from time import time_ns
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, TextClause, bindparam, func, select, text

from engine.customer import Customer
from engine.facts import Event
from engine.ids import customer_id
from records.customers.encoding import customer_columns
from records.errors import Unstorable
from records.inserting import insert_new
from records.tables import customer, event, release
from records.tables.columns import to_micros

Arrival = tuple[str, Event]
"""The author's id of a customer, and what happened to her."""

_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u(0000|d[89a-f])")
_COLUMNS = "customer_id, message_id, kind, name, occurred_at, received_at, properties, origin, generation, emission"
_SQLITE = text(f"""
    INSERT INTO event ({_COLUMNS})
    SELECT c.id, j.value->>1, j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6, j.value->>7,
           j.value->>8, j.value->>9
    FROM json_each(:rows) AS j JOIN customer AS c ON c.external_id = j.value->>0
    WHERE true ORDER BY j.key ON CONFLICT (message_id) DO NOTHING
""")  # noqa: S608  the columns are ours
_POSTGRES = text(f"""
    INSERT INTO event ({_COLUMNS})
    SELECT c.id, j->>1, j->>2, j->>3, (j->>4)::bigint, (j->>5)::bigint, (j->>6)::json, j->>7,
           (j->>8)::int, (j->>9)::int
    FROM json_array_elements(CAST(:rows AS json)) WITH ORDINALITY AS given(j, place)
    JOIN customer AS c ON c.external_id = j->>0
    ORDER BY place ON CONFLICT (message_id) DO NOTHING
""")  # noqa: S608  the columns are ours
_KNOWN = select(customer.c.external_id).where(customer.c.external_id.in_(bindparam("externals", expanding=True)))
_STORED = (
    select(event.c.message_id, customer.c.external_id, event.c.kind, event.c.name, event.c.properties)
    .join(customer, customer.c.id == event.c.customer_id)
    .where(event.c.message_id.in_(bindparam("ids", expanding=True)))
)
_IN_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch; `conflicting` are ids that came before with other content, of which the first stays.

    `behind` are events of a replay that are dated before what their customers have lived through already.
    """

    new: int = 0
    repeated: int = 0
    conflicting: tuple[str, ...] = ()
    behind: int = 0

    def __add__(self, other: "Ingested") -> "Ingested":
        conflicting = (*self.conflicting, *other.conflicting)
        return Ingested(self.new + other.new, self.repeated + other.repeated, conflicting, self.behind + other.behind)


def fresh_id() -> str:
    """An id for an event that brings none; of two made one after the other, the later is the greater (RFC 9562, v7)."""
    millis, nanos = divmod(time_ns(), 1_000_000)
    return str(UUID(int=millis << 80 | 7 << 76 | (nanos << 12) // 1_000_000 << 64 | 2 << 62 | randbits(62)))


def ingest(connection: Connection, arrivals: Sequence[Arrival], *, strangers: bool = True) -> Ingested:
    """Store events that came in, and their customers where these are new; what is there already stays as it is.

    The content of an event is its customer, kind, name and properties: a repeat may be dated anew. Everybody inserts in
    the order of ids, else two who bring the same events would lock each other out. Without `strangers` nobody is made
    anew: what we ourselves derive about a customer who was erased meanwhile is forgotten.
    Raises Unstorable for text that no database can hold.
    """
    if not strangers:
        known = _known_of(connection, sorted({external for external, _ in arrivals}))
        arrivals = [arrival for arrival in arrivals if arrival[0] in known]
    if not arrivals:
        return Ingested()
    rows = _as_json(sorted(arrivals, key=lambda arrival: arrival[1].id))
    make_known(connection, {external for external, _ in arrivals})
    new = connection.execute(_statement(connection), {"rows": rows}).rowcount
    if new == len(arrivals):
        return Ingested(new)
    conflicting = _conflicting(connection, arrivals)
    return Ingested(new, len(arrivals) - new - len(conflicting), tuple(conflicting))


def make_known(connection: Connection, externals: Iterable[str]) -> None:
    """Make a row for every customer who has none: she is not identified, and nothing has happened to her."""
    asked = sorted(set(externals))
    known = _known_of(connection, asked)
    add_customers(connection, [Customer(external) for external in asked if external not in known])


def stored_of(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of these events, by their ids, that are stored already."""
    return {row[0] for some in _chunks(ids) for row in connection.execute(_STORED, {"ids": some})}


def add_customers(connection: Connection, customers: Sequence[Customer]) -> int:
    """Add rows for customers; one who is there already stays as she is. How many were added."""
    newest = connection.execute(select(func.max(release.c.id))).scalar()
    rows = [
        {"external_id": one.id, "public_id": customer_id(one.id), "release_id": newest, "attempts": 0}
        | customer_columns(one)
        for one in customers
    ]
    return connection.execute(insert_new(connection, customer), rows).rowcount if rows else 0


def check_storable(value: Any) -> None:
    """Raises Unstorable where a value, however deep, is one that no database can hold."""
    match value:
        case str():
            if _UNSTORABLE.search(value):
                raise Unstorable("text_with_nul_or_half_a_character")
        case Mapping():
            for name, inner in value.items():
                check_storable(name)
                check_storable(inner)
        case list() | tuple():
            for inner in value:
                check_storable(inner)


def _known_of(connection: Connection, externals: Sequence[str]) -> set[str]:
    return {one for some in _chunks(externals) for one in connection.execute(_KNOWN, {"externals": some}).scalars()}


def _as_json(arrivals: Sequence[Arrival]) -> str:
    try:
        rows = json.dumps([_row(external, one) for external, one in arrivals], allow_nan=False)
    except ValueError:
        raise Unstorable("number_that_is_none") from None
    if _SUSPECT.search(rows):
        for external, one in arrivals:
            check_storable([external, one.id, one.name, one.properties])
    return rows


def _row(external: str, one: Event) -> list[str | int]:
    properties = _compact(one.properties)
    times = to_micros(one.occurred_at), to_micros(one.received_at)
    return [external, one.id, one.kind, one.name, *times, properties, one.origin, one.generation, one.emission]


def _statement(connection: Connection) -> TextClause:
    return _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE


def _conflicting(connection: Connection, arrivals: Sequence[Arrival]) -> list[str]:
    stored: dict[str, tuple[Any, ...]] = {}
    for some in _chunks(sorted({one.id for _, one in arrivals})):
        stored.update({row[0]: tuple(row[1:]) for row in connection.execute(_STORED, {"ids": some})})
    return [
        one.id for external, one in arrivals if stored[one.id] != (external, one.kind, one.name, dict(one.properties))
    ]


def _chunks(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + _IN_A_QUERY] for start in range(0, len(items), _IN_A_QUERY))
