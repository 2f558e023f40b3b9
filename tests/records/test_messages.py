"""The ledger: claimed once, accepted always wins, and no doubt is settled without proof or a declaration."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from engine.words import MessageState
from records import health, messages
from records.database import Database
from records.events import ingest
from records.imports import import_customers
from records.ledger import channels
from records.messages import Found, Message
from records.tables import message, message_attempt
from tests.records.living import MONDAY, a_customer, an_event, publish_example, settle_at

LEASE = timedelta(seconds=60)
LATER = MONDAY + timedelta(hours=2)
ACCEPTED = Found(MessageState.ACCEPTED, provider="mailbox", provider_id="7")
REJECTED = Found(MessageState.REJECTED, "address 550")
NOT_SENT = Found(MessageState.NOT_SENT, "throttled", again_at=LATER)
IN_DOUBT = Found(MessageState.UNKNOWN, "lost", "body", again_at=LATER)


@pytest.fixture
def planned(database: Database) -> Message:
    """The first message of a customer who has entered a journey."""
    publish_example(database)
    list(import_customers(database, [a_customer("ada")], MONDAY, replay=True))
    came = [
        ("ada", an_event("signed_up", id_="1")),
        ("ada", an_event("trial_started", timedelta(hours=1), plan="trial")),
    ]
    database.write(lambda connection: ingest(connection, came))
    settle_at(database, "ada", LATER)
    return now(database)


def now(database: Database) -> Message:
    """The message as it stands."""
    first = database.read(lambda connection: connection.execute(select(message.c.public_id)).scalars().first())
    found = database.read(lambda connection: messages.find(connection, str(first)))
    assert found is not None
    return found


def claimed(database: Database, one: Message) -> Message | None:
    """The message after a claim; None when somebody else has it."""
    return database.write(lambda connection: messages.claim(connection, one, LATER, LATER + LEASE))


def sent(database: Database, one: Message) -> Message:
    """The message after a claim that must work."""
    taken = claimed(database, one)
    assert taken is not None
    return taken


def recorded(database: Database, one: Message, found: Found) -> MessageState:
    """The state after a record."""
    return database.write(lambda connection: messages.record(connection, one, found, LATER))


def lapsed(database: Database, one: Message, late: timedelta) -> bool:
    """Whether a lease was found to be over."""
    at = LATER + late
    return database.write(lambda connection: messages.lapse(connection, one, at, at))


def resolved(database: Database, one: Message, found: Found, *, proof: bool) -> bool:
    """Whether a doubt was settled."""
    return database.write(lambda connection: messages.resolve(connection, one, found, LATER, proof=proof))


def attempts(database: Database) -> list[MessageState]:
    """How each attempt stands, the first one first."""
    asked = select(message_attempt.c.state).order_by(message_attempt.c.attempt)
    return list(database.read(lambda connection: connection.execute(asked).scalars()))


def test_a_message_is_claimed_by_one_alone(database: Database, planned: Message) -> None:
    assert claimed(database, planned) is not None
    assert claimed(database, planned) is None
    assert claimed(database, now(database)) is None


@pytest.mark.parametrize("found", [ACCEPTED, REJECTED, NOT_SENT, IN_DOUBT])
def test_what_became_of_an_attempt_is_the_state_of_its_message(
    database: Database, planned: Message, found: Found
) -> None:
    assert recorded(database, sent(database, planned), found) is found.state
    assert now(database).state is found.state


def test_a_message_that_was_not_taken_is_claimed_again(database: Database, planned: Message) -> None:
    recorded(database, sent(database, planned), NOT_SENT)
    assert sent(database, now(database)).attempt == 2


def test_a_lease_that_lasts_does_not_lapse(database: Database, planned: Message) -> None:
    taken = sent(database, planned)
    assert not lapsed(database, taken, LEASE / 2)
    assert lapsed(database, taken, LEASE)
    assert now(database).state is MessageState.UNKNOWN


def test_who_wakes_up_after_the_lease_upgrades_to_accepted(database: Database, planned: Message) -> None:
    taken = sent(database, planned)
    lapsed(database, taken, LEASE)
    assert recorded(database, taken, ACCEPTED) is MessageState.ACCEPTED


@pytest.mark.parametrize("found", [REJECTED, NOT_SENT])
def test_who_wakes_up_after_the_lease_is_believed_and_accepted_wins(
    database: Database, planned: Message, found: Found
) -> None:
    taken = sent(database, planned)
    lapsed(database, taken, LEASE)
    assert recorded(database, taken, found) is found.state
    assert now(database).lease_until is None
    assert recorded(database, taken, ACCEPTED) is MessageState.ACCEPTED
    assert recorded(database, taken, found) is MessageState.ACCEPTED


@pytest.mark.parametrize("found", [REJECTED, NOT_SENT, IN_DOUBT])
def test_who_wakes_up_during_a_later_attempt_says_nothing_about_that_one(
    database: Database, planned: Message, found: Found
) -> None:
    first = sent(database, planned)
    lapsed(database, first, LEASE)
    resolved(database, now(database), Found(MessageState.NOT_SENT, "sent_again"), proof=False)
    second = sent(database, now(database))
    assert recorded(database, first, found) is MessageState.SENDING
    assert recorded(database, second, ACCEPTED) is MessageState.ACCEPTED


def test_the_evidence_of_an_attempt_changes_by_proof_alone_and_accepted_stays(
    database: Database, planned: Message
) -> None:
    first = sent(database, planned)
    recorded(database, first, IN_DOUBT)
    resolved(database, now(database), Found(MessageState.NOT_SENT, "sent_again"), proof=False)
    assert attempts(database) == [MessageState.UNKNOWN]
    recorded(database, first, ACCEPTED)
    recorded(database, first, REJECTED)
    assert attempts(database) == [MessageState.ACCEPTED]


@pytest.mark.parametrize("found", [REJECTED, Found(MessageState.WITHHELD, "missing_variable")])
def test_a_refusal_proves_nothing_about_an_earlier_attempt_in_doubt(
    database: Database, planned: Message, found: Found
) -> None:
    recorded(database, sent(database, planned), IN_DOUBT)
    assert resolved(database, now(database), Found(MessageState.NOT_SENT, "sent_again"), proof=False)
    assert recorded(database, sent(database, now(database)), found) is MessageState.UNCERTAIN


def test_what_is_closed_while_in_doubt_stays_uncertain(database: Database, planned: Message) -> None:
    recorded(database, sent(database, planned), IN_DOUBT)
    resolved(database, now(database), Found(MessageState.NOT_SENT, "sent_again"), proof=False)
    again = now(database)
    database.write(lambda connection: messages.close(connection, again, MessageState.EXPIRED, "expired", LATER))
    assert now(database).state is MessageState.UNCERTAIN


def sent_again(database: Database) -> None:
    """A doubt becomes a declared resend."""
    assert resolved(database, now(database), Found(MessageState.NOT_SENT, "sent_again"), proof=False)


def closed(database: Database) -> MessageState:
    """The state of what is withheld when it is about to go."""
    again = now(database)
    withheld = MessageState.WITHHELD
    said = database.write(lambda connection: messages.close(connection, again, withheld, "suppressed", LATER))
    assert said is now(database).state
    return said


@pytest.mark.parametrize("found", [REJECTED, NOT_SENT])
def test_who_tells_too_late_that_nothing_went_takes_his_doubt_away(
    database: Database, planned: Message, found: Found
) -> None:
    first = sent(database, planned)
    lapsed(database, first, LEASE)
    sent_again(database)
    assert now(database).possible_duplicate
    recorded(database, first, found)
    assert not now(database).possible_duplicate
    assert closed(database) is MessageState.WITHHELD


def test_who_tells_too_late_leaves_the_doubt_of_another_attempt(database: Database, planned: Message) -> None:
    first = sent(database, planned)
    lapsed(database, first, LEASE)
    sent_again(database)
    second = sent(database, now(database))
    lapsed(database, second, LEASE)
    assert recorded(database, second, REJECTED) is MessageState.UNKNOWN
    assert now(database).possible_duplicate
    assert recorded(database, first, REJECTED) is MessageState.REJECTED
    assert not now(database).possible_duplicate


def test_a_doubt_that_goes_while_the_next_attempt_is_out_is_none_at_its_end(
    database: Database, planned: Message
) -> None:
    first = sent(database, planned)
    lapsed(database, first, LEASE)
    sent_again(database)
    second = sent(database, now(database))
    recorded(database, first, REJECTED)
    assert recorded(database, second, REJECTED) is MessageState.REJECTED


@pytest.mark.parametrize("found", [REJECTED, IN_DOUBT])
def test_what_was_taken_twice_stays_marked_whatever_is_told_too_late(
    database: Database, planned: Message, found: Found
) -> None:
    first = sent(database, planned)
    lapsed(database, first, LEASE)
    sent_again(database)
    second = sent(database, now(database))
    database.write(lambda connection: messages.prove(connection, second, 1, ACCEPTED, LATER))
    recorded(database, second, ACCEPTED)
    recorded(database, first, found)
    assert now(database).possible_duplicate


def test_a_doubt_of_another_attempt_stays(database: Database, planned: Message) -> None:
    recorded(database, sent(database, planned), IN_DOUBT)
    sent_again(database)
    second = sent(database, now(database))
    lapsed(database, second, LEASE)
    sent_again(database)
    recorded(database, second, REJECTED)
    assert now(database).possible_duplicate
    assert closed(database) is MessageState.UNCERTAIN


def test_proof_of_absence_brings_a_message_back_without_a_mark(database: Database, planned: Message) -> None:
    recorded(database, sent(database, planned), IN_DOUBT)
    assert resolved(database, now(database), Found(MessageState.NOT_SENT, "looked_up"), proof=True)
    assert not now(database).possible_duplicate
    assert recorded(database, sent(database, now(database)), REJECTED) is MessageState.REJECTED


def test_two_sweeps_settle_a_doubt_once(database: Database, planned: Message) -> None:
    recorded(database, sent(database, planned), IN_DOUBT)
    doubted = now(database)
    outcomes: list[Callable[[], bool]] = [
        lambda: resolved(database, doubted, Found(MessageState.NOT_SENT, "sent_again"), proof=False),
        lambda: resolved(database, doubted, Found(MessageState.UNCERTAIN, "lost"), proof=False),
    ]
    assert [outcome() for outcome in outcomes] == [True, False]


def test_what_was_withheld_is_never_claimed(database: Database, planned: Message) -> None:
    database.write(lambda connection: messages.close(connection, planned, MessageState.WITHHELD, "left", LATER))
    assert claimed(database, planned) is None
    assert claimed(database, now(database)) is None


def test_only_what_is_due_is_looked_at(database: Database, planned: Message) -> None:
    sent(database, planned)
    due = [LATER, LATER + LEASE]
    assert [len(database.read(lambda c, at=at: messages.in_doubt(c, at, 10))) for at in due] == [0, 1]  # type: ignore[misc]


def test_a_paused_channel_may_try_again_when_it_is_resumed_however_often_it_was_paused(
    database: Database, planned: Message
) -> None:
    for reason in ("denied 401", "denied 403"):
        database.write(partial(channels.deny, name=planned.channel, reason=reason, now=LATER))
    assert now(database).channel_paused
    assert database.read(health.paused_channels) == {planned.channel: "denied 403"}
    database.write(channels.resume_denied)
    assert not now(database).channel_paused


def test_a_channel_that_somebody_has_paused_stays_so_though_its_provider_refuses_us_too(
    database: Database, planned: Message
) -> None:
    database.write(partial(channels.pause, name=planned.channel, reason="wrong prices", now=LATER))
    database.write(partial(channels.deny, name=planned.channel, reason="denied 401", now=LATER))
    database.write(channels.resume_denied)
    assert now(database).channel_paused
