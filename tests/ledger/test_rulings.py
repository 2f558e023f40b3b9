"""What somebody decides in a customer's place is logged with its reason; what she alone may lift is refused."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from channels.inbound.heard import Wish
from channels.protocol import DeliveryEvent
from engine.facts import Event
from engine.words import Channel, EventKind, Ruling
from records import tables
from records.database import Database
from records.events import ingest
from records.ledger import addresses, reviews
from records.messages import Message
from records.privacy.erased import keep_addresses
from tests.ledger.hearings import HASHING, NOW, hearing, planned, rows, said, sent, told
from tests.records.living import loaded_at, row_of, settle_at
from workers.clocks import VirtualTime
from workers.ledger.hearing import listen
from workers.ledger.rulings import Bar, Ruled, Rulings

COMPLAINED, UNSUBSCRIBED, BOUNCED = DeliveryEvent.COMPLAINED, DeliveryEvent.UNSUBSCRIBED, DeliveryEvent.BOUNCED
SOON = NOW + timedelta(minutes=5)
LATER = NOW + timedelta(minutes=6)
SMS_SHUT = ("sms", "", False)
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def ada(database: Database) -> Message:
    """A message that a provider has taken."""
    return sent(database, planned(database, "ada")[0], to="ada@example.com")


def rulings(database: Database) -> Rulings:
    """Who decides, five minutes later."""
    clock = VirtualTime(SOON)
    return Rulings(database, clock, clock, HASHING)


def lift(database: Database, channel: Channel) -> Ruled:
    """Somebody lifts what stands on a channel."""
    return rulings(database).lift("ada", row_of(database, "ada"), channel, "a reason", "eve")


def decide(database: Database, ruling: Ruling) -> Ruled:
    """Somebody reads the oldest words of all."""
    ruled = rulings(database).decide(database.read(reviews.to_read)[0].id, ruling, "a reason", "eve")
    assert ruled is not None
    return ruled


def suppressed(database: Database) -> set[tuple[str, str, bool]]:
    """What is suppressed for Ada once all is settled."""
    settle_at(database, "ada", SOON)
    return set(loaded_at(database, "ada", SOON).customer.suppressions)


def consents(database: Database) -> dict[tuple[str, str], bool]:
    """What Ada allows once all is settled."""
    settle_at(database, "ada", SOON)
    return dict(loaded_at(database, "ada", SOON).customer.consents)


def bars(ruled: Ruled) -> list[Bar | None]:
    """What stands in the way."""
    return [bar for _, bar in ruled.stands]


def says_yes(database: Database, wording: str) -> None:
    """She allows something by e-mail, after all that was."""
    yes = {"channel": "email", "topic": "offers", "state": True, "wording": wording, "source": "by telephone"}
    event = Event("yes", EventKind.CONSENT, "", SOON, SOON, yes)
    database.write(lambda connection: ingest(connection, [("ada", event)]))


def log(database: Database) -> list[tuple[bool, str, str]]:
    """The log of what concerns all topics: state, source and words."""
    return [
        (row["state"], row["source"], row["wording"])
        for row in rows(database, tables.consent_event)
        if row["topic"] == ""
    ]


def test_words_that_were_no_opt_out_are_lifted_and_the_log_says_who_and_why(database: Database, ada: Message) -> None:
    hearing(database).said(said(Wish.PERHAPS_STOP, body="please stop"))
    assert len(decide(database, Ruling.NOT_AN_OPT_OUT).lifted) == 1
    assert suppressed(database) == set()
    assert log(database) == [(False, "provider", ""), (True, "review 1 by eve", "a reason")]
    [row] = rows(database, tables.review)
    assert (row["ruling"], row["read_by"], row["why"]) == (Ruling.NOT_AN_OPT_OUT, "eve", "a reason")


def test_words_that_were_an_opt_out_stop_marketing_though_nothing_else_did(database: Database, ada: Message) -> None:
    hearing(database).said(said(Wish.PERHAPS_STOP, body="please stop"))
    assert suppressed(database) == {SMS_SHUT}
    hearing(database).said(said(Wish.START, "2"))
    assert suppressed(database) == set()
    decide(database, Ruling.OPT_OUT)
    assert suppressed(database) == {SMS_SHUT}
    assert log(database)[-1] == (False, "review 1 by eve", "a reason")
    assert bars(lift(database, Channel.SMS)) == [Bar.NO_FRESH_YES]


def test_nothing_is_lifted_while_other_words_of_hers_are_unread(database: Database, ada: Message) -> None:
    for id_ in "12":
        hearing(database).said(said(Wish.PERHAPS_STOP, id_, body="please stop"))
    assert Bar.UNREAD in bars(decide(database, Ruling.NOT_AN_OPT_OUT))
    assert suppressed(database) == {SMS_SHUT}
    assert decide(database, Ruling.NOT_AN_OPT_OUT).stands == []
    assert suppressed(database) == set()


def test_a_stop_of_her_own_is_lifted_by_nobody_else(database: Database, ada: Message) -> None:
    hearing(database).said(said(Wish.PERHAPS_STOP, body="please stop"))
    hearing(database).said(said(Wish.STOP, "2"))
    assert Bar.HER_OWN in bars(decide(database, Ruling.NOT_AN_OPT_OUT))
    assert Bar.HER_OWN in bars(lift(database, Channel.SMS))
    assert suppressed(database) == {SMS_SHUT}
    hearing(database).said(said(Wish.START, "3"))
    assert suppressed(database) == set()


@pytest.mark.parametrize("kind", [COMPLAINED, UNSUBSCRIBED])
def test_a_complaint_is_lifted_only_after_a_yes_whose_words_are_on_record(
    database: Database, ada: Message, kind: DeliveryEvent
) -> None:
    hearing(database).told([told(kind, ada.correlation)])
    assert bars(lift(database, Channel.EMAIL)) == [Bar.NO_FRESH_YES]
    assert suppressed(database) != set()
    says_yes(database, "")
    assert bars(lift(database, Channel.EMAIL)) == [Bar.NO_FRESH_YES]


def test_after_a_fresh_yes_a_complaint_is_lifted_at_her_address_too(database: Database, ada: Message) -> None:
    hearing(database).told([told(COMPLAINED, ada.correlation)])
    says_yes(database, "Yes, send me offers again")
    assert len(lift(database, Channel.EMAIL).lifted) == 1
    assert suppressed(database) == set()
    assert rows(database, tables.suppressed_address) == []
    assert log(database)[-1] == (True, "lifted by eve", "a reason")


def test_a_lift_brings_back_no_topic_that_she_had_allowed_before_she_ended_it_all(
    database: Database, ada: Message
) -> None:
    assert consents(database)["email", "product_tips"] is True
    hearing(database).told([told(COMPLAINED, ada.correlation)])
    says_yes(database, "Offers only, please")
    assert lift(database, Channel.EMAIL).lifted
    after = consents(database)
    assert (after["email", "offers"], after["email", "product_tips"]) == (True, False)
    assert after["sms", "product_tips"] is True
    assert ("email", "", False) not in suppressed(database)


def test_a_yes_that_she_has_taken_back_lifts_no_complaint(database: Database, ada: Message) -> None:
    hearing(database).told([told(COMPLAINED, ada.correlation)])
    says_yes(database, "Offers only, please")
    no = {"channel": "email", "topic": "offers", "state": False, "wording": "No", "source": "by telephone"}
    later = Event("no", EventKind.CONSENT, "", LATER, LATER, no)
    database.write(lambda connection: ingest(connection, [("ada", later)]))
    assert bars(lift(database, Channel.EMAIL)) == [Bar.NO_FRESH_YES]


def test_what_another_has_said_against_the_address_is_not_lifted_along_with_her_own(
    database: Database, ada: Message
) -> None:
    hearing(database).told([told(BOUNCED, ada.correlation, is_dead=True)])
    hashed = HASHING.of(Channel.EMAIL, "ada@example.com")
    database.write(lambda connection: keep_addresses(connection, [(Channel.EMAIL, hashed)], SOON))
    ruled = lift(database, Channel.EMAIL)
    assert (ruled.lifted, bars(ruled)) == ((), [None, Bar.NO_FRESH_YES])
    kept = database.read(lambda connection: addresses.scopes(connection, hashed, Channel.EMAIL))
    assert [reason for reason, _ in kept.values()] == ["erased"]


def test_words_of_who_has_a_number_today_lift_no_stop_of_who_had_it(database: Database, ada: Message) -> None:
    planned(database, "bob")
    hashed = HASHING.of(Channel.SMS, said(Wish.STOP).from_number)
    stopped = addresses.Scope(Channel.SMS)
    database.write(lambda connection: addresses.suppress(connection, hashed, stopped, Wish.STOP.value, NOW))
    hearing(database).said(said(Wish.PERHAPS_STOP))
    assert decide(database, Ruling.NOT_AN_OPT_OUT).lifted == ()
    kept = database.read(lambda connection: addresses.scopes(connection, hashed, Channel.SMS))
    assert [reason for reason, _ in kept.values()] == [Wish.STOP.value]


def test_a_dead_address_that_was_mended_is_raised(database: Database, ada: Message) -> None:
    hearing(database).told([told(BOUNCED, ada.correlation, is_dead=True)])
    assert suppressed(database) == {("email", "", True)}
    assert len(lift(database, Channel.EMAIL).lifted) == 1
    assert suppressed(database) == set()
    assert (rows(database, tables.suppressed_address), rows(database, tables.suppression)) == ([], [])


def test_a_complaint_is_not_lifted_along_with_a_dead_address(database: Database, ada: Message) -> None:
    hearing(database).told([told(BOUNCED, ada.correlation, is_dead=True), told(COMPLAINED, ada.correlation)])
    assert set(bars(lift(database, Channel.EMAIL))) == {None, Bar.NO_FRESH_YES}
    assert suppressed(database) == {("email", "", True), ("email", "", False)}


def test_what_is_said_against_an_address_alone_stands_too(database: Database, ada: Message) -> None:
    hashed, scope = HASHING.of(Channel.EMAIL, "ada@example.com"), addresses.Scope(Channel.EMAIL)
    database.write(lambda connection: addresses.suppress(connection, hashed, scope, "complained", NOW))
    assert bars(lift(database, Channel.EMAIL)) == [Bar.NO_FRESH_YES]
    says_yes(database, "Yes")
    assert len(lift(database, Channel.EMAIL).lifted) == 1
    assert rows(database, tables.suppressed_address) == []


def test_what_is_read_already_is_not_decided_again(database: Database, ada: Message) -> None:
    assert rulings(database).decide(7, Ruling.OPT_OUT, "a reason", "eve") is None


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_stop_that_comes_while_something_else_is_lifted_stands(
    database: Database, ada: Message, by_hand: bool
) -> None:
    if not database.url.startswith("postgresql"):
        pytest.skip("one writer")
    hearing(database).said(said(Wish.PERHAPS_STOP, body="please stop"))
    if by_hand:
        read = (1, Ruling.NOT_AN_OPT_OUT, "eve", "a reason", NOW)
        assert database.write(lambda connection: reviews.rule(connection, *read))

    def ruling() -> Ruled:
        return lift(database, Channel.SMS) if by_hand else decide(database, Ruling.NOT_AN_OPT_OUT)

    def stop(connection: Connection, pool: Executor) -> Future[Ruled]:
        listen(connection, HASHING, said(Wish.STOP, "2"), NOW, NOW)
        ruled = pool.submit(ruling)
        while not ruled.done() and not connection.execute(WAITING).scalar():
            pass
        return ruled

    with ThreadPoolExecutor(1) as pool:
        ruled = database.write(lambda connection: stop(connection, pool)).result()
    assert Bar.HER_OWN in bars(ruled)
    assert suppressed(database) == {SMS_SHUT}
