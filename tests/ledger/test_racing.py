"""Two who write of one message at the same moment: the later one knows what the first has said."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from channels.inbound.heard import Wish
from engine.words import Channel, MessageState
from records import messages
from records.database import Database
from records.ledger import addresses
from records.messages import Found, Message
from tests.ledger.hearings import HASHING, NOW, known, said
from tests.ledger.test_rulings import WAITING
from tests.records.living import loaded_at, settle_at
from workers.clocks import VirtualTime
from workers.ledger.choices import Choice, Choices
from workers.ledger.hearing import listen

NUMBER = "+491511234567"
LATER = NOW + timedelta(minutes=1)
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


def test_a_choice_that_waits_for_a_stop_is_her_last_word_everywhere(database: Database, ada: Message) -> None:
    if not database.url.startswith("postgresql"):
        pytest.skip("one writer")
    clock = VirtualTime(NOW)
    yes = Choice(Channel.SMS, "product_tips", True, "Tips")
    page = Choices(database, clock, HASHING)

    def stop(connection: Connection, pool: Executor) -> Future[object]:
        listen(connection, HASHING, said(Wish.STOP), LATER, LATER)
        choosing: Future[object] = pool.submit(page.choose, ada.id, [yes], "preference_page")
        while not choosing.done() and not database.read(lambda other: other.execute(WAITING).scalar()):
            pass
        clock.instant = LATER + timedelta(seconds=1)
        return choosing

    with ThreadPoolExecutor(1) as pool:
        database.write(lambda connection: stop(connection, pool)).result()
    settle_at(database, "ada", LATER + timedelta(minutes=1))
    hers = loaded_at(database, "ada", LATER + timedelta(minutes=1)).customer.suppressions
    kept = database.read(lambda connection: addresses.scopes(connection, HASHING.of(Channel.SMS, NUMBER), Channel.SMS))
    assert bool(kept) is (("sms", "", False) in hers)
