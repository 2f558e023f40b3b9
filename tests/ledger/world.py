"""The model's world: a provider with eight outcomes, processes that crash or stall, and the rows of one message."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, create_engine, insert, update
from sqlalchemy.pool import StaticPool

from channels.outcomes import (
    Accepted,
    Ambiguous,
    Doubt,
    NotAccepted,
    NotAcceptedKind,
    Outcome,
    Phase,
    Rejected,
    RejectedKind,
)
from channels.protocol import LookUp
from engine import ids
from engine.words import Channel, MessageState, Purpose
from records import tables
from records.events import make_known
from records.messages import Found, Message

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MESSAGE = ids.message_id("enrollment", "hello", 1, "email")
_MESSAGE = """
    SELECT state, attempt, epoch, lease_until, not_before, changed_at, possible_duplicate, delivery FROM message
"""
_ATTEMPTS = "SELECT attempt, state FROM message_attempt ORDER BY attempt"
FINAL = frozenset({"accepted", "rejected", "uncertain"})


@dataclass(frozen=True)
class Manner:
    """One way in which a provider answers a submit: does it take the message (later), and what do we see of it?"""

    name: str
    outcome: Outcome
    takes: bool = False
    takes_late: bool = False


GOOD = Manner("accepted", Accepted("7"), takes=True)
TROUBLE = (
    Manner("taken, answer lost", Ambiguous(Phase.BODY, Doubt.LOST), takes=True),
    Manner("taken, timeout", Ambiguous(Phase.BODY, Doubt.TIMEOUT), takes=True),
    Manner("taken, 5xx", Ambiguous(Phase.BODY, Doubt.UNEXPECTED_REPLY, "503"), takes=True),
    Manner("not taken, 5xx", Ambiguous(Phase.BODY, Doubt.UNEXPECTED_REPLY, "503")),
    Manner("taken after the timeout", Ambiguous(Phase.BODY, Doubt.TIMEOUT), takes_late=True),
    Manner("throttled", NotAccepted(NotAcceptedKind.THROTTLED, "429", timedelta(seconds=30))),
    Manner("rejected", Rejected(RejectedKind.CONTENT, "400")),
)
SEALED = NotAccepted(NotAcceptedKind.DEFERRED, "sealed")


@dataclass(frozen=True)
class Provider:
    """Can it be asked about a message, and is its "absent" proof: a look that finds nothing seals the attempt?"""

    asked: bool = False
    authoritative: bool = False


@dataclass(frozen=True)
class Process:
    """A delivery in a worker: what it has claimed, and what it has found out. A stalled one acts whenever it wakes."""

    sent: Message = field(compare=False)
    found: Found | None = None
    stalled: bool = False
    fenced_by: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Look:
    """What one round of the sweep has read, and is still to write down."""

    seen: Message = field(compare=False)
    looked: LookUp | None = None
    fenced_by: tuple[str, int] = ("", 0)


@dataclass(frozen=True)
class World:
    """Everything beside the tables. `faults` are left to happen; `taken` are the attempts the provider took."""

    now: datetime = NOON
    faults: int = 2
    processes: tuple[Process, ...] = ()
    looks: tuple[Look, ...] = ()
    taken: tuple[int, ...] = ()
    landing: tuple[int, ...] = ()
    sealed: frozenset[int] = frozenset()
    told: frozenset[int] = frozenset()
    rejected: bool = False
    was_accepted: bool = False

    def key(self) -> tuple[Any, ...]:
        """What tells two worlds apart."""
        processes = tuple(sorted((one.fenced_by, str(one.found), one.stalled) for one in self.processes))
        looks = tuple(sorted((one.fenced_by, str(one.looked)) for one in self.looks))
        rest = (self.sealed, self.told, self.rejected, self.was_accepted)
        return (self.now, self.faults, processes, looks, self.taken, self.landing, *rest)


@dataclass(frozen=True)
class Rows:
    """The message and its attempts as they stand in the tables."""

    message: tuple[Any, ...]
    attempts: tuple[tuple[int, str], ...]

    @property
    def state(self) -> str:
        return str(self.message[0])

    @property
    def is_marked(self) -> bool:
        return bool(self.message[6])


def read_rows(connection: Connection) -> Rows:
    """The rows as they stand."""
    message = connection.exec_driver_sql(_MESSAGE).one()
    attempts = connection.exec_driver_sql(_ATTEMPTS).all()
    return Rows(tuple(message), tuple((row[0], row[1]) for row in attempts))


@contextmanager
def planned_message(purpose: Purpose, refused: int = 0) -> Iterator[Connection]:
    """A database in memory with one planned message, after some refusals, in a transaction that is taken back."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
    with engine.connect() as connection:
        tables.metadata.create_all(connection)
        _plan(connection, purpose)
        for attempt in range(1, refused + 1):
            _refuse(connection, attempt)
        yield connection
    engine.dispose()


@contextmanager
def taken_back(connection: Connection, depth: int) -> Iterator[None]:
    """Whatever the block writes is taken back."""
    connection.exec_driver_sql(f"SAVEPOINT s{depth}")
    yield
    connection.exec_driver_sql(f"ROLLBACK TO s{depth}")
    connection.exec_driver_sql(f"RELEASE s{depth}")


def _plan(connection: Connection, purpose: Purpose) -> None:
    make_known(connection, ["ada"])
    connection.execute(insert(tables.journey), {"id": 1, "name": "welcome"})
    version = {"id": 1, "journey_id": 1, "digest": "d", "encoded": {}, "published_at": NOON}
    connection.execute(insert(tables.journey_version), version)
    connection.execute(insert(tables.enrollment), {
        "id": 1, "public_id": ids.enrollment_id("ada", "welcome", None, "1"), "customer_id": 1, "journey_id": 1,
        "version_id": 1, "key": None, "cause": "1", "entered_at": NOON, "entered_order": 1, "entry": {},
        "held_out": False, "step": "hello", "standing": {}, "goal_value": 0.0, "label": "", "ring": 0,
    })  # fmt: skip
    connection.execute(insert(tables.message), {
        "public_id": MESSAGE, "enrollment_id": 1, "customer_id": 1, "step": "hello", "visit": 1,
        "channel": Channel.EMAIL, "template": "hello", "purpose": purpose, "topic": "tips", "sender": "default",
        "planned_at": NOON, "expires_at": NOON + timedelta(days=2), "planned_real_at": NOON, "facts": {},
        "fallback": False, "parting": False, "state": MessageState.PLANNED, "reason": "", "attempt": 0, "epoch": 0,
        "changed_at": NOON, "possible_duplicate": False,
    })  # fmt: skip


def _refuse(connection: Connection, attempt: int) -> None:
    again = update(tables.message).values(state=MessageState.NOT_SENT, attempt=attempt, epoch=2 * attempt)
    connection.execute(again)
    ended = {"state": MessageState.NOT_SENT, "phase": "", "evidence": {}, "started_at": NOON, "ended_at": NOON}
    connection.execute(insert(tables.message_attempt), {"message_id": 1, "attempt": attempt, **ended})
