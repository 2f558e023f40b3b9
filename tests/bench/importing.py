"""Events imported, against a bare executemany of the same rows into the same table."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, create_engine, func, make_url, select

from engine.customer import Customer
from engine.release import Release
from engine.rows import EventReader
from engine.words import Origin
from records.database import Database
from records.events import add_customers
from records.imports import ROWS_PER_COMMIT, import_events
from records.schema import migrate
from records.tables import customer, event
from records.tables.columns import to_micros
from sojourn.rowfiles import EVENTS, Report, read_events
from tests.bench import cast
from tests.bench.figures import Figure, Sizes
from tests.bench.machine import Watch

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
EVENTS_A_CUSTOMER = 10
BARE = "executemany of the same rows, a thousand a commit"
COLUMNS = (
    "customer_id", "message_id", "kind", "name", "occurred_at", "received_at", "properties", "origin", "generation",
    "emission",
)  # fmt: skip


def measure(sizes: Sizes, folder: Path) -> list[Figure]:
    """On SQLite, and on PostgreSQL where one is given."""
    file = folder / "events.jsonl"
    file.write_text("".join(map(_line, range(sizes.events))), encoding="utf-8")
    figures = _compared("SQLite", file, f"sqlite:///{folder / 'ours.db'}", f"sqlite:///{folder / 'bare.db'}")
    if sizes.postgres is not None:
        with _of_its_own(sizes.postgres) as ours, _of_its_own(sizes.postgres) as bare:
            figures += _compared("PostgreSQL", file, ours, bare)
    return figures


def _compared(name: str, file: Path, ours: str, bare: str) -> list[Figure]:
    migrate(ours)
    migrate(bare)
    lines = file.read_text("utf-8").splitlines()
    imported, inserted = _imported(file, ours, cast.release(cast.TWO_MESSAGES)), _inserted(lines, bare)
    return [Figure(f"import of {len(lines):,} events, {name}", "rows/s", imported, inserted, BARE)]


def _imported(file: Path, url: str, release: Release) -> float:
    database, watch = Database(url), Watch()
    rows = read_events(Report(file), release, EventReader(Origin.HISTORY, FIRST + timedelta(days=300)), EVENTS)
    new = sum(one.new for one in import_events(database, rows))
    rate = watch.rate(new)
    database.close()
    return rate


def _inserted(lines: list[str], url: str) -> float:
    """The rows are made beforehand: what is timed is the insert alone."""
    database = Database(url)
    names = sorted({str(json.loads(line)["customer"]) for line in lines})
    keys = database.write(lambda connection: _customers(connection, names))
    rows = [_row(json.loads(line), keys) for line in lines]
    signs = ", ".join(["?" if url.startswith("sqlite") else "%s"] * len(COLUMNS))
    statement = f"insert into event ({', '.join(COLUMNS)}) values ({signs})"  # noqa: S608  the columns are ours
    watch = Watch()
    for start in range(0, len(rows), ROWS_PER_COMMIT):
        some = rows[start : start + ROWS_PER_COMMIT]
        database.write(lambda connection, some=some: connection.exec_driver_sql(statement, some))  # type: ignore[misc]
    rate = watch.rate(len(rows))
    if database.read(lambda connection: connection.execute(select(func.count()).select_from(event)).scalar()) != len(
        rows
    ):
        raise ValueError("rows are missing")
    database.close()
    return rate


def _customers(connection: Connection, names: list[str]) -> dict[str, int]:
    add_customers(connection, [Customer(name) for name in names])
    return {row[0]: row[1] for row in connection.execute(select(customer.c.external_id, customer.c.id))}


def _line(number: int) -> str:
    row = {
        "id": f"e{number}",
        "customer": f"c{number // EVENTS_A_CUSTOMER}",
        "name": "purchased",
        "occurred_at": (FIRST + timedelta(minutes=number)).isoformat(),
        "properties": {"amount": number % 100, "order": f"o{number}"},
    }
    return json.dumps(row) + "\n"


def _row(row: dict[str, Any], keys: dict[str, int]) -> tuple[Any, ...]:
    at = to_micros(datetime.fromisoformat(row["occurred_at"]))
    properties = json.dumps(row["properties"])
    return (keys[row["customer"]], row["id"], "track", row["name"], at, at, properties, Origin.HISTORY.value, 0, 0)


@contextmanager
def _of_its_own(server: str) -> Iterator[str]:
    """The URL of a new database, gone afterwards."""
    name = f"bench_{uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
