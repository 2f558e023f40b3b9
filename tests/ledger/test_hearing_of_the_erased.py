"""What is told of somebody who was erased leaves nothing behind."""

import pytest

from channels.inbound.heard import Wish
from channels.protocol import DeliveryEvent
from records import tables
from records.database import Database
from records.messages import Message
from records.privacy import person
from tests.ledger.hearings import hearing, planned, rows, said, sent, told
from tests.records.two_lives import erase


@pytest.fixture
def ada(database: Database) -> Message:
    """The message of a customer in a trial."""
    return planned(database, "ada")[0]


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
