"""What providers tell is kept once, proves what it proves, ends what it must end, and becomes an event."""

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.inbound.heard import Wish
from channels.protocol import DeliveryEvent
from engine.conditions import Value
from engine.facts import Event
from engine.words import Channel, EventKind, ExitReason, MessageState, Purpose, Ruling
from records import messages, tables
from records.database import Database
from records.events import ingest
from records.ledger import addresses, reviews
from records.messages import Found, Message
from tests.ledger.hearings import HASHING, LOST, NOW, hearing, known, planned, rows, said, sent, told
from tests.records.living import loaded_at, settle_at

DELIVERED, BOUNCED, OPENED = DeliveryEvent.DELIVERED, DeliveryEvent.BOUNCED, DeliveryEvent.OPENED
CLICKED, COMPLAINED, UNSUBSCRIBED = DeliveryEvent.CLICKED, DeliveryEvent.COMPLAINED, DeliveryEvent.UNSUBSCRIBED
MARKETING_SMS = ("sms", "", False)


def names(database: Database) -> list[str]:
    """What befell her messages, as events, in order."""
    return [row["name"] for row in rows(database, tables.event) if row["name"].startswith(("email_", "sms_"))]


def suppressions(database: Database, name: str = "ada") -> set[tuple[str, str, bool]]:
    """What is suppressed once all is settled."""
    settle_at(database, name, NOW)
    return set(loaded_at(database, name, NOW).customer.suppressions)


def test_an_event_with_our_correlation_is_kept_once_and_told_to_the_customer_once(
    database: Database, ada: Message
) -> None:
    one = sent(database, ada)
    batch = [told(DELIVERED, one.correlation), told(DELIVERED, one.correlation), told(CLICKED, one.correlation)]
    assert hearing(database).told(batch) == 2
    before = [rows(database, table) for table in tables.metadata.sorted_tables]
    assert hearing(database).told(list(reversed(batch))) == 0
    assert [rows(database, table) for table in tables.metadata.sorted_tables] == before
    assert sorted(names(database)) == ["email_clicked", "email_delivered"]


def test_the_same_meaning_under_another_id_is_evidence_but_no_news(database: Database, ada: Message) -> None:
    one = sent(database, ada)
    batch = [told(DELIVERED, one.correlation, id_=id_) for id_ in ("a", "b")]
    assert hearing(database).told(batch) == 2
    assert hearing(database).told([told(DELIVERED, one.correlation, id_="c")]) == 1
    assert names(database) == ["email_delivered"]


def test_a_person_who_clicks_after_a_scanner_is_news(database: Database, ada: Message) -> None:
    one = sent(database, ada)
    hearing(database).told([told(CLICKED, one.correlation, id_="a", by_machine=True)])
    assert rows(database, tables.message)[0]["delivery"] == "delivered"
    hearing(database).told([told(CLICKED, one.correlation, id_="b")])
    assert names(database) == ["email_clicked_by_machine", "email_clicked"]
    assert rows(database, tables.message)[0]["delivery"] == "clicked"


def test_the_event_says_of_which_message_it_is(database: Database, ada: Message) -> None:
    one = sent(database, ada)
    hearing(database).told([told(CLICKED, one.correlation, at=NOW + timedelta(hours=1))])
    event = next(row for row in rows(database, tables.event) if row["name"] == "email_clicked")
    expected = {
        "enrollment": ada.enrollment,
        "step": ada.step,
        "message": ada.id,
        "was": "clicked",
        "by_machine": False,
    }
    assert event["properties"] == expected
    assert event["occurred_at"] == NOW


@pytest.mark.parametrize(
    "found", [LOST, Found(MessageState.REJECTED, "policy"), Found(MessageState.NOT_SENT, "deferred", again_at=NOW)]
)
def test_an_attempt_that_a_provider_names_was_accepted_whatever_the_ledger_held(
    database: Database, ada: Message, found: Found
) -> None:
    one = sent(database, ada, found)
    hearing(database).told([told(DELIVERED, one.correlation)])
    assert known(database, ada.id).state is MessageState.ACCEPTED
    [attempt] = rows(database, tables.message_attempt)
    assert attempt["state"] is MessageState.ACCEPTED
    assert attempt["evidence"]["event"] == f"delivered-{one.correlation}"


def test_a_message_that_was_given_up_is_accepted_when_it_is_told_at_last(database: Database, ada: Message) -> None:
    one = sent(database, ada, LOST)
    given_up = Found(MessageState.UNCERTAIN, "lost")
    database.write(lambda connection: messages.resolve(connection, one, given_up, NOW, proof=False))
    hearing(database).told([told(OPENED, one.correlation)])
    assert known(database, ada.id).state is MessageState.ACCEPTED


def test_proof_of_an_earlier_attempt_stops_a_resend(database: Database, ada: Message) -> None:
    first = sent(database, ada, LOST)
    again = Found(MessageState.NOT_SENT, "sent_again")
    database.write(lambda connection: messages.resolve(connection, first, again, NOW, proof=False))
    waiting = known(database, ada.id)
    hearing(database).told([told(DELIVERED, first.correlation)])
    assert database.write(lambda connection: messages.claim(connection, waiting, NOW, NOW)) is None


def test_an_attempt_that_a_provider_names_was_taken_though_another_is_known_to_have_been(
    database: Database, ada: Message
) -> None:
    first = sent(database, ada, LOST)
    again = Found(MessageState.NOT_SENT, "sent_again")
    database.write(lambda connection: messages.resolve(connection, first, again, NOW, proof=False))
    sent(database, ada)
    hearing(database).told([told(DELIVERED, first.correlation)])
    attempts = {row["attempt"]: row["state"] for row in rows(database, tables.message_attempt)}
    assert attempts == {1: MessageState.ACCEPTED, 2: MessageState.ACCEPTED}


def test_an_attempt_of_which_nothing_is_known_gets_its_row(database: Database, ada: Message) -> None:
    hearing(database).told([told(DELIVERED, f"{ada.id}.2")])
    assert known(database, ada.id).state is MessageState.ACCEPTED
    assert [(row["attempt"], row["state"]) for row in rows(database, tables.message_attempt)] == [
        (2, MessageState.ACCEPTED)
    ]


@pytest.mark.parametrize(
    "correlation",
    [
        "",
        ".",
        "1",
        "x.1",
        f"{'0' * 8}-0000-5000-8000-{'0' * 12}.1",
        "{id}",
        "{id}.",
        "{id}.0",
        "{id}.-1",
        "{id}.9999999",
    ],
)
def test_what_names_no_message_of_ours_is_not_kept_and_changes_nothing(
    database: Database, ada: Message, correlation: str
) -> None:
    before = rows(database, tables.message), rows(database, tables.event)
    assert hearing(database).told([told(COMPLAINED, correlation.format(id=ada.id))]) == 0
    assert rows(database, tables.provider_event) == []
    assert (rows(database, tables.message), rows(database, tables.event)) == before


@pytest.mark.parametrize(
    ("kinds", "delivery"),
    [
        ([DELIVERED, OPENED, CLICKED], "clicked"),
        ([CLICKED, OPENED, DELIVERED], "clicked"),
        ([COMPLAINED, UNSUBSCRIBED, DELIVERED], "complained"),
        ([BOUNCED, DELIVERED], "bounced"),
        ([BOUNCED, OPENED], "opened"),
    ],
)
def test_what_became_of_a_message_never_goes_back(
    database: Database, ada: Message, kinds: list[DeliveryEvent], delivery: str
) -> None:
    one = sent(database, ada)
    for kind in kinds:
        hearing(database).told([told(kind, one.correlation)])
    assert rows(database, tables.message)[0]["delivery"] == delivery


@pytest.mark.parametrize("kind", [UNSUBSCRIBED, COMPLAINED])
def test_an_opt_out_that_follows_a_return_is_honoured_though_its_meaning_was_heard_before(
    database: Database, ada: Message, kind: DeliveryEvent
) -> None:
    one, before = sent(database, ada), NOW - timedelta(minutes=2)
    ear = hearing(database)
    ear.told([told(kind, one.correlation, "a", at=before)])
    [gone] = suppressions(database)
    back: dict[str, Value] = {"channel": "email", "topic": gone[1], "lifted": True}
    event = Event("back", EventKind.SUPPRESS, "", NOW, NOW, back)
    database.write(lambda connection: ingest(connection, [("ada", event)]))
    assert suppressions(database) == set()
    ear.told([told(kind, one.correlation, "b", at=before)])  # the same again, under another id
    assert suppressions(database) == set()
    ear.told([told(kind, one.correlation, "c")])
    assert suppressions(database) == {gone}
    assert len([name for name in names(database) if name.endswith(kind)]) == 1


@pytest.mark.parametrize(
    ("kind", "is_dead", "expected"),
    [
        (BOUNCED, True, {("email", "", True)}),
        (BOUNCED, False, set()),
        (COMPLAINED, False, {("email", "", False)}),
        (UNSUBSCRIBED, False, {("email", "product_tips", False)}),
        (CLICKED, False, set()),
    ],
)
def test_what_a_delivery_suppresses(
    database: Database, ada: Message, kind: DeliveryEvent, is_dead: bool, expected: set[tuple[str, str, bool]]
) -> None:
    one = sent(database, ada)
    hearing(database).told([told(kind, one.correlation, is_dead=is_dead)])
    assert suppressions(database) == expected


def test_a_complaint_ends_the_journeys_that_may_not_reach_her_any_more(database: Database, ada: Message) -> None:
    hearing(database).told([told(COMPLAINED, sent(database, ada).correlation)])
    hearing(database).said(said(Wish.STOP))
    settle_at(database, "ada", NOW)
    assert [row["reason"] for row in rows(database, tables.enrollment)] == [ExitReason.NO_PERMISSION]
    assert rows(database, tables.outbox)


def test_stop_ends_marketing_for_everybody_with_the_number_and_start_lifts_it(database: Database) -> None:
    planned(database, "ada", "bob")
    assert hearing(database).said(said(Wish.STOP)).customers == 2
    assert [suppressions(database, name) for name in ("ada", "bob")] == [{MARKETING_SMS}] * 2
    assert hearing(database).said(said(Wish.STOP)).new is False
    hearing(database).said(said(Wish.START, "2"))
    assert [suppressions(database, name) for name in ("ada", "bob")] == [set()] * 2
    assert rows(database, tables.suppression) == []
    log = [(row["state"], row["source"]) for row in rows(database, tables.consent_event) if row["topic"] == ""]
    assert log == [(False, "provider")] * 2 + [(True, "provider")] * 2


def test_a_stop_counts_however_the_number_was_written_down_but_a_start_only_in_full(database: Database) -> None:
    planned(database, "ada")
    event = Event("home", EventKind.IDENTIFY, "", NOW, NOW, {"phone": "01511234567"})
    database.write(lambda connection: ingest(connection, [("ada", event)]))
    settle_at(database, "ada", NOW)
    assert hearing(database).said(said(Wish.STOP)).customers == 1
    assert suppressions(database) == {MARKETING_SMS}
    assert hearing(database).said(said(Wish.START, "2")).customers == 0


def test_a_stop_holds_for_whoever_is_found_with_the_number_later_until_start(database: Database) -> None:
    planned(database, "ada")
    heard, moved = said(Wish.PERHAPS_STOP, number="+491700000007"), NOW + timedelta(minutes=1)
    event = Event("moves", EventKind.IDENTIFY, "", NOW, NOW, {"phone": heard.from_number})
    database.write(lambda connection: ingest(connection, [("ada", event)]))
    for one in (heard, replace(heard, id="2", wish=Wish.STOP), replace(heard, id="3", wish=Wish.PERHAPS_STOP)):
        assert hearing(database).said(one).customers == 0
    settle_at(database, "ada", moved)
    hashed = HASHING.of(Channel.SMS, "0049 170 0000007")
    asked = (hashed, Channel.SMS, Purpose.MARKETING, "offers")
    assert database.read(lambda connection: addresses.forbids(connection, *asked))
    assert [row["reason"] for row in rows(database, tables.suppressed_address)] == [Wish.STOP]
    hearing(database).said(replace(heard, id="4", wish=Wish.START))
    assert rows(database, tables.suppressed_address) == []


def test_start_does_not_raise_a_dead_number(database: Database, ada: Message) -> None:
    dead: dict[str, Value] = {"channel": "sms", "topic": "", "everything": True, "reason": "dead"}
    event = Event("dead", EventKind.SUPPRESS, "", NOW, NOW, dead)
    database.write(lambda connection: ingest(connection, [("ada", event)]))
    settle_at(database, "ada", NOW)
    hearing(database).said(said(Wish.START))
    assert suppressions(database) == {("sms", "", True)}


def test_words_that_may_mean_stop_end_marketing_and_are_read_by_somebody(database: Database, ada: Message) -> None:
    heard = said(Wish.PERHAPS_STOP, body="please stop texting me")
    hearing(database).said(heard)
    hearing(database).said(heard)
    assert suppressions(database) == {MARKETING_SMS}
    [one] = database.read(reviews.to_read)
    assert (one.customer, one.words) == ("ada", "please stop texting me")
    ruled = (one.id, Ruling.OPT_OUT, "eve", "she means it", NOW)
    assert database.write(lambda connection: reviews.rule(connection, *ruled))
    assert not database.write(lambda connection: reviews.rule(connection, *ruled))
    assert database.read(reviews.to_read) == []


def test_words_in_another_language_are_read_by_somebody_and_stop_nothing_before(
    database: Database, ada: Message
) -> None:
    hearing(database).said(said(Wish.TO_READ, body="Bitte keine SMS mehr"))
    assert suppressions(database) == set()
    assert [one.words for one in database.read(reviews.to_read)] == ["Bitte keine SMS mehr"]


@pytest.mark.parametrize("wish", [Wish.HELP, Wish.NOTHING])
def test_other_words_change_nothing(database: Database, ada: Message, wish: Wish) -> None:
    before = rows(database, tables.event)
    assert hearing(database).said(said(wish, body="can't stop smiling")).new
    assert rows(database, tables.event) == before
    assert "smiling" not in str(rows(database, tables.provider_event))


def test_a_number_that_nobody_has_is_no_failure(database: Database, ada: Message) -> None:
    assert hearing(database).said(said(Wish.STOP, number="+15550100")).customers == 0
