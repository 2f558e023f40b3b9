"""What an enrollment still has to send, as its run is told of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from engine.words import Channel, Purpose
from records.messages import OPEN
from records.tables import message

_OPEN_OF = (
    select(message.c.public_id, message.c.channel, message.c.step, message.c.purpose)
    .where(message.c.enrollment_id == bindparam("enrollment"), message.c.state.in_(OPEN))
    .order_by(message.c.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is still to be sent."""

    id: str
    channel: Channel
    step: str
    purpose: Purpose


def open_of(connection: Connection, enrollment_row: int, limit: int) -> list[Waiting]:
    """What an enrollment still has to send, oldest first."""
    found = connection.execute(_OPEN_OF, {"enrollment": enrollment_row, "limit": limit})
    return [Waiting(*row) for row in found]


def hold_back(connection: Connection, message_row: int, until: datetime) -> None:
    """It may not go before this real moment; who then finds it still planned asks anew."""
    mine = (message.c.id == message_row) & message.c.state.in_(OPEN)
    connection.execute(update(message).where(mine).values(not_before=until))
