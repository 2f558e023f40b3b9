"""Memory and tables serve settle alike, and a customer who is saved and loaded is the same."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import timedelta
from functools import partial
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from engine.customer import Customer
from engine.facts import Event
from engine.settling.settle import settle
from engine.simulate import live_through, log
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

ASIDE = {"effects", "inbox", "history", "past"}
NAMES = st.sampled_from(
    [
        ("signed_up", {}),
        ("trial_started", {"plan": "trial"}),
        ("trial_started", {"plan": "team"}),
        ("session_started", {}),
        ("purchased", {"amount": 12.5}),
        ("project_created", {"amount": 3}),
        ("demo_booked", {"starts_at": "2026-03-12T10:00:00Z"}),
        ("support_ticket_opened", {}),
        ("trial_cancelled", {}),
        ("onboarding_ended", {"plan": "team"}),
    ]
)
STORIES = st.lists(st.tuples(NAMES, st.integers(0, 24 * 40)), max_size=25)
PLENTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
numbers = count()


def told(name: str, story: list[tuple[tuple[str, dict[str, object]], int]]) -> list[Event]:
    """The events of a story."""
    return [
        an_event(what, timedelta(hours=hours), f"{name} {number}", **said)
        for number, ((what, said), hours) in enumerate(story)
    ]


def compared(customer: Customer) -> dict[str, object]:
    """What of a customer the tables keep."""
    return {one.name: getattr(customer, one.name) for one in fields(customer) if one.name not in ASIDE}


def log_of(database: Database, name: str) -> list[str]:
    """A customer's decision log in the tables."""
    return database.read(lambda connection: list(export_log(connection, name)))


@PLENTY
@given(story=STORIES, stops=st.lists(st.integers(0, 24 * 60), max_size=6), causes=st.integers(1, 7))
def test_tables_and_memory_decide_alike(
    database: Database, story: list[tuple[tuple[str, dict[str, object]], int]], stops: list[int], causes: int
) -> None:
    publish_example(database)
    name = f"customer {next(numbers)}"
    events = told(name, story)
    until = MONDAY + timedelta(days=70)
    simulated = a_customer(name)
    live_through(simulated, events, the_catalog(), until)
    list(import_customers(database, [a_customer(name)], MONDAY, replay=True))
    database.write(lambda connection: ingest(connection, [(name, event) for event in events]))
    settle_all(database, name, [*(MONDAY + timedelta(hours=stop) for stop in sorted(stops)), until], causes)
    assert log_of(database, name) == list(log(simulated))
    assert loaded_at(database, name, until).customer.attributes == simulated.attributes


@PLENTY
@given(story=STORIES, stop=st.integers(0, 24 * 60), causes=st.integers(1, 40))
def test_a_customer_saved_and_loaded_is_the_same(
    database: Database, story: list[tuple[tuple[str, dict[str, object]], int]], stop: int, causes: int
) -> None:
    publish_example(database)
    name, now, left = f"customer {next(numbers)}", MONDAY + timedelta(hours=stop), iter(range(causes - 1))
    list(import_customers(database, [a_customer(name)], MONDAY, replay=True))
    database.write(lambda connection: ingest(connection, [(name, event) for event in told(name, story)]))
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
    story = [
        ("signed_up", 1),
        ("trial_started", 2),
        ("session_started", 3),
        ("demo_booked", 30),
        ("trial_cancelled", 40),
    ]
    events = {
        name: [an_event(what, timedelta(hours=hours), f"{name} {what}", plan="team") for what, hours in story]
        for name in names
    }
    list(import_customers(database, [a_customer(name) for name in names], MONDAY, replay=True))
    until = MONDAY + timedelta(days=2)

    def bring_and_settle(order: int) -> None:
        mine, hers = Database(url), names[order:] + names[:order]
        mine.write(lambda connection: ingest(connection, [(name, one) for name in hers for one in events[name]]))
        while rows := mine.read(lambda connection: due(connection, until, MONDAY, 3)):
            for row in rows:
                mine.write(partial(settle_row, row=row, now=until, causes=2))
        mine.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(bring_and_settle, range(4)))
    for name in names:
        simulated = a_customer(name)
        live_through(simulated, events[name], the_catalog(), until)
        assert log_of(database, name) == list(log(simulated))
