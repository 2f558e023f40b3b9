"""A small world to live through: the example's release, a customer, her events, and the tables in place of Temporal."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, update

from engine.catalog import Catalog
from engine.customer import Customer
from engine.facts import Event
from engine.language.project import load_release
from engine.release import Release
from engine.settling.order import next_cause
from engine.settling.settle import settle
from engine.words import EventKind, MessageState, Origin
from records.customers import Loaded, by_name, load, save
from records.database import Database
from records.releases import publish
from records.tables import message
from tests.engine.example_project import example_project

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""When every story here begins."""


@cache
def the_release() -> Release:
    """The example project, loaded."""
    release, faults = load_release(example_project())
    assert release is not None, faults
    return release


def the_catalog() -> Catalog:
    """What settle looks up in the example project."""
    return Catalog(the_release())


def publish_example(database: Database) -> None:
    """Make the example live."""
    database.write(lambda connection: publish(connection, the_release(), MONDAY))


def a_customer(id_: str = "ada", **facts: Any) -> Customer:
    """Somebody who allows everything and may be written to."""
    consents = {("email", "product_tips"): True, ("email", "offers"): True, ("sms", "product_tips"): True}
    given = {"attributes": {"country": "DE"}, "email": f"{id_}@example.com", "phone": "+491511234567"} | facts
    return Customer(id_, identified=True, consents=consents, **given)


def an_event(name: str, after: timedelta = timedelta(0), id_: str = "", **properties: Any) -> Event:
    """Something that happens so long after MONDAY, stored before it does."""
    at = MONDAY + after
    return Event(id_ or f"{name}-{after}", EventKind.TRACK, name, at, at, properties, Origin.REPLAY)


def row_of(database: Database, name: str) -> int:
    """A customer's row."""
    row = database.read(lambda connection: by_name(connection, name))
    assert row is not None
    return row


def settle_row(connection: Connection, row: int, now: datetime, causes: int = 100, accepts: bool = False) -> bool:
    """One settle, of so many causes at most; is there more? With `accepts` none after one that plans a message."""
    if accepts:
        accept_all(connection, row, now)
    loaded, left = load(connection, row, now), iter(range(causes - 1))
    planned = loaded.customer.effects.planned

    def may_go_on() -> bool:
        return not (accepts and planned) and next(left, None) is not None

    more = settle(loaded.customer, the_catalog(), now, may_go_on)
    save(connection, loaded, the_catalog(), now)
    return more


def accept_all(connection: Connection, row: int, now: datetime) -> None:
    """Have providers take what was planned before the instant of the next cause, as they do in a simulation."""
    cause = next_cause(load(connection, row, now).customer, the_catalog(), now)
    if cause is not None:
        open_ = message.c.state == MessageState.PLANNED
        taken = update(message).where(message.c.customer_id == row, open_, message.c.planned_at < cause.instant)
        connection.execute(taken.values(state=MessageState.ACCEPTED, accepted_at=now))


def settle_at(database: Database, name: str, now: datetime, causes: int = 100, accepts: bool = False) -> bool:
    """One settle in one transaction."""
    row = row_of(database, name)
    return database.write(lambda connection: settle_row(connection, row, now, causes, accepts))


def settle_all(
    database: Database, name: str, times: Sequence[datetime], causes: int = 100, accepts: bool = False
) -> None:
    """Settle a customer at each of these moments until nothing is due."""
    for now in times:
        while settle_at(database, name, now, causes, accepts):
            pass


def loaded_at(database: Database, name: str, now: datetime) -> Loaded:
    """The customer as she is loaded."""
    row = row_of(database, name)
    return database.write(lambda connection: load(connection, row, now))
