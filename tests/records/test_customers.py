"""What a settle leaves in the tables: rings, messages, waits, consent, and whose turn it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, RowMapping, Table, select, update

from engine.customer import Customer
from engine.facts import Event
from engine.settling.settle import settle
from engine.words import EventKind, ExitReason, MessageState, Origin
from records import tables
from records.customers import by_enrollment, due, failed, load, save
from records.database import Database
from records.errors import Unknown
from records.events import ingest
from records.imports import import_customers
from tests.records.living import (
    MONDAY,
    a_customer,
    an_event,
    loaded_at,
    publish_example,
    row_of,
    settle_at,
    the_catalog,
)

NINE = timedelta(hours=1)
SIGNED_UP = an_event("signed_up", id_="signed up")
TRIAL = an_event("trial_started", NINE, "trial", plan="trial")


@pytest.fixture
def ada(database: Database) -> Database:
    """A database in which Ada has just entered the trial, been sent a welcome, and waits."""
    publish_example(database)
    live(database, a_customer(), SIGNED_UP, TRIAL)
    settle_at(database, "ada", MONDAY + NINE)
    return database


def live(database: Database, customer: Customer, *events: Event) -> None:
    """Take a customer and her events in."""
    list(import_customers(database, [customer], MONDAY, replay=True))
    tell(database, customer.id, *events)


def tell(database: Database, name: str, *events: Event) -> None:
    """Take more events in."""
    database.write(lambda connection: ingest(connection, [(name, event) for event in events]))


def rows(database: Database, table: Table) -> Sequence[RowMapping]:
    """All of a table."""
    return database.read(lambda connection: connection.execute(select(table)).mappings().all())


def only(database: Database, table: Table) -> RowMapping:
    """The one row of a table."""
    (row,) = rows(database, table)
    return row


def said(kind: EventKind, after: timedelta, **properties: Any) -> Event:
    """Something that is not tracked."""
    at = MONDAY + after
    return Event(f"{kind} {after}", kind, "", at, at, properties, Origin.REPLAY)


def test_an_entry_is_handed_to_temporal_as_a_start(ada: Database) -> None:
    bell = only(ada, tables.outbox)
    assert (bell["is_start"], bell["seq"]) == (True, 0)


def test_rings_coalesce_and_a_start_not_handed_over_yet_becomes_a_ring(ada: Database) -> None:
    tell(ada, "ada", an_event("support_ticket_opened", timedelta(hours=3)))
    settle_at(ada, "ada", MONDAY + timedelta(hours=3))
    bell = only(ada, tables.outbox)
    assert (bell["is_start"], bell["seq"]) == (False, 1)
    assert bell["since"] == MONDAY + NINE


def test_the_enrollment_whose_own_decide_it_is_gets_no_ring(ada: Database) -> None:
    enrollment = only(ada, tables.enrollment)
    tell(ada, "ada", an_event("support_ticket_opened", timedelta(hours=3)))

    def decide(connection: Connection) -> None:
        row = by_enrollment(connection, enrollment["public_id"])
        assert row is not None
        loaded = load(connection, row, MONDAY + timedelta(hours=3))
        settle(loaded.customer, the_catalog(), MONDAY + timedelta(hours=3))
        save(connection, loaded, the_catalog(), MONDAY, quiet=enrollment["public_id"])

    ada.write(decide)
    assert only(ada, tables.outbox)["is_start"]
    assert only(ada, tables.enrollment)["ring"] == 0


def test_a_settle_that_finds_nothing_new_writes_nothing(ada: Database) -> None:
    before = {table.name: rows(ada, table) for table in tables.metadata.sorted_tables}
    settle_at(ada, "ada", MONDAY + timedelta(hours=2))
    assert {table.name: rows(ada, table) for table in tables.metadata.sorted_tables} == before


def test_waits_are_found_by_what_they_wait_for(ada: Database) -> None:
    assert {row["event_name"] for row in rows(ada, tables.wait)} == {"demo_booked", "support_ticket_opened"}
    tell(ada, "ada", an_event("support_ticket_opened", timedelta(hours=3)))
    settle_at(ada, "ada", MONDAY + timedelta(hours=3))
    assert rows(ada, tables.wait) == []


def test_what_is_planned_when_the_journey_is_left_is_withheld(ada: Database) -> None:
    assert only(ada, tables.message)["state"] is MessageState.PLANNED
    tell(ada, "ada", an_event("trial_cancelled", timedelta(hours=2)))
    settle_at(ada, "ada", MONDAY + timedelta(hours=2))
    message = only(ada, tables.message)
    assert (message["state"], message["reason"]) == (MessageState.WITHHELD, "left")
    assert only(ada, tables.enrollment)["reason"] is ExitReason.EXIT


@pytest.mark.parametrize(("event", "slack", "told"), [
    ("trial_cancelled", timedelta(hours=1), MessageState.PLANNED),
    ("trial_cancelled", timedelta(minutes=1), MessageState.WITHHELD),
    ("", timedelta(hours=1), MessageState.WITHHELD),
])  # fmt: skip
def test_what_was_planned_a_moment_ago_is_left_to_its_claim_unless_the_exit_is_forced(
    ada: Database, event: str, slack: timedelta, told: MessageState
) -> None:
    told_at, said = timedelta(hours=2), {"enrollment": only(ada, tables.enrollment)["public_id"]}
    forced = Event("forced", EventKind.EXIT, "", MONDAY + told_at, MONDAY + told_at, said)
    tell(ada, "ada", an_event(event, told_at) if event else forced)

    def leave(connection: Connection) -> None:
        loaded = load(connection, row_of(ada, "ada"), MONDAY + timedelta(hours=2))
        settle(loaded.customer, the_catalog(), MONDAY + timedelta(hours=2))
        planned = only(ada, tables.message)["planned_real_at"]
        save(connection, loaded, the_catalog(), planned + timedelta(minutes=10), slack=slack)

    ada.write(leave)
    assert only(ada, tables.enrollment)["reason"] is (ExitReason.EXIT if event else ExitReason.FORCED)
    assert only(ada, tables.message)["state"] is told


@pytest.mark.parametrize("state", [MessageState.SENDING, MessageState.UNKNOWN, MessageState.ACCEPTED])
def test_what_may_have_gone_is_never_withheld(ada: Database, state: MessageState) -> None:
    ada.write(lambda connection: connection.execute(update(tables.message).values(state=state)))
    tell(ada, "ada", an_event("trial_cancelled", timedelta(hours=2)))
    settle_at(ada, "ada", MONDAY + timedelta(hours=2))
    assert only(ada, tables.message)["state"] is state


def test_a_message_that_a_provider_has_accepted_was_sent_when_it_was_planned(ada: Database) -> None:
    ada.write(lambda connection: connection.execute(update(tables.message).values(accepted_at=MONDAY)))
    (enrollment,) = loaded_at(ada, "ada", MONDAY + timedelta(hours=2)).customer.enrollments
    assert enrollment.reached == {"welcome": {"sent": MONDAY + NINE}}


def test_a_goal_is_counted_after_leaving_while_its_time_lasts(ada: Database) -> None:
    tell(ada, "ada", an_event("trial_cancelled", timedelta(hours=2)))
    settle_at(ada, "ada", MONDAY + timedelta(hours=2))
    tell(ada, "ada", an_event("project_created", timedelta(days=13), amount=7))
    settle_at(ada, "ada", MONDAY + timedelta(days=60))
    assert only(ada, tables.enrollment)["goal_value"] == 7


def test_an_enrollment_that_is_over_is_not_loaded_again(ada: Database) -> None:
    tell(ada, "ada", an_event("trial_cancelled", timedelta(hours=2)))
    settle_at(ada, "ada", MONDAY + timedelta(days=60))
    tell(ada, "ada", an_event("session_started", timedelta(days=59)))
    settle_at(ada, "ada", MONDAY + timedelta(days=60))
    gone = only(ada, tables.enrollment)["public_id"]
    assert loaded_at(ada, "ada", MONDAY + timedelta(days=60)).customer.enrollments == []
    refusal = said(EventKind.REFUSED, timedelta(days=60), enrollment=gone, step="welcome")
    tell(ada, "ada", refusal)
    assert [one.id for one in loaded_at(ada, "ada", MONDAY + timedelta(days=60)).customer.enrollments] == [gone]


def test_every_consent_and_suppression_is_logged(ada: Database) -> None:
    tell(
        ada,
        "ada",
        said(
            EventKind.CONSENT,
            timedelta(hours=2),
            channel="sms",
            topic="offers",
            state=True,
            wording="Yes!",
            source="form",
        ),
        said(EventKind.SUPPRESS, timedelta(hours=3), channel="email", everything=True, reason="hard_bounce"),
    )
    settle_at(ada, "ada", MONDAY + timedelta(hours=4))
    imported = [row for row in rows(ada, tables.consent_event) if row["source"] == "import"]
    (stated,) = [row for row in rows(ada, tables.consent_event) if row["source"] != "import"]
    assert len(imported) == 3
    assert (stated["channel"], stated["topic"], stated["state"], stated["wording"]) == ("sms", "offers", True, "Yes!")
    suppression = only(ada, tables.suppression)
    assert (suppression["everything"], suppression["reason"], len(suppression["address_hash"])) == (
        True,
        "hard_bounce",
        64,
    )
    again = loaded_at(ada, "ada", MONDAY + timedelta(hours=4)).customer
    assert again.consents[("sms", "offers")] is True
    assert again.suppressions == {("email", "", True)}


def test_the_stage_history_says_when_and_why(ada: Database) -> None:
    moves = [(row["from_stage"], row["to_stage"], row["cause"], row["by"]) for row in rows(ada, tables.stage_move)]
    assert moves == [
        ("", "awareness", "signed up", "start"),
        ("awareness", "acquisition", "signed up", "rule"),
        ("acquisition", "onboarding", "trial", "rule"),
    ]


def test_more_than_one_load_takes_is_settled_in_order(database: Database) -> None:
    publish_example(database)
    live(
        database, a_customer(), *(an_event("session_started", timedelta(minutes=n), f"s{n}") for n in range(450, 0, -1))
    )
    while settle_at(database, "ada", MONDAY + timedelta(days=1)):
        pass
    events = sorted(rows(database, tables.event), key=lambda row: int(row["settled_order"]))
    assert [row["message_id"] for row in events] == [f"s{n}" for n in range(1, 451)]


def test_whoever_was_tried_least_recently_is_first(database: Database) -> None:
    publish_example(database)
    for name in ("ada", "bob", "cyd"):
        live(database, a_customer(name), an_event("signed_up", id_=name))
    ada, bob, cyd = (row_of(database, name) for name in ("ada", "bob", "cyd"))

    def whose(real_now: datetime) -> list[int]:
        return list(database.read(lambda connection: due(connection, MONDAY, real_now, 10)))

    assert whose(MONDAY) == [ada, bob, cyd]
    for after in (0, 1):
        at = MONDAY + timedelta(seconds=after * 10)
        database.write(lambda connection, at=at: failed(connection, ada, "boom", at))  # type: ignore[misc]
    assert whose(MONDAY + timedelta(seconds=11)) == [bob, cyd]
    assert whose(MONDAY + timedelta(seconds=12)) == [bob, cyd, ada]
    settle_at(database, "ada", MONDAY)
    (row,) = [one for one in rows(database, tables.customer) if one["id"] == ada]
    assert (row["attempts"], row["trouble"], row["not_before"]) == (0, None, None)


def test_a_recheck_makes_a_customer_due_and_an_enrollment_never_does(ada: Database) -> None:
    far = MONDAY + timedelta(days=365)
    ada.write(lambda connection: connection.execute(update(tables.customer).values(recheck_at=None)))
    assert list(ada.read(lambda connection: due(connection, far, far, 10))) == []
    ada.write(lambda connection: connection.execute(update(tables.customer).values(recheck_at=MONDAY)))
    assert list(ada.read(lambda connection: due(connection, far, far, 10))) == [row_of(ada, "ada")]


def test_who_is_not_there_is_unknown(database: Database) -> None:
    with pytest.raises(Unknown):
        database.write(lambda connection: load(connection, 7, MONDAY))
