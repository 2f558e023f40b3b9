"""Imports: customers and events in small transactions, so that what lives on beside them is not held up."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.customer import Customer
from engine.facts import Event
from engine.ids import named
from engine.words import EventKind, Origin
from records.customers.encoding import customer_of
from records.database import Database
from records.events import Arrival, Ingested, add_customers, check_storable, ingest, stored_of
from records.tables import consent_event, customer

T = TypeVar("T")
ROWS_PER_COMMIT = 1000
_OURS = customer.c.external_id.in_(bindparam("externals", expanding=True))
_STILL_TO_LIVE = (
    update(customer)
    .where(_OURS, customer.c.history_until.is_not(None), customer.c.last_instant.is_(None))
    .values(
        known_since=func.nullif(customer.c.known_since, customer.c.history_until),
        recheck_at=func.nullif(customer.c.known_since, customer.c.history_until),
        history_until=None,
    )
)
"""Who was known since the import alone is known from her first cause on."""

_LIVED = select(customer.c.external_id, customer.c.last_instant).where(_OURS, customer.c.last_instant.is_not(None))
_STORED = select(customer).where(customer.c.external_id.in_(bindparam("externals", expanding=True)))


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of some customers: rows added, those who were told something new, those who stayed as they were."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Imported") -> "Imported":
        return Imported(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


def import_events(database: Database, arrivals: Iterable[Arrival], *, replay: bool = False) -> Iterator[Ingested]:
    """Store events; gives what became of each thousand, once they are stored.

    In a `replay` a customer who came in as history, and has lived through nothing since, lives through these from the
    first one on.
    """
    for some in _batches(arrivals):
        yield _paced(database, partial(_relive if replay else ingest, arrivals=some))


def import_customers(
    database: Database, customers: Iterable[Customer], now: datetime, *, replay: bool = False
) -> Iterator[Imported]:
    """Store customers; gives what became of each thousand, once they are stored.

    A new customer carries her first facts from the start: imported history, unless it is a replay, in which she is
    known from her first cause on. One who is there already is told by an event what the import says of her.
    """
    for some in _batches(customers):
        yield _paced(database, partial(_take_in, customers=some, now=now, replay=replay))


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(rows)
    while some := list(islice(remaining, ROWS_PER_COMMIT)):
        yield some


def _paced(database: Database, work: Callable[[Connection], T]) -> T:
    """Do the work in one transaction, then leave the database to others for half as long as it took."""
    begun = monotonic()
    result = database.write(work)
    sleep((monotonic() - begun) / 2)
    return result


def _relive(connection: Connection, arrivals: Sequence[Arrival]) -> Ingested:
    names, behind = sorted({name for name, _ in arrivals}), 0
    for start in range(0, len(names), 500):
        asked = {"externals": names[start : start + 500]}
        connection.execute(_STILL_TO_LIVE, asked)
        lived = {row[0]: row[1] for row in connection.execute(_LIVED, asked)}
        late = [one.id for name, one in arrivals if name in lived and one.occurred_at < lived[name]]
        behind += len(set(late) - stored_of(connection, late))
    return replace(ingest(connection, arrivals), behind=behind)


def _take_in(connection: Connection, customers: Sequence[Customer], now: datetime, replay: bool) -> Imported:
    by_name = {one.id: one for one in customers}
    for one in by_name.values():
        check_storable([one.id, one.email, one.phone, one.zone, one.stage, one.attributes])
    known = _stored(connection, list(by_name))
    fresh = [one if replay else _as_history(one, now) for name, one in by_name.items() if name not in known]
    add_customers(connection, fresh)
    _log_consents(connection, fresh, now)
    origin = Origin.REPLAY if replay else Origin.HISTORY
    told = [(one.id, said) for one in by_name.values() if one.id in known and (said := _news(known[one.id], one))]
    done = ingest(connection, [(name, _identify(known[name], said, now, origin)) for name, said in told])
    return Imported(len(fresh), done.new, len(customers) - len(fresh) - done.new)


def _stored(connection: Connection, names: Sequence[str]) -> dict[str, Customer]:
    found: dict[str, Customer] = {}
    for start in range(0, len(names), 500):
        rows = connection.execute(_STORED, {"externals": names[start : start + 500]}).mappings()
        found.update({row["external_id"]: customer_of(row) for row in rows})
    return found


def _as_history(one: Customer, now: datetime) -> Customer:
    return replace(one, known_since=one.known_since or now, history_until=now, recheck_at=now)


def _news(before: Customer, one: Customer) -> Mapping[str, Any]:
    """What an import says of a customer that is not known yet, as an identify event says it."""
    facts = ("email", "phone", "zone", "stage")
    said: dict[str, Any] = {
        name: getattr(one, name) for name in facts if getattr(one, name) and getattr(one, name) != getattr(before, name)
    }
    attributes = {name: value for name, value in one.attributes.items() if before.attributes.get(name) != value}
    consent: dict[str, list[str]] = {}
    for channel, topic in sorted(one.consents):
        if (channel, topic) not in before.consents:  # a no is taken back by herself alone
            consent.setdefault(channel, []).append(topic)
    return said | ({"attributes": attributes} if attributes else {}) | ({"consent": consent} if consent else {})


def _identify(before: Customer, said: Mapping[str, Any], now: datetime, origin: Origin) -> Event:
    """The same news is the same event until it is settled, so that an import can be repeated."""
    id_ = named("identify", before.id, json.dumps(said, sort_keys=True), before.order)
    return Event(id_, EventKind.IDENTIFY, "", now, now, said, origin)


def _log_consents(connection: Connection, customers: Sequence[Customer], at: datetime) -> None:
    stated = {one.id: one.consents for one in customers if one.consents}
    rows = []
    for start in range(0, len(stated), 500):
        names = list(stated)[start : start + 500]
        for row in connection.execute(_STORED, {"externals": names}).mappings():
            rows += [
                {"customer_id": row["id"], "event_id": None, "channel": channel, "topic": topic, "state": state,
                 "wording": "", "source": "import", "at": at}
                for (channel, topic), state in stated[row["external_id"]].items()
            ]  # fmt: skip
    if rows:
        connection.execute(insert(consent_event), rows)
