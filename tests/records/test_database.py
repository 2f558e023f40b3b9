"""Transactions on both databases: one writer, urgency, deadlines, locks, and errors without values."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from sqlalchemy import Connection, insert, select, text, update

from engine.customer import Customer
from records import tables
from records.database import Database, outwait
from records.errors import DeadlinePassed, Locked, RecordsError, Refused, Unknown, Unreachable
from records.events import add_customers
from records.schema import differences, migrate

ONE = tables.customer.c.external_id == "ada"


def add_ada(connection: Connection) -> None:
    """A customer to work on."""
    add_customers(connection, [Customer("ada")])


def count_up(connection: Connection) -> None:
    """One more, as a program that reads and then writes would count."""
    seen = connection.execute(
        select(tables.customer.c.attempts).where(ONE).with_for_update(key_share=True)
    ).scalar_one()
    connection.execute(update(tables.customer).where(ONE).values(attempts=seen + 1))


def attempts(database: Database) -> int:
    """What was counted."""
    return int(database.read(lambda connection: connection.execute(select(tables.customer.c.attempts)).scalar_one()))


@pytest.fixture
def held(database: Database, url: str) -> Iterator[Callable[[], None]]:
    """Somebody else holds what a write of ada needs, until the function that this gives is called."""
    database.write(add_ada)
    other, holding, enough = Database(url), Event(), Event()

    def hold(connection: Connection) -> None:
        connection.execute(select(tables.customer).where(ONE).with_for_update())
        holding.set()
        enough.wait(30)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(other.write, hold)
        assert holding.wait(10)

        def let_go() -> None:
            enough.set()
            done.result()

        yield let_go
        let_go()
        other.close()


def test_models_and_migrations_agree(database: Database, url: str) -> None:
    migrate(url)
    assert list(database.read(differences)) == []


def test_a_database_of_a_newer_sojourn_is_left_alone(database: Database, url: str) -> None:
    database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = 'newer'")))
    with pytest.raises(Unknown, match="made_by_a_newer_sojourn"):
        migrate(url)


def test_what_many_threads_count_is_not_lost(database: Database) -> None:
    database.write(add_ada)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: database.write(count_up), range(200)))
    assert attempts(database) == 200


def test_work_that_raises_leaves_nothing_behind(database: Database) -> None:
    def fail(connection: Connection) -> None:
        add_ada(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(fail)
    database.write(add_ada)
    assert attempts(database) == 0


def test_a_lock_that_outlasts_our_patience_is_told_and_gone_afterwards(
    url: str, database: Database, held: Callable[[], None]
) -> None:
    hasty = Database(url, patience=timedelta(milliseconds=50))
    with pytest.raises(Locked):
        hasty.write(count_up)
    held()
    hasty.write(count_up)
    hasty.close()
    assert attempts(database) == 1


def test_a_start_outwaits_a_lock_and_says_so_once(url: str, database: Database, held: Callable[[], None]) -> None:
    hasty, told = Database(url, patience=timedelta(milliseconds=50)), []

    def count_up_at_the_third_time() -> None:
        tries.append(1)
        if len(tries) == 3:
            held()
        hasty.write(count_up)

    tries: list[int] = []
    outwait(count_up_at_the_third_time, timedelta(seconds=30), lambda: told.append("held"))
    hasty.close()
    assert told == ["held"]
    assert attempts(database) == 1


def test_a_start_gives_up_in_the_end(url: str, database: Database, held: Callable[[], None]) -> None:
    hasty = Database(url, patience=timedelta(milliseconds=50))
    with pytest.raises(Locked):
        outwait(lambda: hasty.write(count_up), timedelta(milliseconds=60), lambda: None)
    hasty.close()
    held()
    assert attempts(database) == 0


def test_a_lock_is_waited_for(database: Database, held: Callable[[], None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(database.write, count_up)
        held()
        waiting.result()
    assert attempts(database) == 1


def test_nothing_is_begun_after_its_deadline(database: Database) -> None:
    begun: list[int] = []
    with pytest.raises(DeadlinePassed):
        database.write(lambda _: begun.append(1), deadline=monotonic() - 1)
    assert not begun


def test_a_deadline_that_passes_while_waiting_for_the_lock_changes_nothing(
    url: str, database: Database, held: Callable[[], None]
) -> None:
    patient = Database(url, patience=timedelta(seconds=30))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(patient.write, count_up, deadline=monotonic() + 0.2)
        assert Event().wait(0.5) is False
        held()
        with pytest.raises((DeadlinePassed, Locked)):
            waiting.result()
    patient.close()
    assert attempts(database) == 0


def test_what_was_done_after_its_deadline_is_taken_back(database: Database) -> None:
    database.write(add_ada)

    def dawdle(connection: Connection) -> None:
        count_up(connection)
        Event().wait(0.2)

    with pytest.raises(DeadlinePassed):
        database.write(dawdle, deadline=monotonic() + 0.1)
    assert attempts(database) == 0


def test_urgent_work_goes_before_what_is_queued(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "sojourn.db"
    file.write_bytes(sqlite_template.read_bytes())
    database, begun, enough, order = Database(f"sqlite:///{file}"), Event(), Event(), list[str]()

    def block(_: Connection) -> None:
        begun.set()
        enough.wait(10)

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(database.write, block)]
        assert begun.wait(10)
        jobs += [pool.submit(database.write, lambda _: order.append("relay")) for _ in range(3)]
        while database.queued() < 3:
            Event().wait(0.01)
        jobs.append(pool.submit(database.write, lambda _: order.append("decide"), urgent=True))
        while database.queued() < 4:
            Event().wait(0.01)
        enough.set()
        for job in jobs:
            job.result()
    database.close()
    assert order == ["decide", "relay", "relay", "relay"]


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    database.write(add_ada)

    def write_and_look(connection: Connection) -> int:
        count_up(connection)
        return attempts(database)

    assert database.write(write_and_look) == 0


def test_reading_changes_nothing(database: Database) -> None:
    with pytest.raises(RecordsError):
        database.read(add_ada)


def test_errors_carry_no_values(database: Database) -> None:
    def twice(connection: Connection) -> None:
        add_customers(connection, [Customer("ada@example.com")])
        row = connection.execute(select(tables.customer)).mappings().one()
        connection.execute(insert(tables.customer), {**row, "id": None if database.url.startswith("sqlite") else 99})

    with pytest.raises(Refused) as refused:
        database.write(twice)
    assert "ada" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_database_that_is_not_there_is_unreachable() -> None:
    absent = Database("postgresql+psycopg://sojourn@127.0.0.1:1/nowhere")
    with pytest.raises(Unreachable):
        absent.write(lambda connection: connection.execute(text("SELECT 1")))
    absent.close()


def test_who_sleeps_in_the_middle_of_a_transaction_loses_it_on_postgresql(postgres_url: str) -> None:
    def doze(connection: Connection) -> None:
        connection.execute(text("SELECT 1"))
        sleep(0.5)
        connection.execute(text("SELECT 1"))

    with closing(Database(postgres_url, asleep=timedelta(seconds=0.1))) as database:
        with pytest.raises(Unreachable):
            database.write(doze)
        assert database.write(lambda connection: connection.execute(text("SELECT 1")).scalar()) == 1


def test_sqlite_commits_durably_and_logs_ahead(sqlite_template: Path) -> None:
    database = Database(f"sqlite:///{sqlite_template}")
    found = database.write(
        lambda connection: [
            connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
        ]
    )
    database.close()
    assert found == ["wal", 2]
    assert sqlite3.connect(sqlite_template).execute("PRAGMA journal_mode").fetchone() == ("wal",)
