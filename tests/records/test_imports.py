"""Imports can be repeated, are history unless they are lived through, and leave room for others."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine.customer import Customer
from engine.words import EventKind, Origin
from records import tables
from records.database import Database
from records.errors import Unstorable
from records.events import Ingested
from records.imports import Imported, import_customers, import_events
from tests.records.living import MONDAY, a_customer, an_event, loaded_at, publish_example, settle_at

LATER = MONDAY + timedelta(days=1)


def bring(database: Database, *customers: Customer, replay: bool = False) -> Imported:
    """Import customers a day after MONDAY."""
    return sum(import_customers(database, customers, LATER, replay=replay), Imported())


def events_of(database: Database) -> int:
    """How many events are stored."""
    return int(database.read(lambda connection: connection.execute(select(func.count(tables.event.c.id))).scalar_one()))


def test_a_new_customer_carries_her_facts_and_was_known_before(database: Database) -> None:
    assert bring(database, a_customer(stage="engagement", zone="Asia/Tokyo", known_since=MONDAY)) == Imported(new=1)
    ada = loaded_at(database, "ada", LATER).customer
    assert (ada.email, ada.zone, ada.stage, ada.identified) == ("ada@example.com", "Asia/Tokyo", "engagement", True)
    assert (ada.known_since, ada.history_until, ada.recheck_at) == (MONDAY, LATER, LATER)
    assert ada.consents == a_customer().consents
    assert events_of(database) == 0


def test_who_was_never_dated_is_known_since_the_import(database: Database) -> None:
    bring(database, a_customer())
    assert loaded_at(database, "ada", LATER).customer.known_since == LATER


def test_in_a_replay_a_customer_is_known_from_her_first_cause_on(database: Database) -> None:
    bring(database, a_customer(), replay=True)
    ada = loaded_at(database, "ada", LATER).customer
    assert (ada.known_since, ada.history_until, ada.recheck_at) == (None, None, None)


def replayed(database: Database, name: str = "signed_up") -> Ingested:
    """Replay one event of Ada's, at MONDAY."""
    return sum(import_events(database, [("ada", an_event(name))], replay=True), Ingested())


def test_who_came_in_as_history_lives_through_a_replay_from_its_first_event_on(database: Database) -> None:
    publish_example(database)
    bring(database, a_customer())
    assert replayed(database) == Ingested(new=1)
    settle_at(database, "ada", LATER + timedelta(days=60))
    ada = loaded_at(database, "ada", LATER).customer
    assert (ada.known_since, ada.stage_since, ada.history_until) == (MONDAY, MONDAY, None)


def test_who_was_dated_is_known_since_then_in_a_replay_too(database: Database) -> None:
    before = MONDAY - timedelta(days=9)
    bring(database, a_customer(known_since=before))
    replayed(database)
    ada = loaded_at(database, "ada", LATER).customer
    assert (ada.known_since, ada.recheck_at, ada.history_until) == (before, before, None)


def test_what_is_replayed_too_late_is_told(database: Database) -> None:
    publish_example(database)
    bring(database, a_customer())
    settle_at(database, "ada", LATER)
    assert replayed(database) == Ingested(new=1, behind=1)
    assert loaded_at(database, "ada", LATER).customer.history_until == LATER


def test_what_is_there_already_is_not_replayed_too_late(database: Database) -> None:
    publish_example(database)
    bring(database, a_customer(), replay=True)
    replayed(database)
    settle_at(database, "ada", LATER)
    import_later = [("ada", an_event("purchased", timedelta(hours=2)))]
    assert sum(import_events(database, import_later, replay=True), Ingested()) == Ingested(new=1)
    settle_at(database, "ada", LATER)
    assert replayed(database) == Ingested(repeated=1)


def test_whoever_has_said_no_is_told_of_no_consent(database: Database) -> None:
    publish_example(database)
    said_no = a_customer()
    said_no.consents["email", "offers"] = False
    bring(database, said_no, replay=True)
    assert bring(database, a_customer()) == Imported(unchanged=1)


def test_the_same_import_again_changes_nothing(database: Database) -> None:
    bring(database, a_customer())
    assert bring(database, a_customer()) == Imported(unchanged=1)
    assert events_of(database) == 0


def test_who_is_there_already_is_told_what_is_new(database: Database) -> None:
    publish_example(database)
    bring(database, a_customer())
    news = a_customer(email="ada@home.example", attributes={"country": "DE", "plan": "pro"})
    assert bring(database, news) == Imported(changed=1)
    assert bring(database, news) == Imported(unchanged=1)
    event = loaded_at(database, "ada", LATER).customer.inbox.first()
    assert event is not None
    assert (event.kind, event.origin) == (EventKind.IDENTIFY, Origin.HISTORY)
    assert event.properties == {"email": "ada@home.example", "attributes": {"plan": "pro"}}
    settle_at(database, "ada", LATER)
    assert loaded_at(database, "ada", LATER).customer.email == "ada@home.example"
    assert bring(database, news) == Imported(unchanged=1)
    assert bring(database, a_customer()) == Imported(changed=1)


def test_a_customer_twice_in_one_import_is_one(database: Database) -> None:
    bring(database, a_customer(), a_customer(email="new@example.com"))
    assert loaded_at(database, "ada", LATER).customer.email == "new@example.com"


def test_events_are_committed_a_thousand_at_a_time(database: Database) -> None:
    arrivals = (("ada", an_event("purchased", id_=str(n))) for n in range(2500))
    steps, seen = [], []
    for step in import_events(database, arrivals):
        steps.append(step)
        seen.append(events_of(database))
    assert steps == [Ingested(1000), Ingested(1000), Ingested(500)]
    assert seen == [1000, 2000, 2500]
    assert list(import_events(database, [("ada", an_event("purchased", id_="7"))])) == [Ingested(repeated=1)]


def test_text_that_no_database_can_hold_is_refused(database: Database) -> None:
    with pytest.raises(Unstorable):
        bring(database, a_customer(attributes={"note": ["a\x00b"]}))
