"""What people read: the log, a customer's timeline, and counts."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, update

from engine.words import ExitReason, MessageState
from records import journal
from records.customers import failed
from records.database import Database
from records.events import ingest
from records.imports import import_customers
from records.tables import enrollment
from tests.records.living import MONDAY, a_customer, an_event, publish_example, row_of, settle_all, the_release


@pytest.fixture
def lived(database: Database) -> Database:
    """Ada is in the trial and has been sent a welcome; Bob has left it; Cyd is known only."""
    publish_example(database)
    list(import_customers(database, [a_customer(name) for name in ("ada", "bob", "cyd")], MONDAY, replay=True))
    started = [
        (name, event)
        for name in ("ada", "bob")
        for event in (
            an_event("signed_up", id_=f"{name} 1"),
            an_event("trial_started", timedelta(hours=1), f"{name} 2", plan="trial"),
        )
    ]
    came = [*started, ("bob", an_event("trial_cancelled", timedelta(hours=2))), ("cyd", an_event("purchased"))]
    database.write(lambda connection: ingest(connection, came))
    for name in ("ada", "bob", "cyd"):
        settle_all(database, name, [MONDAY + timedelta(hours=3)])
    return database


def test_the_log_is_in_order_of_customers_and_their_own_sequence(lived: Database) -> None:
    lines = lived.read(lambda connection: list(journal.export_log(connection)))
    alone = [lived.read(partial(one_log, name)) for name in ("ada", "bob", "cyd")]
    assert lines == [line for each in alone for line in each]
    assert all(the_release().digest in line for line in lines)


def one_log(name: str, connection: Connection) -> list[str]:
    """The log of one customer."""
    return list(journal.export_log(connection, name))


def test_a_timeline_tells_everything_in_order(lived: Database) -> None:
    entries = lived.read(lambda connection: journal.timeline(connection, "ada"))
    assert entries == sorted(entries, key=lambda entry: entry.at)
    assert {(entry.kind, entry.what) for entry in entries} >= {
        ("event", "trial_started"),
        ("stage", "onboarding"),
        ("decision", "entered"),
        ("message", "welcome"),
    }


def test_a_stranger_has_no_timeline(lived: Database) -> None:
    assert lived.read(lambda connection: journal.timeline(connection, "nobody")) == []


def test_what_is_counted(lived: Database) -> None:
    assert lived.read(journal.customers_by_stage) == {"onboarding": 2, "awareness": 1}
    assert lived.read(journal.messages_by_template) == {
        ("email", "welcome", MessageState.PLANNED): 1,
        ("email", "welcome", MessageState.WITHHELD): 1,
    }
    assert lived.read(journal.withheld_by_reason) == {"left": 1}
    (trial,) = lived.read(journal.goals)
    assert (trial.journey, trial.held_out, trial.entered, trial.reached, trial.value) == ("trial", False, 2, 0, 0)
    counts = lived.read(lambda connection: journal.enrollments_by_step(connection, "trial"))
    assert {(one.step, one.reason, one.enrollments) for one in counts} == {
        ("welcome.wait_for1", None, 1),
        ("welcome.wait_for1", ExitReason.EXIT, 1),
    }


def test_who_cannot_be_settled_is_told(lived: Database) -> None:
    row = row_of(lived, "cyd")
    lived.write(lambda connection: failed(connection, row, "KeyError", MONDAY))
    assert lived.read(journal.troubles) == [("cyd", "KeyError", 1)]


def test_a_passage_is_named_by_its_journey_and_its_key(lived: Database) -> None:
    keyed = update(enrollment).where(enrollment.c.public_id.is_not(None)).values(key="order 7")
    lived.write(lambda connection: connection.execute(keyed))
    entries = lived.read(lambda connection: journal.timeline(connection, "ada"))
    named = {(entry.kind, entry.what): entry.detail.get("passage") for entry in entries}
    assert (named["decision", "entered"], named["message", "welcome"]) == ("trial (order 7)", "trial (order 7)")
    assert named["event", "trial_started"] is None


def test_an_event_of_an_author_may_call_anything_an_enrollment(lived: Database) -> None:
    said = an_event("seen", timedelta(hours=5), "seen", enrollment=["a", "b"])
    lived.write(lambda connection: ingest(connection, [("ada", said)]))
    entries = lived.read(lambda connection: journal.timeline(connection, "ada"))
    [seen] = [entry for entry in entries if entry.what == "seen"]
    assert "passage" not in seen.detail
