"""Two customers who have lived: Zoe, of whom everything there is lies everywhere, and Ada beside her."""

from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, insert, select, update

from engine.words import Channel, MessageState
from records import messages, outbox
from records.database import Database
from records.events import ingest
from records.imports import import_customers
from records.ledger import links, reviews
from records.ledger.addresses import Hashing
from records.ledger.reviews import Words
from records.messages import Found
from records.privacy import person, removing
from records.privacy.needles import needles_of
from records.tables import customer, message, provider_event
from tests.records.living import MONDAY, a_customer, an_event, publish_example, settle_at

LATER = MONDAY + timedelta(hours=2)
MADE = Hashing(b"a secret of the tests' own")
NOBODYS = "0f8fad5b-d9cb-469f-a165-70867728950e"
"""The id of no message."""

ZOE = "zoe.marker@customers.example"
FACTS = {
    "email": "Zoe.Marker@Customers.example",
    "phone": "+491700000042",
    "attributes": {"country": "DE", "first_name": "Zoë", "street": "Elmstreet 12"},
}


def live(database: Database) -> None:
    """Zoe and Ada have each entered a journey, with a message planned; Zoe has more."""
    publish_example(database)
    list(import_customers(database, [a_customer(ZOE, **FACTS), a_customer("ada")], MONDAY, replay=True))
    for name in (ZOE, "ada"):
        began = an_event("trial_started", timedelta(hours=1), f"2-{name}", plan="trial", note=name)
        came = [(name, an_event("signed_up", id_=f"1-{name}")), (name, began)]
        database.write(partial(ingest, arrivals=came))
        settle_at(database, name, LATER)
    database.write(live_on)


def live_on(connection: Connection) -> None:
    """What providers and operators have added to Zoe's life."""
    row = connection.execute(select(customer.c.id).where(customer.c.external_id == ZOE)).scalar_one()
    hers = connection.execute(select(message.c.id, message.c.public_id).where(message.c.customer_id == row)).one()
    one = messages.find(connection, hers.public_id)
    assert one is not None
    taken = messages.claim(connection, one, LATER, LATER + timedelta(minutes=1))
    assert taken is not None
    found = Found(MessageState.ACCEPTED, provider="sendgrid", provider_id="sg-1")
    messages.record(connection, taken, found, LATER)
    told = {"provider": "sendgrid", "message_id": hers.id, "attempt": 1, "at": LATER, "raw": {"email": ZOE}}
    connection.execute(insert(provider_event).values(event_id="e1", kind="opened", **told))
    connection.execute(insert(provider_event).values(event_id="e2", kind="delivered", journey_id=1, **told))
    reviews.queue(connection, row, Words(Channel.SMS, "twilio", "SM1", "please, Zoe wants no more", LATER))
    links.carry(connection, f"https://acme.example/?c={ZOE.replace('@', '%40')}", NOBODYS)
    links.carry(connection, "https://acme.example/", NOBODYS)
    outbox.ring(connection, one.enrollment_row, LATER)
    connection.execute(update(message).where(message.c.id == hers.id).values(facts={"mail": ZOE}))


def erase(database: Database, name: str = ZOE) -> dict[str, int]:
    """The whole of it, in the tables."""

    def work(connection: Connection) -> dict[str, int]:
        her = person.find(connection, name)
        assert her is not None
        needles = needles_of(her, person.shared(connection, her))
        removing.close(connection, her, MADE, LATER, LATER)
        removed = removing.remove(connection, her, MADE, LATER, LATER)
        return removed | {"link": removing.forget_links(connection, her, needles)}

    return database.write(work)
