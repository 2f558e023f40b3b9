"""What a customer did and went through before this settle, read from the tables when it is asked for."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, func, or_, select

from engine.facts import Event
from engine.timing.reservations import Reservation
from engine.words import EventKind, MessageState, Purpose
from records.tables import enrollment, event, journey, message

_EVER = datetime.min.replace(tzinfo=UTC)
EVENT = (
    event.c.message_id,
    event.c.kind,
    event.c.name,
    event.c.occurred_at,
    event.c.received_at,
    event.c.properties,
    event.c.origin,
    event.c.generation,
    event.c.emission,
)
"""The columns of engine.facts.Event, in its order; what is left is its place among the settled."""

_TRACKED = (
    (event.c.customer_id == bindparam("customer"))
    & (event.c.name == bindparam("name"))
    & (event.c.kind == EventKind.TRACK)
    & event.c.settled_order.is_not(None)
)
_EVENTS = (
    select(*EVENT, event.c.settled_order)
    .where(_TRACKED, event.c.occurred_at > bindparam("since"))
    .order_by(event.c.occurred_at, event.c.settled_order)
)
_LATEST = select(event.c.occurred_at).where(_TRACKED).order_by(event.c.occurred_at.desc()).limit(1)
_LAST_LEFT = (
    select(func.max(enrollment.c.left_at))
    .join(journey, journey.c.id == enrollment.c.journey_id)
    .where(
        enrollment.c.customer_id == bindparam("customer"),
        journey.c.name == bindparam("journey"),
        enrollment.c.key == bindparam("key"),
        enrollment.c.left_at.is_not(None),
    )
)
_RESERVED = (
    select(
        message.c.public_id,
        enrollment.c.public_id,
        message.c.planned_at,
        message.c.channel,
        message.c.topic,
        or_(message.c.parting, message.c.state.not_in((MessageState.PLANNED, MessageState.NOT_SENT))),
    )
    .join(enrollment, enrollment.c.id == message.c.enrollment_id)
    .where(
        message.c.customer_id == bindparam("customer"),
        message.c.planned_at > bindparam("since"),
        message.c.purpose == Purpose.MARKETING,
        message.c.state.not_in((MessageState.WITHHELD, MessageState.REJECTED, MessageState.EXPIRED)),
    )
    .order_by(message.c.planned_at, message.c.id)
)
"""The columns of engine.timing.reservations.Reservation, in its order."""


class TableHistory:
    """A History over the tables; each name is read once, and again only from further back."""

    def __init__(self, connection: Connection, customer: int) -> None:
        self._connection = connection
        self._customer = customer
        self._read: dict[str, tuple[datetime, list[Event]]] = {}
        self._latest: dict[str, datetime | None] = {}

    def events(self, name: str, since: datetime | None) -> Sequence[Event]:
        """Those called `name` that occurred after `since`, oldest first."""
        begin = since or _EVER
        known = self._read.get(name)
        if known is None or known[0] > begin:
            asked = {"customer": self._customer, "name": name, "since": begin}
            rows = self._connection.execute(_EVENTS, asked)
            known = self._read[name] = (begin, [Event(*columns) for (*columns,) in rows])
        events = known[1]
        return events[bisect_right(events, begin, key=lambda one: one.occurred_at) :]

    def latest(self, name: str) -> datetime | None:
        """When `name` last occurred."""
        if name not in self._latest:
            asked = {"customer": self._customer, "name": name}
            self._latest[name] = self._connection.execute(_LATEST, asked).scalar()
        return self._latest[name]


class TablePast:
    """A Past over the tables."""

    def __init__(self, connection: Connection, customer: int) -> None:
        self._connection = connection
        self._customer = customer

    def last_left(self, journey: str, key: str | None) -> datetime | None:
        """When she last left this journey under this key."""
        asked = {"customer": self._customer, "journey": journey, "key": key}
        found: datetime | None = self._connection.execute(_LAST_LEFT, asked).scalar()
        return found


class TableReserved:
    """A Reserved over the tables: a message is its own reservation, and gives it back by what becomes of it."""

    def __init__(self, connection: Connection, customer: int) -> None:
        self._connection = connection
        self._customer = customer
        self._read: tuple[datetime, list[Reservation]] | None = None
        self._left: set[str] = set()

    def since(self, at: datetime) -> Sequence[Reservation]:
        """Those after `at`, oldest first; read once, and again only from further back."""
        known = self._read
        if known is None or known[0] > at:
            rows = self._connection.execute(_RESERVED, {"customer": self._customer, "since": at})
            known = self._read = (at, [Reservation(*columns) for (*columns,) in rows])
        found = known[1][bisect_right(known[1], at, key=lambda one: one.at) :]
        return [one for one in found if one.kept or one.enrollment not in self._left]

    def withdraw(self, enrollment: str, instant: datetime) -> None:
        """Give back what an enrollment has planned and nobody has claimed."""
        self._left.add(enrollment)
