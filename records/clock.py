"""The row of the time-lapse clock, and what it must wait for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from engine.words import MessageState
from records.inserting import insert_into
from records.tables import clock, customer, enrollment, event, message, outbox

_THE_ROW = 1


@dataclass(frozen=True, slots=True)
class ClockState:
    """At `real` it was `business`; business time runs `rate` times as fast. `heartbeat` is when it last lived (real)."""

    business: datetime
    real: datetime
    rate: float
    heartbeat: datetime


def read_clock(connection: Connection) -> ClockState | None:
    """The clock as it was last set; None when it never was."""
    row = connection.execute(select(clock.c.business, clock.c.real, clock.c.rate, clock.c.heartbeat)).first()
    return None if row is None else ClockState(row.business, row.real, row.rate, row.heartbeat)


def set_clock(connection: Connection, state: ClockState) -> None:
    """Set the clock for every process."""
    said = {"business": state.business, "real": state.real, "rate": state.rate, "heartbeat": state.heartbeat}
    row = insert_into(connection, clock).values(id=_THE_ROW, **said)
    connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=said))


def beat(connection: Connection, real_now: datetime) -> None:
    """Say that the clock still lives."""
    connection.execute(update(clock).where(clock.c.id == _THE_ROW).values(heartbeat=real_now))


def oldest_undone(connection: Connection) -> datetime | None:
    """Since when (real) something waits to be handed to Temporal or to a provider; None when nothing does."""
    open_states = (MessageState.PLANNED, MessageState.NOT_SENT)
    handing = connection.execute(select(func.min(outbox.c.since))).scalar()
    sending = connection.execute(
        select(func.min(message.c.planned_real_at)).where(message.c.state.in_(open_states))
    ).scalar()
    return min((at for at in (handing, sending) if at is not None), default=None)


def earliest_cause(connection: Connection) -> datetime | None:
    """The business instant of the first cause that is not settled: where a replay begins."""
    asked = (
        select(func.min(event.c.occurred_at)).where(event.c.settled_order.is_(None)),
        select(func.min(customer.c.recheck_at)),
        select(func.min(enrollment.c.due_at)).where(enrollment.c.left_at.is_(None)),
    )
    found = (connection.execute(one).scalar() for one in asked)
    return min((at for at in found if at is not None), default=None)
