"""The database: work is a plain function in one transaction, the same on SQLite and on PostgreSQL."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from records.errors import DeadlinePassed, Locked, RecordsError, Refused, Unreachable
from records.writer import Writer

T = TypeVar("T")
PATIENCE = timedelta(seconds=2)
START = timedelta(seconds=60)
"""How long a process that starts waits for a database that somebody else holds."""
ASLEEP = timedelta(minutes=5)
"""After which a process that sleeps in the middle of a transaction loses it, and with it what it has locked."""
CONNECTIONS = 16
_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40001", "40P01", "57014", "23503")
_GONE = ("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL", "08", "25P03", "57P", "53", "OperationalError")
"""How codes begin: SQLite's extended ones, and the classes of SQLSTATE; a connection that failed has none.

23503 is a row that went away while this waited for it: its customer was erased. Another try does not find it.
"""

_compact = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


class Database:
    """A database by URL. `patience` is how long it waits for a lock that somebody else holds.

    Work is a synchronous function of a connection, given a transaction of its own: committed when it returns, rolled
    back when it raises. On SQLite one thread a process writes, in the order of urgency, with BEGIN IMMEDIATE and a
    durable commit (synchronous=FULL: half a millisecond on a fast disk); readers see the last commit and do not wait.
    Raises Locked, DeadlinePassed, Unreachable or Refused, which carry codes and never a parameter. `asleep` is how long
    PostgreSQL lets a process be silent in a transaction.
    """

    def __init__(self, url: str, patience: timedelta = PATIENCE, asleep: timedelta = ASLEEP) -> None:
        self.url = url
        self._patience = patience
        self._writer: Writer | None = None
        if make_url(url).get_backend_name() == "sqlite":
            self._engine = _sqlite(url, patience, "BEGIN IMMEDIATE")
            self._reading = _sqlite(url, patience, "BEGIN")
            self._writer = Writer()
        else:
            self._engine = _postgres(url, patience, asleep)
            self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def write(self, work: Callable[[Connection], T], *, urgent: bool = False, deadline: float | None = None) -> T:
        """Do the work in one transaction. `deadline` is monotonic: past it nothing is begun and nothing committed."""
        if self._writer is None:
            return self._transact(work, deadline)
        return self._writer.run(partial(self._transact, work, deadline), urgent)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do work that changes nothing, as of one moment."""
        with _own_errors(), self._reading.begin() as connection:
            return work(connection)

    def queued(self) -> int:
        """How much work waits for the one writer; 0 where there is none."""
        return 0 if self._writer is None else self._writer.queued()

    def close(self) -> None:
        """Finish what is queued and let go of every connection."""
        if self._writer is not None:
            self._writer.close()
        self._reading.dispose()
        self._engine.dispose()

    def _transact(self, work: Callable[[Connection], T], deadline: float | None) -> T:
        _hold(deadline)
        with _own_errors(), self._engine.begin() as connection:
            if self._writer is None and deadline is not None:
                limit = min(self._patience.total_seconds(), max(deadline - monotonic(), 0.001))
                connection.execute(text(f"SET LOCAL lock_timeout = {max(int(limit * 1000), 1)}"))
            _hold(deadline)
            result = work(connection)
            _hold(deadline)
            return result


def outwait(work: Callable[[], T], patience: timedelta, held: Callable[[], None]) -> T:
    """Do the work, again and again for as long as somebody else holds the database; `held` is called at the first time.

    Raises Locked when `patience` is over.
    """
    over, told = monotonic() + patience.total_seconds(), False
    while True:
        try:
            return work()
        except Locked:
            if monotonic() >= over:
                raise
        if not told:
            held()
        told = True


def _hold(deadline: float | None) -> None:
    if deadline is not None and monotonic() > deadline:
        raise DeadlinePassed("deadline_passed")


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise _named(error) from None


def _named(error: SQLAlchemyError) -> RecordsError:
    """Our own error for one of the driver's, by its code alone: its words may hold values."""
    if isinstance(error, PoolExhausted):
        return Locked("no_connection_free")
    if not isinstance(error, DBAPIError):
        return Refused(type(error).__name__)
    code = _code(error.orig)
    if code.startswith(_LOCKED):
        return Locked(code)
    if error.connection_invalidated or code.startswith(_GONE):
        return Unreachable(code)
    return Refused(f"{code} {_constraint(error.orig)}".strip())


def _code(original: Any) -> str:
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    return str(code or type(original).__name__)


def _constraint(original: Any) -> str:
    return str(getattr(getattr(original, "diag", None), "constraint_name", None) or "")


def _sqlite(url: str, patience: timedelta, begin: str) -> Engine:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise Unreachable("sqlite_needs_a_file")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, json_serializer=_compact, pool_size=CONNECTIONS)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(patience.total_seconds() * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA query_only = {'ON' if begin == 'BEGIN' else 'OFF'}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres(url: str, patience: timedelta, asleep: timedelta) -> Engine:
    times = {"lock_timeout": patience, "idle_in_transaction_session_timeout": asleep}
    settings = " ".join(f"-c {name}={int(time.total_seconds() * 1000)}" for name, time in times.items())
    return create_engine(
        url,
        hide_parameters=True,
        json_serializer=_compact,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=patience.total_seconds(),
        pool_pre_ping=True,
        connect_args={"options": f"{settings} -c timezone=UTC", "connect_timeout": 5},
    )
