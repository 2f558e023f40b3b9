"""The time-lapse clock's one row, and what makes it stand still."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from engine.words import MessageState
from records.inserting import insert_into
from records.tables import channel, clock, customer, enrollment, event, journey, message, outbox
from records.tables.messages import OPEN

_THE_ROW = 1


@dataclass(frozen=True, slots=True)
class Lapse:
    """At `real` it was `business`, and business time runs `rate` times as fast while the heart beats."""

    business: datetime
    real: datetime
    rate: float
    heartbeat: datetime


def read(connection: Connection) -> Lapse | None:
    """The row; None where time has never been lapsed."""
    wanted = select(clock.c.business, clock.c.real, clock.c.rate, clock.c.heartbeat)
    row = connection.execute(wanted.where(clock.c.id == _THE_ROW)).one_or_none()
    return None if row is None else Lapse(*row)


def write(connection: Connection, lapse: Lapse) -> None:
    """Write the row."""
    put = insert_into(connection, clock).values(id=_THE_ROW, **asdict(lapse))
    connection.execute(put.on_conflict_do_update(index_elements=["id"], set_=asdict(lapse)))


def earliest_cause(connection: Connection) -> datetime | None:
    """The business instant of the first cause that is still to be settled: where a replay begins."""
    asked = (
        select(func.min(event.c.occurred_at)).where(event.c.settled_order.is_(None)),
        select(func.min(customer.c.recheck_at)),
        select(func.min(enrollment.c.due_at)).where(enrollment.c.left_at.is_(None)),
    )
    found = (connection.execute(one).scalar() for one in asked)
    return min((at for at in found if at is not None), default=None)


def backlog_since(connection: Connection) -> datetime | None:
    """Real time since which something waits for Temporal: the oldest bell, or planned message that may go."""
    rung = connection.execute(select(func.min(outbox.c.since))).scalar()
    waiting = message.join(enrollment, enrollment.c.id == message.c.enrollment_id)
    waiting = waiting.join(journey, journey.c.id == enrollment.c.journey_id)
    planned = select(func.min(message.c.planned_real_at)).select_from(waiting)
    planned = planned.where(OPEN, message.c.state == MessageState.PLANNED, message.c.not_before.is_(None))
    planned = planned.where(journey.c.paused_at.is_(None))
    planned = planned.where(message.c.channel.not_in(select(channel.c.name).where(channel.c.paused_at.is_not(None))))
    found = [rung, connection.execute(planned).scalar()]
    return min((one for one in found if one is not None), default=None)
