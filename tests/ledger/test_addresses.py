"""What is said against an address holds for that address: not for another that its customer has by now."""

from datetime import timedelta

import pytest

from channels.inbound.heard import Wish
from channels.mime import wire_address
from channels.outcomes import Rejected, RejectedKind
from channels.protocol import DeliveryEvent
from engine.facts import Event
from engine.words import Channel, EventKind, Purpose
from records import tables
from records.database import Database
from records.events import ingest
from records.ledger import addresses
from records.ledger.addresses import Hashing
from records.messages import Message
from tests.ledger.hearings import HASHING, NOW, hearing, planned, rows, said, sent, told
from tests.records.living import loaded_at, settle_at
from workers.ledger.refusals import suppress_dead

BOUNCED, COMPLAINED = DeliveryEvent.BOUNCED, DeliveryEvent.COMPLAINED
FORMER, TODAY = "Ada@Example.com ", "ada@new.example"
DEAD = ("email", "", True)


@pytest.fixture
def ada(database: Database) -> Message:
    """A message that went to Ada's first address."""
    return sent(database, planned(database, "ada")[0], to=FORMER)


def moves(database: Database, address: str, *, settled: bool = True, after: timedelta = timedelta(0)) -> None:
    """She has another address from now on."""
    at = NOW + after
    event = Event(f"moves {address} {at}", EventKind.IDENTIFY, "", at, at, {"email": address})
    database.write(lambda connection: ingest(connection, [("ada", event)]))
    if settled:
        settle_at(database, "ada", at)


def suppressed(database: Database, after: timedelta = timedelta(0)) -> set[tuple[str, str, bool]]:
    """What is suppressed for Ada herself."""
    settle_at(database, "ada", NOW + after)
    return set(loaded_at(database, "ada", NOW + after).customer.suppressions)


def forbids(database: Database, address: str, purpose: Purpose = Purpose.MARKETING) -> bool:
    """Must nothing go to this address, whoever has it?"""
    hashed = HASHING.of(Channel.EMAIL, address)
    return database.read(lambda c: addresses.forbids(c, hashed, Channel.EMAIL, purpose, "offers"))


def test_what_is_said_for_certain_takes_the_place_of_a_perhaps_and_of_nothing_else(database: Database) -> None:
    hashed, scope = HASHING.of(Channel.SMS, "+491511234567"), addresses.Scope(Channel.SMS)
    reasons = []
    for reason in ("perhaps_stop", "perhaps_stop", "opted_out", "perhaps_stop", "complained"):
        database.write(lambda connection: addresses.suppress(connection, hashed, scope, reason, NOW))  # noqa: B023
        [(kept, _)] = database.read(lambda connection: addresses.scopes(connection, hashed, Channel.SMS)).values()
        reasons.append(kept)
    assert reasons == ["perhaps_stop", "perhaps_stop", "opted_out", "opted_out", "opted_out"]


@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.parametrize(("kind", "is_dead"), [(BOUNCED, True), (COMPLAINED, False)])
def test_what_is_said_late_of_a_former_address_leaves_the_new_one_free(
    database: Database, ada: Message, kind: DeliveryEvent, is_dead: bool, settled: bool
) -> None:
    moves(database, TODAY, settled=settled)
    hearing(database).told([told(kind, ada.correlation, is_dead=is_dead)])
    assert suppressed(database) == set()
    assert not forbids(database, TODAY)
    assert forbids(database, FORMER)
    assert forbids(database, FORMER, Purpose.TRANSACTIONAL) is is_dead


@pytest.mark.parametrize(("kind", "is_dead"), [(BOUNCED, True), (COMPLAINED, False)])
def test_what_is_said_of_her_address_of_today_holds_for_her(
    database: Database, ada: Message, kind: DeliveryEvent, is_dead: bool
) -> None:
    hearing(database).told([told(kind, ada.correlation, is_dead=is_dead)])
    assert suppressed(database) == {("email", "", is_dead)}
    assert forbids(database, FORMER)


def test_where_nobody_knows_where_it_went_it_went_to_her(database: Database) -> None:
    one = sent(database, planned(database, "ada")[0])
    hearing(database).told([told(BOUNCED, one.correlation, is_dead=True)])
    assert suppressed(database) == {DEAD}
    assert forbids(database, FORMER)


def test_a_new_address_is_not_dead_and_the_dead_one_stays_so(database: Database, ada: Message) -> None:
    hearing(database).told([told(BOUNCED, ada.correlation, is_dead=True)])
    assert suppressed(database) == {DEAD}
    moves(database, "ADA@example.com", after=timedelta(minutes=1))
    assert suppressed(database, timedelta(minutes=1)) == {DEAD}  # another spelling is no other address
    moves(database, TODAY, after=timedelta(minutes=2))
    assert suppressed(database, timedelta(minutes=2)) == set()
    assert rows(database, tables.suppression) == []
    assert forbids(database, FORMER)


def test_a_complaint_follows_her_to_a_new_address(database: Database, ada: Message) -> None:
    hearing(database).told([told(COMPLAINED, ada.correlation)])
    assert suppressed(database) == {("email", "", False)}
    moves(database, TODAY, after=timedelta(minutes=1))
    assert suppressed(database, timedelta(minutes=1)) == {("email", "", False)}


def test_a_refusal_at_submit_is_about_the_address_of_that_attempt(database: Database, ada: Message) -> None:
    moves(database, TODAY)
    refused = Rejected(RejectedKind.ADDRESS, "400")
    database.write(lambda connection: suppress_dead(connection, HASHING, ada, refused, NOW))
    assert suppressed(database) == set()
    assert forbids(database, FORMER, Purpose.TRANSACTIONAL)
    assert not forbids(database, TODAY)


def test_an_opt_out_that_is_told_late_counts_as_one_at_submit(database: Database, ada: Message) -> None:
    hearing(database).told([told(DeliveryEvent.UNSUBSCRIBED, ada.correlation, opted_out=True)])
    assert suppressed(database) == {("email", "", False)}
    assert [row["reason"] for row in rows(database, tables.suppressed_address)] == [RejectedKind.OPTED_OUT]


def test_start_lifts_what_is_said_against_a_number_but_not_that_it_is_dead(database: Database, ada: Message) -> None:
    hashed = HASHING.of(Channel.SMS, "491511234567")
    for everything in (False, True):
        scope = addresses.Scope(Channel.SMS, everything=everything)
        database.write(lambda c, scope=scope: addresses.suppress(c, hashed, scope, "erased", NOW))  # type: ignore[misc]
    hearing(database).said(said(Wish.START))
    assert [row["everything"] for row in rows(database, tables.suppressed_address)] == [True]


def test_no_address_is_kept_with_what_is_said_against_it(database: Database, ada: Message) -> None:
    hearing(database).told([told(COMPLAINED, ada.correlation)])
    kept = str([rows(database, table) for table in (tables.message_attempt, tables.suppressed_address)])
    assert HASHING.of(Channel.EMAIL, FORMER) in kept
    assert "example.com" not in kept.lower()


def test_a_hash_is_the_same_for_every_spelling_and_another_under_another_secret() -> None:
    assert HASHING.of(Channel.EMAIL, FORMER) == HASHING.of(Channel.EMAIL, "ada@example.com")
    assert HASHING.of(Channel.SMS, "+49 151 1234567") == HASHING.of(Channel.SMS, "00491511234567")
    assert Hashing(b"another secret altogether").of(Channel.EMAIL, FORMER) != HASHING.of(Channel.EMAIL, FORMER)
    assert "secret" not in repr(HASHING).replace("secret of", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@bücher.example", "ann@bu\u0308cher.example"),
        ("ann@example.com", "ann@ｅxample.com"),
        ("ann@example.com", "ann@exa\u00admple.com"),
    ],
)
def test_two_spellings_that_an_envelope_carries_alike_have_one_hash(one: str, other: str) -> None:
    assert wire_address(one).lower() == wire_address(other).lower()
    assert HASHING.of(Channel.EMAIL, one) == HASHING.of(Channel.EMAIL, other)


def test_what_was_kept_for_a_domain_in_ascii_is_known_for_ever_and_one_that_nothing_carries_is_no_failure() -> None:
    assert HASHING.of(Channel.EMAIL, FORMER) == "c5a947b532e10f4e3890633290795a38cafce7988127a13ec68978b730f61575"
    assert HASHING.of(Channel.EMAIL, f"ann@{'ü' * 64}.example")
