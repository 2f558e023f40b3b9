"""Memory and tables serve settle alike, and a customer who is saved and loaded is the same."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from itertools import count, groupby
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from engine import ids
from engine.customer import Customer
from engine.facts import Event
from engine.settling.settle import settle
from engine.simulate import TICK, live_through, log
from engine.words import EventKind, Origin
from records.customers import due, load, save
from records.database import Database
from records.events import ingest
from records.imports import import_customers
from records.journal import export_log
from tests.records.living import (
    MONDAY,
    a_customer,
    an_event,
    loaded_at,
    publish_example,
    row_of,
    settle_all,
    settle_row,
    the_catalog,
)

ASIDE = {"effects", "inbox", "history", "past", "reserved"}
UNTIL = MONDAY + timedelta(days=70)
HOURS = st.integers(0, 24 * 40)
WHAT = st.sampled_from(
    [
        (EventKind.TRACK, "signed_up", {}),
        (EventKind.TRACK, "trial_started", {"plan": "trial"}),
        (EventKind.TRACK, "trial_started", {"plan": "team"}),
        (EventKind.TRACK, "session_started", {}),
        (EventKind.TRACK, "purchased", {"amount": 12.5}),
        (EventKind.TRACK, "project_created", {"amount": 3}),
        (EventKind.TRACK, "demo_booked", {"starts_at": "2026-03-12T10:00:00Z"}),
        (EventKind.TRACK, "support_ticket_opened", {}),
        (EventKind.TRACK, "trial_cancelled", {}),
        (EventKind.IDENTIFY, "", {"zone": "Asia/Tokyo", "attributes": {"nps": 9, "trial_ends": "2026-03-20"}}),
        (EventKind.CONSENT, "", {"channel": "email", "topic": "product_tips", "state": False}),
        (EventKind.SUPPRESS, "", {"channel": "sms", "everything": True}),
        (EventKind.START, "", {"journey": "upsell", "with": {"plan": "team"}}),
        (EventKind.EXIT, "", {"journey": "trial"}),
        (EventKind.DELIVERY, "", {"step": "welcome", "message": "", "was": "clicked"}),
        (EventKind.DELIVERY, "", {"step": "welcome", "message": "", "was": "clicked", "by_machine": True}),
        (EventKind.DELIVERY, "", {"step": "welcome", "message": "", "was": "delivered"}),
    ]
)


@dataclass(frozen=True)
class Told:
    """Something of a story: what, when, and how much later it arrived."""

    what: tuple[EventKind, str, dict[str, Any]]
    hours: int
    late: int


STORIES = st.lists(st.builds(Told, WHAT, HOURS, st.sampled_from([0, 0, 0, 1, 30])), max_size=25)
STOPS = st.lists(st.integers(0, 24 * 60), max_size=6)
SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
SOME = settings(max_examples=60, deadline=None, suppress_health_check=SUPPRESSED)
THOUSANDS = settings(max_examples=2000, deadline=None, suppress_health_check=SUPPRESSED)
numbers = count()


def events_of(name: str, story: Sequence[Told]) -> list[Event]:
    """The events of a story; news of a message is about the passage that its first trial began."""
    found = []
    trial = next((number for number, told in enumerate(story) if told.what[1] == "trial_started"), 0)
    enrollment = ids.enrollment_id(name, "trial", None, f"{name} {trial}")
    for number, told in enumerate(story):
        kind, what, said = told.what
        said = {**said, "enrollment": enrollment} if kind is EventKind.DELIVERY else said
        at, late = MONDAY + timedelta(hours=told.hours), timedelta(hours=told.late)
        found.append(Event(f"{name} {number}", kind, what, at, at + late, said, Origin.LIVE if late else Origin.REPLAY))
    return found


def live_in_tables(
    database: Database, name: str, events: Sequence[Event], stops: Sequence[datetime], causes: int
) -> None:
    """What live_through does in memory, over tables: settling also at `stops`, and a few causes at a time."""

    def bring(some: Sequence[Event]) -> None:
        database.write(lambda connection: ingest(connection, [(name, event) for event in some]))

    def settle_until(now: datetime) -> None:
        settle_all(database, name, [*(stop for stop in stops if stop < now), now], causes, accepts=True)

    bring([event for event in events if event.received_at <= event.occurred_at])
    late = sorted((event for event in events if event.received_at > event.occurred_at), key=received)
    for received_at, arrived in groupby(late, key=received):
        settle_until(received_at - TICK)
        bring(list(arrived))
        settle_until(received_at)
    settle_until(UNTIL)


def received(event: Event) -> datetime:
    """When it arrived."""
    return event.received_at


def log_of(database: Database, name: str) -> list[str]:
    """A customer's decision log in the tables."""
    return database.read(lambda connection: list(export_log(connection, name)))


def compared(customer: Customer) -> dict[str, object]:
    """What of a customer the tables keep."""
    return {one.name: getattr(customer, one.name) for one in fields(customer) if one.name not in ASIDE}


def counted(customer: Customer) -> list[tuple[str, datetime]]:
    """What her caps count."""
    return [(one.message, one.at) for one in customer.reserved.since(MONDAY - TICK)]


def check_alike(database: Database, story: Sequence[Told], stops: Sequence[int], causes: int) -> None:
    """Live a story in memory and in tables."""
    publish_example(database)
    name = f"customer {next(numbers)}"
    events, simulated = events_of(name, story), a_customer(name)
    live_through(simulated, events, the_catalog(), UNTIL)
    list(import_customers(database, [a_customer(name)], MONDAY, replay=True))
    live_in_tables(database, name, events, sorted(MONDAY + timedelta(hours=stop) for stop in stops), causes)
    assert log_of(database, name) == list(log(simulated))
    aside = {"enrollments": None}
    assert compared(loaded_at(database, name, UNTIL).customer) | aside == compared(simulated) | aside
    row = row_of(database, name)
    assert database.write(lambda connection: counted(load(connection, row, UNTIL).customer)) == counted(simulated)


@SOME
@given(story=STORIES, stops=STOPS, causes=st.integers(1, 7))
def test_tables_and_memory_decide_alike(database: Database, story: list[Told], stops: list[int], causes: int) -> None:
    check_alike(database, story, stops, causes)


@pytest.mark.trial
@THOUSANDS
@given(story=STORIES, stops=STOPS, causes=st.integers(1, 7))
def test_tables_and_memory_decide_alike_a_thousand_times(
    database: Database, story: list[Told], stops: list[int], causes: int
) -> None:
    check_alike(database, story, stops, causes)


@SOME
@given(story=STORIES, stop=st.integers(0, 24 * 60), causes=st.integers(1, 40))
def test_a_customer_saved_and_loaded_is_the_same(database: Database, story: list[Told], stop: int, causes: int) -> None:
    publish_example(database)
    name, now, left = f"customer {next(numbers)}", MONDAY + timedelta(hours=stop), iter(range(causes - 1))
    list(import_customers(database, [a_customer(name)], MONDAY, replay=True))
    database.write(lambda connection: ingest(connection, [(name, event) for event in events_of(name, story)]))
    row = row_of(database, name)

    def work(connection: Connection) -> Customer:
        loaded = load(connection, row, now)
        settle(loaded.customer, the_catalog(), now, lambda: next(left, None) is not None)
        save(connection, loaded, the_catalog(), now)
        return loaded.customer

    saved = database.write(work)
    again = loaded_at(database, name, now).customer
    kept = {one.id for one in again.enrollments}
    assert {one.id for one in saved.enrollments if one.lives} <= kept
    saved.enrollments = [one for one in saved.enrollments if one.id in kept]
    assert compared(again) == compared(saved)
    assert len(again.inbox) == len(saved.inbox)


def test_several_relays_settle_the_same_customers_as_one_would(database: Database, url: str) -> None:
    publish_example(database)
    names = [f"customer {number}" for number in range(8)]
    story = {"signed_up": 1, "trial_started": 2, "session_started": 3, "demo_booked": 30, "trial_cancelled": 40}
    events = {
        name: [an_event(what, timedelta(hours=hours), f"{name} {what}", plan="team") for what, hours in story.items()]
        for name in names
    }
    list(import_customers(database, [a_customer(name) for name in names], MONDAY, replay=True))
    until = MONDAY + timedelta(days=2)

    def bring_and_settle(order: int) -> None:
        mine, hers = Database(url), names[order:] + names[:order]
        mine.write(lambda connection: ingest(connection, [(name, one) for name in hers for one in events[name]]))
        while rows := mine.read(lambda connection: due(connection, until, MONDAY, 3)):
            for row in rows:
                mine.write(partial(settle_row, row=row, now=until, causes=2, accepts=True))
        mine.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(bring_and_settle, range(4)))
    for name in names:
        simulated = a_customer(name)
        live_through(simulated, events[name], the_catalog(), until)
        assert log_of(database, name) == list(log(simulated))
