"""Words of customers that may mean an opt-out: what stops at once, and somebody reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from engine.words import Channel, Ruling
from records.inserting import insert_new
from records.tables import customer, review


@dataclass(frozen=True, slots=True)
class Review:
    """What is to be read; `words` are personal data, `said_at` is real time."""

    id: int
    customer: str
    channel: Channel
    words: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """What was said, by which message of the provider."""

    channel: Channel
    provider: str
    event_id: str
    words: str
    said_at: datetime


def queue(connection: Connection, customer_row: int, said: Words) -> None:
    """Have something read; once for each message of a provider."""
    words = {"channel": said.channel, "words": said.words, "said_at": said.said_at}
    source = {"provider": said.provider, "event_id": said.event_id}
    connection.execute(insert_new(connection, review), {"customer_id": customer_row, **words, **source})


def to_read(connection: Connection, customer_row: int | None = None) -> Sequence[Review]:
    """What nobody has read yet, oldest first: of everybody, or of one."""
    asked = select(review.c.id, customer.c.external_id, review.c.channel, review.c.words, review.c.said_at)
    asked = asked.join(customer, customer.c.id == review.c.customer_id).where(
        review.c.read_at.is_(None), customer.c.erased_at.is_(None)
    )
    asked = asked if customer_row is None else asked.where(review.c.customer_id == customer_row)
    return [Review(*row) for row in connection.execute(asked.order_by(review.c.said_at, review.c.id))]


def rule(connection: Connection, id_: int, ruling: Ruling, who: str, why: str, now: datetime) -> bool:
    """Somebody has read it, and says what it meant; False where it is none, or was read before."""
    mine = (review.c.id == id_) & review.c.read_at.is_(None)
    ruled = {"read_at": now, "read_by": who, "ruling": ruling, "why": why}
    return connection.execute(update(review).where(mine).values(**ruled)).rowcount == 1
