"""One customer settled in one transaction: what is nobody's fault is held against nobody."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine.customer import Customer
from records import customers
from records.database import Database
from records.errors import Unreadable
from records.events import add_customers
from records.schema import migrate
from records.tables import customer, release
from tests.records.living import MONDAY, publish_example
from workers.catalogs import LiveCatalogs
from workers.clocks import VirtualTime
from workers.settlement import Settlement


@pytest.fixture
def settlement(tmp_path: Path) -> Iterator[Settlement]:
    """A settlement over a database of its own, in which the example is live."""
    url = f"sqlite:///{tmp_path / 'sojourn.db'}"
    migrate(url)
    with closing(Database(url)) as database:
        publish_example(database)
        yield Settlement(database, LiveCatalogs(database), VirtualTime(MONDAY), VirtualTime(MONDAY))


def test_a_release_that_no_longer_loads_is_held_against_no_customer(settlement: Settlement) -> None:
    database = settlement.database
    database.write(lambda connection: add_customers(connection, [Customer("ada")]))
    row = database.read(lambda connection: customers.by_name(connection, "ada")) or 0
    spoilt = update(release).values(texts={"journeys/any/old.yaml": "a word that is no longer one"})
    database.write(lambda connection: connection.execute(spoilt))
    with pytest.raises(Unreadable):
        settlement.settle(row, lambda *_: None)
    trouble = select(customer.c.trouble, customer.c.attempts)
    assert database.read(lambda connection: connection.execute(trouble).one()) == (None, 0)
