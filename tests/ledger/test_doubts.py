"""What a look at a doubt leads to, and what somebody may say about one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.protocol import Absent, DeliveryEvent, LookUp, LookUps, Unavailable
from channels.protocol import Found as There
from engine.words import MessageState, Purpose
from records import messages, tables
from records.database import Database
from records.messages import Found, Message
from tests.ledger.hearings import LOST, NOW, hearing, known, planned, rows, sent, told
from workers.ledger.doubts import look_at, rule
from workers.pace import Pace

PACE = Pace()
DAY = timedelta(days=1)
NOT_SENT, UNCERTAIN, ACCEPTED = MessageState.NOT_SENT, MessageState.UNCERTAIN, MessageState.ACCEPTED
MARKETING, TRANSACTIONAL = Purpose.MARKETING, Purpose.TRANSACTIONAL
UNSURE = [look_ups for look_ups in LookUps if look_ups is not LookUps.AUTHORITATIVE]


@pytest.fixture
def doubted(database: Database) -> Message:
    """A message in doubt."""
    return sent(database, planned(database, "ada")[0], LOST)


def ruled(database: Database, one: Message, state: MessageState) -> bool:
    """Whether somebody's word holds."""
    found = Found(state, "resolved", noted={"by": "eve", "why": "looked"})
    return database.write(lambda connection: messages.rule(connection, one, found, NOW))


@pytest.mark.parametrize("look_ups", UNSURE)
@pytest.mark.parametrize("looked", [None, Absent(), Unavailable()])
@pytest.mark.parametrize(
    ("purpose", "doubts", "after", "state"),
    [
        (MARKETING, 1, timedelta(hours=23), None),
        (MARKETING, 1, DAY, UNCERTAIN),
        (TRANSACTIONAL, 2, timedelta(0), NOT_SENT),
        (TRANSACTIONAL, 3, timedelta(0), UNCERTAIN),
    ],
)
def test_where_absence_is_no_proof_marketing_is_given_up_after_a_day_and_the_rest_is_sent_again_a_few_times(
    doubted: Message, look_ups: LookUps, looked: LookUp | None, purpose: Purpose, doubts: int, after: timedelta,
    state: MessageState | None,
) -> None:  # fmt: skip
    one = replace(doubted, purpose=purpose, attempt=7, doubts=doubts)
    ruling = rule(one, looked, look_ups, "provider", one.changed_at + after, PACE)
    assert (ruling and ruling.found.state) == state
    assert ruling is None or not ruling.proof


@pytest.mark.parametrize("look_ups", LookUps)
@pytest.mark.parametrize("purpose", Purpose)
def test_presence_is_proof_everywhere(doubted: Message, look_ups: LookUps, purpose: Purpose) -> None:
    ruling = rule(replace(doubted, purpose=purpose), There("7"), look_ups, "provider", NOW, PACE)
    assert ruling is not None
    assert (ruling.found.state, ruling.found.provider_id, ruling.proof) == (ACCEPTED, "7", True)


@pytest.mark.parametrize(("looked", "state"), [(Absent(), NOT_SENT), (Unavailable(), None)])
def test_where_look_ups_are_authoritative_nothing_is_declared_without_one(
    doubted: Message, looked: LookUp, state: MessageState | None
) -> None:
    ruling = rule(doubted, looked, LookUps.AUTHORITATIVE, "provider", NOW + 30 * DAY, PACE)
    assert (ruling and (ruling.found.state, ruling.proof)) == (state and (state, True))


def test_a_doubt_is_looked_at_more_and_more_rarely_and_just_when_it_is_to_be_given_up(doubted: Message) -> None:
    looks, now = [], doubted.changed_at
    while now < doubted.changed_at + DAY:
        now = look_at(doubted, now, PACE)
        looks.append(now)
    assert looks[0] == doubted.changed_at + PACE.doubt
    assert looks[-1] == doubted.changed_at + DAY
    assert len(looks) < 25


@pytest.mark.parametrize("given_up", [False, True])
def test_what_somebody_says_is_written_down_and_what_was_not_sent_goes_again_marked(
    database: Database, doubted: Message, given_up: bool
) -> None:
    if given_up:
        lost = Found(UNCERTAIN, "lost")
        database.write(lambda connection: messages.resolve(connection, doubted, lost, NOW, proof=False))
    assert ruled(database, known(database, doubted.id), NOT_SENT)
    again = known(database, doubted.id)
    assert (again.state, again.possible_duplicate) == (NOT_SENT, True)
    [attempt] = rows(database, tables.message_attempt)
    assert (attempt["state"], attempt["evidence"]["by"], attempt["evidence"]["why"]) == (NOT_SENT, "eve", "looked")
    assert sent(database, again).attempt == 2


def test_what_somebody_says_is_compared_and_set(database: Database, doubted: Message) -> None:
    hearing(database).told([told(DeliveryEvent.DELIVERED, doubted.correlation)])
    assert not ruled(database, doubted, NOT_SENT)
    assert known(database, doubted.id).state is ACCEPTED
    assert not ruled(database, known(database, doubted.id), NOT_SENT)


def test_what_was_called_not_sent_is_accepted_when_a_provider_proves_it(database: Database, doubted: Message) -> None:
    ruled(database, doubted, NOT_SENT)
    hearing(database).told([told(DeliveryEvent.DELIVERED, doubted.correlation)])
    assert known(database, doubted.id).state is ACCEPTED


def test_what_somebody_calls_accepted_is_so(database: Database, doubted: Message) -> None:
    assert ruled(database, doubted, ACCEPTED)
    assert rows(database, tables.message)[0]["accepted_at"] == NOW
    assert [row["state"] for row in rows(database, tables.message_attempt)] == [ACCEPTED]
