"""A provider whose clock is ahead of ours: what it tells holds from now on, and is never dated later."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.inbound.heard import Wish
from channels.protocol import DeliveryEvent
from engine.words import EventKind
from records import tables
from records.database import Database
from records.messages import Message
from tests.ledger.hearings import HASHING, NOW, rows, said, sent, told
from tests.records.living import loaded_at, settle_at
from workers.clocks import RealTime, VirtualTime
from workers.ledger.hearing import Hearing

AHEAD = NOW + timedelta(hours=1)


@pytest.fixture
def ear(database: Database) -> Hearing:
    """A hearing whose business clock is the real one."""
    clock = VirtualTime(NOW)
    return Hearing(database, RealTime(clock), clock, HASHING)


def dated(database: Database, kind: EventKind) -> list[Any]:
    """When events of a kind happened."""
    return [row["occurred_at"] for row in rows(database, tables.event) if row["kind"] is kind]


def suppressed(database: Database) -> set[tuple[str, str, bool]]:
    """What is suppressed for Ada by now."""
    settle_at(database, "ada", NOW)
    return set(loaded_at(database, "ada", NOW).customer.suppressions)


def test_what_became_of_a_message_has_become_of_it_by_now(database: Database, ada: Message, ear: Hearing) -> None:
    ear.told([told(DeliveryEvent.COMPLAINED, sent(database, ada).correlation, at=AHEAD)])
    assert (dated(database, EventKind.DELIVERY), dated(database, EventKind.SUPPRESS)) == ([NOW], [NOW])
    assert suppressed(database) == {("email", "", False)}


def test_a_stop_stops_now(database: Database, ada: Message, ear: Hearing) -> None:
    ear.said(replace(said(Wish.STOP), at=AHEAD))
    assert dated(database, EventKind.SUPPRESS) == [NOW]
    assert [row["at"] for row in rows(database, tables.suppressed_address)] == [NOW]
    assert suppressed(database) == {("sms", "", False)}


def test_what_it_dates_before_now_keeps_its_date(database: Database, ada: Message, ear: Hearing) -> None:
    before = NOW - timedelta(minutes=2)
    ear.told([told(DeliveryEvent.CLICKED, sent(database, ada).correlation, at=before)])
    ear.said(replace(said(Wish.STOP), at=before))
    assert (dated(database, EventKind.DELIVERY), dated(database, EventKind.SUPPRESS)) == ([before], [before])
