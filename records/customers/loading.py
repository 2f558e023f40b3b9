"""A customer loaded whole and locked, for settle to work on."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from engine.customer import Customer, Inbox, MemoryHistory, MemoryPast, Waiting
from engine.facts import Event
from engine.settling.learning import hear
from engine.timing.reservations import MemoryReserved
from engine.words import EventKind
from records.customers.encoding import Columns, customer_columns, customer_of, enrollment_of
from records.customers.history import EVENT, TableHistory, TablePast, TableReserved
from records.errors import Unknown
from records.ledger.addresses import Hashing
from records.privacy.erased import TableErased
from records.tables import customer, enrollment, event, journey, journey_version, message
from records.tables.events import DELIVERY

EVENTS_PER_LOAD = 200
"""More than settle takes at a time, so that what is left out is never before what is in."""

_CUSTOMER = (
    select(customer)
    .where(customer.c.id == bindparam("customer"), customer.c.erased_at.is_(None))
    .with_for_update(key_share=True)
)
_INBOX = (
    select(event.c.id, *EVENT)
    .where(
        event.c.customer_id == bindparam("customer"),
        event.c.settled_order.is_(None),
        or_(event.c.occurred_at <= bindparam("now"), event.c.kind.in_((EventKind.CONSENT, EventKind.SUPPRESS))),
    )
    .order_by(event.c.occurred_at, event.c.generation, event.c.emission, event.c.message_id)
    .limit(EVENTS_PER_LOAD)
)
_ENROLLMENTS = (
    select(enrollment, journey.c.name.label("journey"), journey_version.c.digest.label("version"))
    .join(journey, journey.c.id == enrollment.c.journey_id)
    .join(journey_version, journey_version.c.id == enrollment.c.version_id)
    .where(enrollment.c.customer_id == bindparam("customer"))
    .order_by(enrollment.c.id)
)
_CONCERNED = _ENROLLMENTS.where(or_(enrollment.c.left_at.is_(None), enrollment.c.goal_until >= bindparam("since")))
_NAMED = _ENROLLMENTS.where(enrollment.c.public_id.in_(bindparam("named", expanding=True)))
_SENT = select(message.c.enrollment_id, message.c.step, message.c.planned_at).where(
    message.c.enrollment_id.in_(bindparam("enrollments", expanding=True)), message.c.accepted_at.is_not(None)
)

_DELIVERIES = select(event.c.properties, event.c.occurred_at, event.c.settled_order).where(
    event.c.customer_id == bindparam("customer"), DELIVERY, event.c.settled_order.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An enrollment's row as it was loaded: its key, its ring, and whether the wait index knows it."""

    row: int
    ring: int
    awaits: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """A customer for settle to change, and the rows she came from: events by message id, enrollments by public id."""

    customer: Customer
    row: int
    columns: Columns
    enrollments: dict[str, Kept] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)


def load(
    connection: Connection,
    row: int,
    now: datetime,
    also: Collection[str] = (),
    hashing: Hashing | None = None,
) -> Loaded:
    """Lock a customer and load what is due at `now`, and every enrollment that it can concern, and `also` these.

    What she has said of her permission comes too, though dated later: by another's clock, or while this waited.

    With `hashing` she knows which addresses belonged to customers who were erased.

    Raises Unknown when there is no such row, or she is being erased.
    """
    found = connection.execute(_CUSTOMER, {"customer": row}).mappings().first()
    if found is None:
        raise Unknown("customer")
    her = customer_of(found)
    loaded = Loaded(her, row, customer_columns(her))
    events = _load_inbox(connection, loaded, now)
    _load_enrollments(connection, loaded, events, now, also)
    her.history = MemoryHistory(TableHistory(connection, row))
    her.past = MemoryPast(TablePast(connection, row))
    her.reserved = MemoryReserved(TableReserved(connection, row))
    if hashing is not None:
        her.erased = TableErased(connection, hashing)
    return loaded


def _load_inbox(connection: Connection, loaded: Loaded, now: datetime) -> list[Event]:
    events = []
    for row, *columns in connection.execute(_INBOX, {"customer": loaded.row, "now": now}):
        events.append(Event(*columns))
        loaded.events[events[-1].id] = row
    loaded.customer.inbox = Inbox(events)
    return events


def _load_enrollments(
    connection: Connection, loaded: Loaded, events: list[Event], now: datetime, also: Collection[str]
) -> None:
    """Those that live, those whose goal can still be counted by what is due, and those that a refusal names."""
    her = loaded.customer
    times = [one.occurred_at for one in events] + [her.last_instant or now]
    rows = list(connection.execute(_CONCERNED, {"customer": loaded.row, "since": min(times)}).mappings())
    have = {row["public_id"] for row in rows}
    refused = {str(one.properties["enrollment"]) for one in events if one.kind is EventKind.REFUSED}
    named = (refused | set(also)) - have
    if named:
        rows += connection.execute(_NAMED, {"customer": loaded.row, "named": sorted(named)}).mappings()
        rows.sort(key=lambda row: int(row["id"]))
    for row in rows:
        one = enrollment_of(row)
        her.enrollments.append(one)
        loaded.enrollments[one.id] = Kept(row["id"], row["ring"], one.standing.waiting is Waiting.EVENT)
    if rows:
        _load_sent(connection, {row["id"]: one.reached for row, one in zip(rows, her.enrollments, strict=True)})
        _load_deliveries(connection, loaded)


def _load_sent(connection: Connection, reached: dict[int, dict[str, dict[str, Any]]]) -> None:
    """What a provider has accepted was sent, as journeys see it, at the instant for which it was planned."""
    for row, step, at in connection.execute(_SENT, {"enrollments": list(reached)}):
        reached[row].setdefault(step, {})["sent"] = at


def _load_deliveries(connection: Connection, loaded: Loaded) -> None:
    """What providers have said of her messages since these passages began, as far as it has been settled."""
    inside = {one.id: one for one in loaded.customer.enrollments}
    for news, at, order in connection.execute(_DELIVERIES, {"customer": loaded.row}):
        one = inside.get(news["enrollment"])
        if one is not None and order > one.entered_order:
            hear(one.reached, news, at)
