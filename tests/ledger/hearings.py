"""A customer with a message that a provider has named, and what providers tell."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, select

from channels.inbound.heard import Said, Told, Wish
from channels.protocol import DeliveryEvent
from engine.words import MessageState
from records import messages
from records.database import Database
from records.events import ingest
from records.imports import import_customers
from records.ledger.addresses import Hashing
from records.messages import Found, Message
from records.tables import message
from tests.records.living import MONDAY, a_customer, an_event, publish_example, settle_at
from workers.clocks import VirtualTime
from workers.ledger.breaker import Breaker
from workers.ledger.hearing import Hearing

STANDARD = Breaker()
HASHING = Hashing(b"the secret of these tests")
NOW = MONDAY + timedelta(hours=3)
LOST = Found(MessageState.UNKNOWN, "lost", "body", "provider", again_at=NOW)
ACCEPTED = Found(MessageState.ACCEPTED, provider="provider", provider_id="7")


def hearing(database: Database, breaker: Breaker = STANDARD) -> Hearing:
    """A hearing at three hours into the story."""
    clock = VirtualTime(NOW)
    return Hearing(database, clock, clock, HASHING, breaker)


def planned(database: Database, *names: str) -> list[Message]:
    """The first messages of customers who have entered the example's trial, one each, in their order."""
    publish_example(database)
    list(import_customers(database, [a_customer(name) for name in names], MONDAY, replay=True))
    for name in names:
        came = [
            (name, an_event("signed_up", id_=f"{name} 1")),
            (name, an_event("trial_started", timedelta(hours=1), id_=f"{name} 2", plan="trial")),
        ]
        database.write(lambda connection, came=came: ingest(connection, came))  # type: ignore[misc]
        settle_at(database, name, MONDAY + timedelta(hours=2))
    ids = database.read(lambda c: c.execute(select(message.c.public_id).order_by(message.c.id)).scalars().all())
    return [known(database, id_) for id_ in ids]


def known(database: Database, id_: str) -> Message:
    """A message as it stands."""
    found = database.read(lambda connection: messages.find(connection, id_))
    assert found is not None
    return found


def sent(database: Database, one: Message, found: Found = ACCEPTED, to: str | None = None) -> Message:
    """The message after an attempt that ended so; `to` is where it went, if that is known."""

    hashed = HASHING.of(one.channel, to) if to else None

    def work(connection: Any) -> None:
        taken = messages.claim(connection, known(database, one.id), NOW, NOW + timedelta(minutes=1), hashed)
        assert taken is not None
        messages.record(connection, taken, found, NOW)

    database.write(work)
    return known(database, one.id)


def told(kind: DeliveryEvent, correlation: str, id_: str = "", at: datetime = NOW, **how: Any) -> Told:
    """What a provider tells."""
    return Told("provider", id_ or f"{kind}-{correlation}", kind, correlation, at, **how)


def said(wish: Wish, id_: str = "1", number: str = "+491511234567", body: str = "") -> Said:
    """What a customer texts."""
    return Said("provider", id_, number, "+4915100", body or wish.value, wish, NOW)


def rows(database: Database, table: Table) -> list[dict[str, Any]]:
    """Everything in a table."""
    return [dict(row) for row in database.read(lambda c: c.execute(select(table)).mappings().all())]
