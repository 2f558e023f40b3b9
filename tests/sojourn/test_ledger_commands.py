"""`sojourn message` and `sojourn channel`: what an operator sees of the ledger, and does about it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select

from channels.inbound.heard import Said, Wish
from engine.catalog import Catalog
from engine.facts import Event
from engine.settling.settle import settle
from engine.words import Channel, EventKind, MessageState
from records import customers, events, messages, releases, tables
from records.database import Database
from records.ledger import addresses, channels
from records.ledger.addresses import Scope
from records.messages import Found, Message
from sojourn.engineroom import LOCK, alone
from sojourn.opened import hashing_of
from sojourn.settings import Settings
from tests.ledger.hearings import HASHING
from tests.sojourn.calling import call
from workers.clocks import RealTime, Wall
from workers.ledger.hearing import Hearing

NOW = datetime.now(UTC)
NUMBER = "+4915112345678"
KNOWN = {"email": "c1@post.example", "phone": NUMBER, "consent": {"email": ["tips"]}}


@pytest.fixture
def database(folder: Path) -> Iterator[Database]:
    """The database of a folder that is published."""
    assert call("publish").status == 0
    opened = Database(f"sqlite:///{folder / '.sojourn' / 'sojourn.db'}")
    yield opened
    opened.close()


@pytest.fixture
def uncertain(database: Database) -> str:
    """The id of a message that was given up: perhaps sent."""
    return given_up(database, NOW)


def settled(database: Database) -> None:
    """All that is known of c1 is settled."""
    now = datetime.now(UTC)
    release = database.read(releases.current_release)
    assert release is not None
    catalog = Catalog(release)

    def work(connection: Connection) -> None:
        loaded = customers.load(connection, customers.by_name(connection, "c1") or 0, now)
        settle(loaded.customer, catalog, now, lambda: True)
        customers.save(connection, loaded, catalog, now)

    database.write(work)


def given_up(database: Database, at: datetime) -> str:
    """A message of c1, planned at that time, whose one attempt was lost, and is looked up no more."""
    id_, lost = doubted(database, at), Found(MessageState.UNCERTAIN, "lost")
    database.write(lambda connection: messages.resolve(connection, found(connection, id_), lost, at, proof=False))
    return id_


def doubted(database: Database, at: datetime) -> str:
    """A message of c1, planned at that time, whose one attempt was lost."""
    happened = [
        ("c1", Event("1", EventKind.IDENTIFY, "", at, at, KNOWN)),
        ("c1", Event("2", EventKind.TRACK, "signed_up", at, at)),
    ]
    release = database.read(releases.current_release)
    assert release is not None
    catalog = Catalog(release)

    def live(connection: Connection) -> str:
        events.ingest(connection, happened)
        loaded = customers.load(connection, customers.by_name(connection, "c1") or 0, at)
        settle(loaded.customer, catalog, at, lambda: True)
        customers.save(connection, loaded, catalog, at)
        id_ = str(connection.execute(select(tables.message.c.public_id)).scalar_one())
        claimed = messages.claim(connection, found(connection, id_), at, at)
        assert claimed is not None
        messages.record(connection, claimed, Found(MessageState.UNKNOWN, "lost", "body", "smtp"), at)
        return id_

    return database.write(live)


def found(connection: Connection, id_: str) -> Message:
    """The message, which is there."""
    one = messages.find(connection, id_)
    assert one is not None
    return one


def test_uncertain_messages_are_listed_and_shown_with_their_evidence(uncertain: str) -> None:
    [line] = call("message", "list", "--json").json
    assert (line["id"], line["state"], line["customer"]) == (uncertain, "uncertain", "c1")
    assert call("message", "list", "--state", "accepted", "--json").json == []
    assert uncertain in call("message", "list").out
    shown = call("message", "show", uncertain).out
    assert "attempt 1: unknown" in shown
    assert "reason=lost" in shown
    assert call("message", "show", uncertain, "--json").json["attempts"][0]["evidence"]["provider"] == "smtp"
    assert "sojourn message list" in call("doctor").out


def test_the_messages_of_one_customer_are_listed_in_whatever_state(database: Database, uncertain: str) -> None:
    assert call("message", "resolve", uncertain, "--as", "accepted", "--why", "in their log").status == 0
    assert call("track", "c2", "signed_up").status == 0
    assert call("message", "list", "--json").json == []
    assert [one["id"] for one in call("message", "list", "--customer", "c1", "--json").json] == [uncertain]
    assert call("message", "list", "--customer", "c2", "--json").json == []
    assert "found no customer 'eve'" in call("message", "list", "--customer", "eve").err
    assert "`sojourn message list --customer ID` tells hers" in call("message", "show", "x").err


def test_one_that_was_accepted_is_resolved_so_with_who_and_why(uncertain: str) -> None:
    said = call("message", "resolve", uncertain, "--as", "accepted", "--why", "in their log", "--by", "eve")
    assert said.out == f"{uncertain}: uncertain -> accepted\n"
    shown = call("message", "show", uncertain, "--json").json
    assert shown["state"] == "accepted"
    assert (shown["attempts"][0]["evidence"]["by"], shown["attempts"][0]["evidence"]["why"]) == ("eve", "in their log")
    again = call("message", "resolve", uncertain, "--as", "not-sent", "--why", "x")
    assert (again.status, "the message is accepted" in again.err) == (2, True)


def test_one_that_was_not_sent_goes_again_and_its_run_is_rung(database: Database, uncertain: str) -> None:
    said = call("message", "resolve", uncertain, "--as", "not-sent", "--why", "they lost it")
    assert said.out == f"{uncertain}: uncertain -> not_sent\n"
    assert "perhaps sent twice" in call("message", "show", uncertain).out
    assert database.read(lambda connection: connection.execute(select(tables.outbox.c.seq)).scalar_one()) > 0


def test_one_that_is_still_looked_up_is_sent_again_only_by_who_is_sure(database: Database, folder: Path) -> None:
    unknown = doubted(database, NOW)
    words = ("message", "resolve", unknown, "--as", "not-sent", "--why", "they lost it")
    said = call(*words)
    assert (said.status, "sends it again, and she may have it twice. --yes" in said.err) == (2, True)
    with alone(folder / ".sojourn" / LOCK):
        said = call(*words, "--yes")
    assert said.out == f"{unknown}: unknown -> not_sent\n"
    assert "it is sent again at once, for the engine runs" in said.err


def test_one_that_was_not_sent_and_has_expired_is_not_sent_any_more(database: Database) -> None:
    late = given_up(database, NOW - timedelta(days=10))
    said = call("message", "resolve", late, "--as", "not-sent", "--why", "they lost it")
    assert said.out == f"{late}: uncertain -> expired\n"


def test_a_story_tells_what_bars_her_from_a_journey_as_she_is_today(database: Database) -> None:
    release = database.read(releases.current_release)
    assert release is not None
    catalog = Catalog(release)

    def live(connection: Connection) -> None:
        events.ingest(connection, [("c2", Event("1", EventKind.TRACK, "signed_up", NOW, NOW))])
        loaded = customers.load(connection, customers.by_name(connection, "c2") or 0, NOW)
        settle(loaded.customer, catalog, NOW, lambda: True)
        customers.save(connection, loaded, catalog, NOW)

    database.write(live)
    assert "    as she is today, email tips: there is no address for it\n" in call("customer", "show", "c2").out


@pytest.mark.parametrize("name", ["x", str(uuid4())])
def test_a_message_that_is_none_is_told_in_a_sentence(database: Database, name: str) -> None:
    said = call("message", "show", name)
    assert (said.status, f"found no message '{name}'" in said.err) == (2, True)


def test_a_channel_that_somebody_has_paused_stays_so_when_the_engine_starts(database: Database) -> None:
    assert call("channel", "pause", "sms", "--why", "the number moves").status == 0
    rows = {row["channel"]: row for row in call("channel", "list", "--json").json}
    assert (rows["sms"]["why"], rows["email"]["paused_since"]) == ("the number moves", None)
    database.write(lambda connection: channels.pause(connection, Channel.EMAIL, "denied 401", NOW))
    database.write(channels.resume_denied)
    assert [one.channel for one in database.read(channels.paused)] == [Channel.SMS]
    assert "channel resume" in call("doctor").out
    assert call("channel", "pause", "sms", "--why", "denied the number").status == 2
    assert call("channel", "resume", "sms").status == 0
    assert call("channel", "resume", "sms").status == 2


def test_words_that_may_be_an_opt_out_are_shown_until_somebody_has_read_them(
    database: Database, uncertain: str
) -> None:
    said = Said("twilio", "1", NUMBER, "+1", "please stop", Wish.PERHAPS_STOP, NOW)
    Hearing(database, RealTime(Wall()), Wall(), HASHING).said(said)
    assert "sojourn consent reviews" in call("doctor").out
    assert "please stop" in call("consent", "reviews").out
    assert call("consent", "reviews", "--json").json[0]["words"] == "please stop"
    assert call("consent", "decide", "1", "opt-out", "--why", " ").status == 2
    assert call("consent", "lift", "c1", "sms", "--why", "she is nice").status == 2
    ruled = call("consent", "decide", "1", "opt-out", "--why", "she means it", "--by", "eve")
    assert (ruled.status, "her words were found to be an opt-out" in ruled.out) == (0, True)
    assert "sojourn consent reviews" not in call("doctor").out
    assert call("consent", "decide", "1", "opt-out", "--why", "again").status == 2
    assert "she has to have said yes since" in call("consent", "show", "c1").out


def test_a_suppression_is_lifted_with_a_reason_and_not_without_her_where_it_is_hers(
    database: Database, uncertain: str
) -> None:
    ear = Hearing(database, RealTime(Wall()), Wall(), HASHING)
    ear.said(Said("twilio", "1", NUMBER, "+1", "STOP", Wish.STOP, NOW))
    barred = call("consent", "lift", "c1", "sms", "--why", "her son asked")
    assert (barred.status, "by texting START" in barred.err) == (2, True)
    assert call("consent", "lift", "c1", "email", "--why", "nothing is there").status == 2
    ear.said(Said("twilio", "2", NUMBER, "+1", "well, no more messages then", Wish.PERHAPS_STOP, NOW))
    kept = call("consent", "decide", "2", "not-an-opt-out", "--why", "a joke")
    assert kept.status == 2  # there is one review alone
    kept = call("consent", "decide", "1", "not-an-opt-out", "--why", "a joke")
    assert (kept.status, "she texted STOP" in kept.out, "lifted: sms" in kept.out) == (0, True, False)


@pytest.mark.parametrize("reason", ["complained", "erased"])
def test_what_is_advised_for_lifting_a_suppression_lifts_it(
    folder: Path, database: Database, uncertain: str, reason: str
) -> None:
    hashed = hashing_of(Settings(), folder).of(Channel.EMAIL, "c1@post.example")
    scope = Scope(Channel.EMAIL, everything=reason == "erased")
    database.write(lambda connection: addresses.suppress(connection, hashed, scope, reason, NOW))
    barred = call("consent", "lift", "c1", "email", "--why", "she rang").err
    assert 'consent set c1 email TOPIC yes --wording "..."' in " ".join(barred.split())
    silent = call("consent", "set", "c1", "email", "tips", "yes")
    assert "lifts nothing" in silent.err + silent.out
    assert call("consent", "lift", "c1", "email", "--why", "she rang").status == 2
    spoken = call("consent", "set", "c1", "email", "tips", "yes", "--wording", "Yes, send me tips")
    assert "lifts nothing" not in spoken.err + spoken.out
    assert call("consent", "lift", "c1", "email", "--why", "she rang").status == 0


def test_what_somebody_lifts_is_logged_as_lifted_and_not_as_a_yes(database: Database, uncertain: str) -> None:
    said = Said("twilio", "1", NUMBER, "+1", "please stop", Wish.PERHAPS_STOP, NOW)
    Hearing(database, RealTime(Wall()), Wall(), HASHING).said(said)
    assert call("consent", "decide", "1", "not-an-opt-out", "--why", "a joke").status == 0
    settled(database)
    [line] = [line for line in call("consent", "show", "c1").out.splitlines() if "a joke" in line]
    assert ("lifted" in line, "yes" in line) == (True, False)


def test_a_journey_that_was_stopped_says_why(database: Database) -> None:
    why = "3 of 900 complained"
    database.write(lambda connection: releases.pause(connection, "welcome", NOW, why))
    assert why in call("doctor").out
    assert f"paused: {why}" in call("journey", "list").out
    shown = call("journey", "show", "welcome").out
    assert (why in shown, "sojourn journey resume welcome" in shown) == (True, True)
    assert call("journey", "show", "welcome", "--json").json["paused_why"] == why
    assert call("journey", "resume", "welcome").status == 0
    assert why not in call("journey", "list").out


def test_a_customer_who_waits_in_a_paused_journey_is_shown_with_why(database: Database, uncertain: str) -> None:
    assert "paused" not in call("customer", "show", "c1").out
    inside = list(call("customer", "show", "c1", "--json").json["inside"])
    database.write(lambda connection: releases.pause(connection, inside[0], NOW, "3 of 900 complained"))
    shown = call("customer", "show", "c1").out
    assert "because 3 of 900 complained" in shown
    assert f"sojourn journey resume {inside[0]}" in shown


def test_the_rates_of_channels_are_settings(database: Database, folder: Path) -> None:
    (folder / "sojourn.toml").write_text("[channels.rates]\nemail = 14\nsms = 0.5\n")
    rows = {row["channel"]: row["per_second"] for row in call("channel", "list", "--json").json}
    assert rows == {"email": 14, "sms": 0.5}


def test_the_environment_sets_a_rate(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_RATES_EMAIL", "2.5")
    rows = {row["channel"]: row["per_second"] for row in call("channel", "list", "--json").json}
    assert rows["email"] == 2.5
