"""Starts and rings that Temporal is still to be given: at least once each, in any order, harmlessly."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, or_, select, update

from records.inserting import insert_into, insert_new
from records.messages import OPEN
from records.tables import customer, enrollment, journey, journey_version, message, outbox

_FIRST_RETRY = timedelta(milliseconds=500)
_LAST_RETRY = timedelta(seconds=30)

_DUE = (
    select(
        outbox.c.enrollment_id.label("row"),
        outbox.c.seq,
        outbox.c.is_start,
        outbox.c.attempts,
        enrollment.c.public_id.label("enrollment"),
        customer.c.public_id.label("customer"),
        journey.c.name.label("journey"),
        journey_version.c.digest.label("version"),
    )
    .join(enrollment, enrollment.c.id == outbox.c.enrollment_id)
    .join(customer, customer.c.id == enrollment.c.customer_id)
    .join(journey, journey.c.id == enrollment.c.journey_id)
    .join(journey_version, journey_version.c.id == enrollment.c.version_id)
    .where(or_(outbox.c.not_before.is_(None), outbox.c.not_before <= bindparam("now")))
    .order_by(outbox.c.since)
    .limit(bindparam("limit"))
)


_ITS_OWN = (
    (outbox.c.enrollment_id == bindparam("row"))
    & (outbox.c.seq == bindparam("sent"))
    & exists().where(enrollment.c.id == outbox.c.enrollment_id, enrollment.c.public_id == bindparam("bell"))
)
"""The bell that was looked at: after an erasure somebody else's enrollment may have the row."""


@dataclass(frozen=True, slots=True)
class Bell:
    """A start or a ring for one enrollment; `customer` is her public id, `version` the digest she is inside of.

    A ring below 0 only wakes a run that is there.
    """

    row: int
    seq: int
    is_start: bool
    attempts: int
    enrollment: str
    customer: str
    journey: str
    version: str


def ring(connection: Connection, enrollment_row: int, real_now: datetime) -> int:
    """Raise the ring of an enrollment whose answer has changed, and have it rung; 0 where it is not there any more."""
    return _ring(connection, enrollment.c.id == enrollment_row, real_now).get(enrollment_row, 0)


def wake_all(connection: Connection, enrollment_rows: Collection[int], real_now: datetime) -> None:
    """Wake the runs of these, for which nothing is new. One that was ended from outside stays so: the sweep sees it."""
    mine = select(enrollment.c.id, enrollment.c.ring).where(enrollment.c.id.in_(enrollment_rows))
    told = {"is_start": False, "since": real_now, "attempts": 0, "not_before": None}
    bells = [{"enrollment_id": row, "seq": -seq - 1, **told} for row, seq in connection.execute(mine.order_by("id"))]
    if bells:
        connection.execute(insert_new(connection, outbox), bells)


def ring_journey(connection: Connection, journey_row: int, real_now: datetime) -> None:
    """Ring for everybody inside a journey, and for those who have left it with something still to be sent."""
    still_open = select(message.c.enrollment_id).where(message.c.state.in_(OPEN))
    concerned = or_(enrollment.c.left_at.is_(None), enrollment.c.id.in_(still_open))
    _ring(connection, (enrollment.c.journey_id == journey_row) & concerned, real_now)


def _ring(connection: Connection, which: ColumnElement[bool], real_now: datetime) -> dict[int, int]:
    """The rings by row."""
    raised = update(enrollment).where(which).values(ring=enrollment.c.ring + 1)
    raised_to = connection.execute(raised.returning(enrollment.c.id, enrollment.c.ring))
    rings = {row.id: row.ring for row in raised_to}
    told = {"is_start": False, "since": real_now, "attempts": 0, "not_before": None}
    put(connection, [{"enrollment_id": row, "seq": seq, **told} for row, seq in sorted(rings.items())])
    return rings


def put(connection: Connection, bells: Sequence[Mapping[str, object]]) -> None:
    """One row an enrollment, so that rings coalesce; a start that is rung before it was handed over becomes a ring."""
    if bells:
        row = insert_into(connection, outbox)
        newest = {name: row.excluded[name] for name in ("seq", "is_start", "attempts", "not_before")}
        connection.execute(row.on_conflict_do_update(index_elements=["enrollment_id"], set_=newest), list(bells))


def due(connection: Connection, real_now: datetime, limit: int) -> Sequence[Bell]:
    """What is to be handed over, oldest first."""
    return [Bell(**row) for row in connection.execute(_DUE, {"now": real_now, "limit": limit}).mappings()]


def sent(connection: Connection, bells: Sequence[Bell]) -> None:
    """Forget what was handed over, unless something newer has been rung since."""
    gone = delete(outbox).where(_ITS_OWN)
    connection.execute(gone, [{"row": one.row, "sent": one.seq, "bell": one.enrollment} for one in bells])


def failed(connection: Connection, bells: Sequence[Bell], real_now: datetime) -> None:
    """Try these again later and later, up to every half minute."""
    later = update(outbox).where(_ITS_OWN)
    tried = [
        {"row": one.row, "sent": one.seq, "bell": one.enrollment, "again_at": real_now + _wait(one.attempts)}
        for one in bells
    ]
    connection.execute(later.values(attempts=outbox.c.attempts + 1, not_before=bindparam("again_at")), tried)


def _wait(attempts: int) -> timedelta:
    wait: timedelta = min(_FIRST_RETRY * 2 ** min(attempts, 10), _LAST_RETRY)
    return wait
