"""`decide` as an activity: an attempt that is given up from outside is nobody's fault."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Bell

import pytest
from sqlalchemy import select
from temporalio.testing import ActivityEnvironment

from records.database import Database
from records.events import add_customers, ingest
from records.journal import troubles
from records.schema import migrate
from records.tables import enrollment
from tests.records.living import MONDAY, a_customer, an_event, publish_example, settle_all
from workers.catalogs import LiveCatalogs
from workers.clocks import VirtualTime, Wall
from workers.decide import Deciding
from workers.moves import EnrollmentRef
from workers.settlement import Settlement


@dataclass
class Waits:
    """A clock that lets the activity come as far as its transaction, and tells of it."""

    reached: Bell
    slack = timedelta()

    def now(self) -> datetime:
        self.reached.set()
        return MONDAY + timedelta(hours=3)

    def look_at(self, due_at: datetime) -> datetime:
        return due_at

    def at(self, real: datetime) -> datetime:
        return real

    def late(self, instant: datetime, noticed: datetime) -> timedelta:
        return timedelta()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A database in which Ada waits in the trial."""
    path = tmp_path / "sojourn.db"
    migrate(f"sqlite:///{path}")
    with closing(Database(f"sqlite:///{path}")) as database:
        publish_example(database)
        database.write(lambda connection: add_customers(connection, [a_customer()]))
        entered = [("ada", an_event("trial_started", timedelta(hours=1), plan="trial"))]
        database.write(lambda connection: ingest(connection, entered))
        settle_all(database, "ada", [MONDAY + timedelta(hours=2)])
        yield path


def test_an_attempt_that_is_cancelled_while_it_waits_for_the_database_is_held_against_no_customer(file: Path) -> None:
    database, reached = Database(f"sqlite:///{file}", patience=timedelta(seconds=20)), Bell()
    deciding = Deciding(Settlement(database, LiveCatalogs(database), Waits(reached), VirtualTime(datetime.now(UTC))))
    one = database.read(lambda connection: connection.execute(select(enrollment.c.public_id)).scalar_one())
    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info, started_time=Wall().now(), start_to_close_timeout=timedelta(seconds=30)
    )
    with closing(database), ThreadPoolExecutor(1) as thread, closing(sqlite3.connect(file)) as other:
        other.execute("begin immediate")
        asked = thread.submit(environment.run, deciding.decide, EnrollmentRef(one))
        assert reached.wait(20)
        environment.cancel()
        other.rollback()
        assert asked.result(30).words.startswith("Waiting until")
        assert database.read(troubles) == []
