"""The relay: whom somebody else holds holds up nobody else."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Event
from typing import cast

import pytest
from sqlalchemy import Connection, select

from records.database import Database
from records.events import add_customers, ingest
from records.tables import customer
from tests.records.living import MONDAY, a_customer, an_event, publish_example
from workers.catalogs import LiveCatalogs
from workers.clocks import VirtualTime
from workers.handover import Handover
from workers.pace import Pace
from workers.relay import Relay
from workers.settlement import Settlement


def test_a_customer_whom_somebody_holds_holds_up_nobody_else(url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite locks all of them or none")
    held, enough, clock = Event(), Event(), VirtualTime(MONDAY + timedelta(hours=1))

    def hold(connection: Connection) -> None:
        connection.execute(select(customer).where(customer.c.external_id == "ada").with_for_update())
        held.set()
        enough.wait(30)

    with (
        closing(Database(url, patience=timedelta(milliseconds=200))) as database,
        closing(Database(url)) as other,
        ThreadPoolExecutor(2) as threads,
    ):
        publish_example(database)
        database.write(lambda connection: add_customers(connection, [a_customer("ada"), a_customer("bob")]))
        came = [(name, an_event("signed_up", id_=name)) for name in ("ada", "bob")]
        database.write(lambda connection: ingest(connection, came))
        holding = threads.submit(other.write, hold)
        assert held.wait(10)
        settlement = Settlement(database, LiveCatalogs(database), clock, clock)
        relay = Relay(settlement, cast(Handover, None), Pace(), threads)
        try:
            asyncio.run(relay.settle_due())
        finally:
            enough.set()
        holding.result()
        settled = select(customer.c.external_id, customer.c.events_settled).order_by(customer.c.external_id)
        assert database.read(lambda connection: connection.execute(settled).all()) == [("ada", 0), ("bob", 1)]
