"""Whose an address is, or was, however it is spelled."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from engine.facts import Event
from engine.words import Channel, EventKind
from records import customers
from records.customers import Reached
from records.database import Database
from records.events import ingest
from records.imports import import_customers
from records.tables import customer
from tests.records.living import MONDAY, a_customer, publish_example, settle_at


@pytest.fixture
def three(database: Database) -> Database:
    """Ann, who has moved since; Bea, who has Ann's old address by now; and Cy, who is somebody else."""
    publish_example(database)
    came = [
        a_customer("ann", email="Ann@Bücher.example", phone="+491715550000"),
        a_customer("bea", email="ann@xn--bcher-kva.example", phone="0171 555-0001"),
        a_customer("cy", email="annual@other.example", phone="+491705550000"),
    ]
    list(import_customers(database, came, MONDAY))
    at = MONDAY + timedelta(hours=1)
    moves = Event("moves", EventKind.IDENTIFY, "", at, at, {"email": "ann@new.example"})
    database.write(lambda connection: ingest(connection, [("ann", moves)]))
    settle_at(database, "ann", MONDAY + timedelta(hours=2))
    return database


def found(database: Database, channel: Channel, address: str) -> list[tuple[str, bool]]:
    def names(reached: list[Reached]) -> list[tuple[str, bool]]:
        return [(one.id, one.today) for one in reached]

    return database.read(lambda connection: names(customers.reached_by(connection, channel, address)))


def test_who_has_an_address_today_comes_before_who_had_it(three: Database) -> None:
    assert found(three, Channel.EMAIL, " ANN@bücher.example") == [("bea", True), ("ann", False)]
    assert found(three, Channel.EMAIL, "ann@new.example") == [("ann", True)]
    assert found(three, Channel.EMAIL, "ann@elsewhere.example") == []
    assert found(three, Channel.EMAIL, "an_@new.example") == []


@pytest.mark.parametrize("written", ["+491715550000", "0049 171 5550000", "0171/555 00 00", "(0171) 555-0000"])
def test_a_number_is_found_in_every_spelling(three: Database, written: str) -> None:
    assert found(three, Channel.SMS, written) == [("ann", True)]


def test_a_number_that_is_kept_as_it_is_dialled_at_home_is_found_too(three: Database) -> None:
    three.write(lambda connection: connection.execute(
        update(customer).where(customer.c.external_id == "cy").values(phone="0170 555.0000")
    ))  # fmt: skip
    assert found(three, Channel.SMS, "+491705550000") == [("cy", True)]


def test_capitals_beyond_ascii_are_found(three: Database) -> None:
    three.write(lambda connection: connection.execute(
        update(customer).where(customer.c.external_id == "cy").values(email="JÖRG@example.com")
    ))  # fmt: skip
    assert found(three, Channel.EMAIL, "JÖRG@example.com") == [("cy", True)]
    assert found(three, Channel.EMAIL, "jörg@example.com") == [("cy", True)]


def test_the_last_digits_alone_mean_nobody(three: Database) -> None:
    assert found(three, Channel.SMS, "550000") == []
    assert found(three, Channel.SMS, "") == []
