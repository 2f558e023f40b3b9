"""The outbox: what was rung after a bell was taken is not lost with it."""

from sqlalchemy import select

from records import outbox
from records.database import Database
from records.events import ingest
from records.imports import import_customers
from records.outbox import Bell
from records.tables import enrollment
from tests.records.living import MONDAY, a_customer, an_event, publish_example, settle_at


def bells(database: Database) -> list[Bell]:
    """What is to be handed over."""
    return list(database.read(lambda connection: outbox.due(connection, MONDAY.replace(year=2099), 10)))


def test_a_ring_that_comes_while_an_older_one_is_handed_over_stays(database: Database) -> None:
    publish_example(database)
    list(import_customers(database, [a_customer("ada")], MONDAY, replay=True))
    came = [("ada", an_event("signed_up", id_="1")), ("ada", an_event("trial_started", id_="2", plan="trial"))]
    database.write(lambda connection: ingest(connection, came))
    settle_at(database, "ada", MONDAY.replace(hour=23))
    [start] = bells(database)
    row = database.read(lambda connection: connection.execute(select(enrollment.c.id)).scalar_one())
    database.write(lambda connection: outbox.ring(connection, row, MONDAY))
    database.write(lambda connection: outbox.sent(connection, [start]))
    [ring] = bells(database)
    assert (start.is_start, ring.is_start, ring.seq) == (True, False, start.seq + 1)
    database.write(lambda connection: outbox.failed(connection, [start], MONDAY.replace(year=2199)))
    assert bells(database) == [ring]
    database.write(lambda connection: outbox.sent(connection, [ring]))
    assert bells(database) == []
