"""Two who write of one message at the same moment: the later one knows what the first has said."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from engine.words import MessageState
from records import messages
from records.database import Database
from records.messages import Found, Message
from tests.ledger.hearings import NOW, known
from tests.ledger.test_rulings import WAITING

LEASE = timedelta(minutes=1)
REFUSED = Found(MessageState.REJECTED, "policy")


def claimed(database: Database, one: Message) -> Message:
    """The message after a claim."""
    as_it_stands = known(database, one.id)
    taken = database.write(lambda connection: messages.claim(connection, as_it_stands, NOW, NOW + LEASE))
    assert taken is not None
    return taken


def sent_again(database: Database, one: Message) -> None:
    """Its lease ends, and sending it once more is declared."""
    over, again = NOW + LEASE, Found(MessageState.NOT_SENT, "sent_again")
    database.write(lambda connection: messages.lapse(connection, one, over, over))
    doubted = known(database, one.id)
    database.write(lambda connection: messages.resolve(connection, doubted, again, over, proof=False))


def test_a_doubt_that_goes_just_as_the_next_attempt_ends_is_none_then(database: Database, ada: Message) -> None:
    if not database.url.startswith("postgresql"):
        pytest.skip("one writer")
    first = claimed(database, ada)
    sent_again(database, first)
    second = claimed(database, ada)

    def late(connection: Connection, pool: Executor) -> Future[MessageState]:
        messages.record(connection, first, REFUSED, NOW)
        ending = pool.submit(database.write, lambda other: messages.record(other, second, REFUSED, NOW))
        while not ending.done() and not database.read(lambda other: other.execute(WAITING).scalar()):
            pass
        return ending

    with ThreadPoolExecutor(1) as pool:
        ended = database.write(lambda connection: late(connection, pool)).result()
    assert ended is MessageState.REJECTED
    assert not known(database, ada.id).possible_duplicate
