"""What is told of somebody who was erased leaves nothing behind."""

from functools import partial

import pytest

from channels.inbound.heard import Wish
from channels.protocol import DeliveryEvent
from engine.words import Channel
from records import health, releases, tables
from records.database import Database
from records.messages import Message
from records.privacy import person
from tests.ledger.hearings import HASHING, NOW, hearing, planned, rows, said, sent, told
from tests.records.two_lives import erase
from workers.clocks import VirtualTime
from workers.ledger.breaker import Breaker
from workers.ledger.choices import Choice, Choices


def test_news_of_a_message_of_somebody_erased_is_not_kept(database: Database, ada: Message) -> None:
    sent(database, ada)
    erase(database, "ada")
    assert hearing(database).told([told(DeliveryEvent.DELIVERED, f"{ada.id}.1")]) == 0
    assert rows(database, tables.provider_event) == []


@pytest.mark.parametrize("wish", Wish)
def test_the_providers_name_of_what_she_texted_goes_with_her(database: Database, ada: Message, wish: Wish) -> None:
    hearing(database).said(said(wish))
    her = database.read(lambda connection: person.find(connection, "ada"))
    assert her is not None
    known = database.read(lambda connection: person.texted(connection, her))
    assert known == ([] if wish in (Wish.HELP, Wish.NOTHING) else [("provider", "1")])
    erase(database, "ada")
    assert rows(database, tables.provider_event) == []


def test_what_is_chosen_on_a_page_of_somebody_erased_makes_nobody_anew(database: Database, ada: Message) -> None:
    erase(database, "ada")
    choices = Choices(database, VirtualTime(NOW), HASHING)
    assert choices.end(ada.id, [], "", "page") is None
    assert choices.choose(ada.id, [Choice(Channel.EMAIL, "offers", yes=True)], "page") is None
    assert (rows(database, tables.customer), rows(database, tables.event)) == ([], [])


def test_what_is_told_after_an_erasure_counts_though_it_gets_numbers_that_were_looked_at(database: Database) -> None:
    ada, bob, cyd, dan, eve = (sent(database, one) for one in planned(database, "ada", "bob", "cyd", "dan", "eve"))
    ear = hearing(database, Breaker(bounces=0.5, fewest=4, fewest_bounces=2))
    ear.told([told(DeliveryEvent.CLICKED, ada.correlation, id_) for id_ in "abcdef"])
    database.write(partial(releases.pause, name=bob.journey, at=NOW))
    database.write(partial(releases.resume, name=bob.journey, at=NOW, real_now=NOW))
    erase(database, "ada")
    ear.told([told(DeliveryEvent.BOUNCED, one.correlation, is_dead=True) for one in (bob, cyd, dan, eve)])
    assert list(database.read(health.stopped_journeys).values()) == ["4 of 4 bounced for good"]
