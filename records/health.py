"""What an operator has to know: what waits, what is in doubt, what is paused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, TextClause, func, select

from engine.words import Channel, MessageState
from records.tables import channel, customer, event, journey, message, outbox, review
from records.tables.messages import IN_DOUBT, OPEN


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the oldest does."""

    number: int
    since: datetime | None


def unsettled(connection: Connection, now: datetime) -> Waiting:
    """Events that have happened by `now` and are still to be settled; business time."""
    return _waiting(connection, event.c.occurred_at, event.c.settled_order.is_(None), event.c.occurred_at <= now)


def bells(connection: Connection) -> Waiting:
    """Starts and rings that Temporal has not been given yet; real time."""
    return _waiting(connection, outbox.c.since)


def unsent(connection: Connection) -> Waiting:
    """Messages that are planned and have not gone; real time."""
    return _waiting(connection, message.c.planned_real_at, OPEN)


def in_doubt(connection: Connection) -> Waiting:
    """Messages of which nobody knows yet whether they went; real time."""
    return _waiting(connection, message.c.changed_at, IN_DOUBT)


def uncertain(connection: Connection) -> Waiting:
    """Messages of which nobody will ever know; real time."""
    return _waiting(connection, message.c.changed_at, message.c.state == MessageState.UNCERTAIN)


def paused_channels(connection: Connection) -> dict[Channel, str]:
    """The channels over which nothing goes, and why."""
    rows = connection.execute(select(channel.c.name, channel.c.reason).where(channel.c.paused_at.is_not(None)))
    return {row[0]: row[1] for row in rows}


def paused_journeys(connection: Connection) -> dict[str, datetime]:
    """The journeys that are paused, and since when; business time."""
    rows = connection.execute(select(journey.c.name, journey.c.paused_at).where(journey.c.paused_at.is_not(None)))
    return {row[0]: row[1] for row in rows}


def stopped_journeys(connection: Connection) -> dict[str, str]:
    """The journeys that were paused because of how their messages fare, and why."""
    stopped = journey.c.paused_at.is_not(None) & (journey.c.paused_why != "")
    rows = connection.execute(select(journey.c.name, journey.c.paused_why).where(stopped).order_by(journey.c.name))
    return {row[0]: row[1] for row in rows}


def half_erased(connection: Connection) -> list[str]:
    """Customers, by the author's id, whose erasure has begun and did not come to its end."""
    closed = select(customer.c.external_id).where(customer.c.erased_at.is_not(None)).order_by(customer.c.id)
    return list(connection.execute(closed).scalars())


def to_read(connection: Connection) -> Waiting:
    """Words of customers that may mean an opt-out, and that nobody has read yet; real time."""
    return _waiting(connection, review.c.said_at, review.c.read_at.is_(None))


def _waiting(connection: Connection, since: Column[Any], *which: ColumnElement[bool] | TextClause) -> Waiting:
    number, oldest = connection.execute(select(func.count(), func.min(since)).where(*which)).one()
    return Waiting(number, oldest)
