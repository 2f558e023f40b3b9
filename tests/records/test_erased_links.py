"""Tracked links after an erasure: those that were hers alone are gone, and everybody else's lead on."""

import pytest
from sqlalchemy import Connection, select

from records.database import Database
from records.imports import import_customers
from records.ledger import links
from records.tables import message
from tests.records.living import MONDAY, a_customer, row_of
from tests.records.two_lives import NOBODYS, ZOE, erase, live

SHOP = "https://shop.example/products/7?ref=mail"


@pytest.fixture
def lived(database: Database) -> Database:
    """A database in which Zoe and Ada have lived."""
    live(database)
    return database


def carried(database: Database, name: str, url: str) -> int:
    """The number of a link that a customer's message carries."""
    row = row_of(database, name)
    hers = select(message.c.public_id).where(message.c.customer_id == row)

    def work(connection: Connection) -> int:
        return links.carry(connection, url, connection.execute(hers).scalars().first() or NOBODYS).number

    return database.write(work)


def test_a_link_that_others_carry_stays_theirs_and_one_that_she_alone_carries_goes(lived: Database) -> None:
    hers = carried(lived, ZOE, "https://acme.example/d/secret-token")
    assert carried(lived, ZOE, SHOP) == carried(lived, "ada", SHOP)
    shop = carried(lived, "ada", SHOP)
    erase(lived)
    assert lived.read(lambda connection: links.url_of(connection, hers)) is None
    assert lived.read(lambda connection: links.url_of(connection, shop)) == SHOP


def test_a_short_id_takes_no_link_away_in_which_its_number_stands(lived: Database) -> None:
    list(import_customers(lived, [a_customer("7")], MONDAY))
    shop = carried(lived, "7", SHOP)
    carried(lived, "ada", SHOP)
    erase(lived, "7")
    assert lived.read(lambda connection: links.url_of(connection, shop)) == SHOP


def test_the_number_of_a_link_that_is_gone_is_never_given_again(lived: Database) -> None:
    hers = carried(lived, ZOE, SHOP)
    erase(lived)
    assert carried(lived, "ada", SHOP) > hers
