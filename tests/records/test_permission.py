"""What the tables know of caps and of deliveries, as settle is given it."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from engine.facts import Event
from engine.timing.reservations import Reservation
from engine.words import EventKind, MessageState, Purpose
from records import messages
from records.customers import load
from records.database import Database
from records.events import ingest
from records.imports import import_customers
from records.messages import Found
from records.tables import message
from tests.records.living import MONDAY, a_customer, an_event, loaded_at, publish_example, row_of, settle_at

WELCOMED = MONDAY + timedelta(hours=1)
LATER = MONDAY + timedelta(hours=2)


@pytest.fixture
def planned(database: Database) -> Database:
    """A database in which Ada has a message planned, and her enrollment lives."""
    publish_example(database)
    list(import_customers(database, [a_customer("ada")], MONDAY, replay=True))
    came = [an_event("signed_up", id_="1"), an_event("trial_started", timedelta(hours=1), plan="trial")]
    database.write(lambda connection: ingest(connection, [("ada", one) for one in came]))
    settle_at(database, "ada", LATER)
    return database


def reserved(database: Database) -> list[Reservation]:
    """What Ada's caps count."""
    row = row_of(database, "ada")
    return database.write(lambda connection: list(load(connection, row, LATER).customer.reserved.since(MONDAY)))


def set_(database: Database, **values: object) -> None:
    """Change her message."""
    database.write(lambda connection: connection.execute(update(message).values(**values)))


def test_a_planned_message_is_reserved_from_its_planned_instant_on(planned: Database) -> None:
    (one,) = reserved(planned)
    assert (one.at, one.channel, one.topic, one.kept) == (WELCOMED, "email", "product_tips", False)
    row = row_of(planned, "ada")
    after = planned.write(lambda connection: load(connection, row, LATER).customer.reserved.since(WELCOMED))
    assert list(after) == []


@pytest.mark.parametrize("state", list(MessageState))
def test_only_what_did_not_go_gives_its_place_back(planned: Database, state: MessageState) -> None:
    set_(planned, state=state)
    gone = state in (MessageState.WITHHELD, MessageState.REJECTED, MessageState.EXPIRED)
    assert bool(reserved(planned)) is not gone
    assert all(one.kept is (state not in (MessageState.PLANNED, MessageState.NOT_SENT)) for one in reserved(planned))


def test_transactional_messages_take_no_place(planned: Database) -> None:
    set_(planned, purpose=Purpose.TRANSACTIONAL)
    assert reserved(planned) == []


def test_a_rejection_gives_the_place_back_in_the_ledgers_own_transaction(planned: Database) -> None:
    def work(connection: Connection) -> int:
        first = messages.find(connection, str(connection.execute(select(message.c.public_id)).scalar_one()))
        taken = first and messages.claim(connection, first, LATER, LATER + timedelta(minutes=1))
        assert taken is not None
        messages.record(connection, taken, Found(MessageState.REJECTED, "address"), LATER)
        return len(load(connection, taken.customer_row, LATER).customer.reserved.since(MONDAY))

    assert planned.write(work) == 0


def test_an_enrollment_that_is_left_gives_back_what_nobody_has_claimed(planned: Database) -> None:
    row = row_of(planned, "ada")

    def left(connection: Connection) -> int:
        her = load(connection, row, LATER).customer
        her.reserved.withdraw(her.enrollments[0].id, LATER)
        return len(her.reserved.since(MONDAY))

    assert planned.write(left) == 0
    set_(planned, state=MessageState.SENDING)
    assert planned.write(left) == 1


def test_news_of_a_message_is_known_once_it_is_settled_and_machines_tell_none(planned: Database) -> None:
    one = loaded_at(planned, "ada", LATER).customer.enrollments[0]
    said = {"enrollment": one.id, "step": "welcome", "message": "", "was": "clicked"}
    news = [
        Event(f"news {number}", EventKind.DELIVERY, "", LATER, LATER, {**said, "by_machine": machine})
        for number, machine in enumerate((True, False))
    ]
    planned.write(lambda connection: ingest(connection, [("ada", news[0])]))
    settle_at(planned, "ada", LATER)
    assert loaded_at(planned, "ada", LATER).customer.enrollments[0].reached == {}
    planned.write(lambda connection: ingest(connection, [("ada", news[1])]))
    assert loaded_at(planned, "ada", LATER).customer.enrollments[0].reached == {}
    settle_at(planned, "ada", LATER)
    reached = loaded_at(planned, "ada", LATER).customer.enrollments[0].reached
    assert reached == {"welcome": {"delivered": LATER, "clicked": LATER}}
