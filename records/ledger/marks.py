"""The mark `possible_duplicate`: an earlier attempt was perhaps taken, and sending the message again was declared."""

from sqlalchemy import Connection, bindparam, exists, select, update

from engine.words import MessageState
from records.tables import message, message_attempt

_TAKEN = message_attempt.c.state.in_((MessageState.SENDING, MessageState.UNKNOWN, MessageState.ACCEPTED))
_ITS_OWN = message_attempt.c.message_id == message.c.id
NONE_TAKEN = ~exists().where(_ITS_OWN, _TAKEN)
"""Of each attempt to send a message it is known that it was not taken."""

_EARLIER = (message_attempt.c.attempt < message.c.attempt) | (message.c.state == MessageState.NOT_SENT)
_DUE = select(exists().where(message_attempt.c.message_id == bindparam("row"), _TAKEN))
_MARK = select(message.c.possible_duplicate).where(message.c.id == bindparam("row"))
_UNMARK = (
    update(message)
    .where(message.c.id == bindparam("row"), message.c.possible_duplicate, ~exists().where(_ITS_OWN, _TAKEN, _EARLIER))
    .values(possible_duplicate=False)
)


def is_due(connection: Connection, row: int) -> bool:
    """Whether one that is to be sent again is to be marked: no proof has come that nothing of it was taken."""
    return bool(connection.execute(_DUE, {"row": row}).scalar_one())


def is_marked(connection: Connection, row: int) -> bool:
    """Whether it is marked by now; one that was erased is not."""
    return bool(connection.execute(_MARK, {"row": row}).scalar())


def unmark(connection: Connection, row: int) -> None:
    """Take the mark away where each earlier attempt is known not to have been taken.

    The newest is an earlier one once the message is to be sent again.
    """
    connection.execute(_UNMARK, {"row": row})
