"""The customer to whom a message went, with what she allows as of everything that is stored."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select

from engine.customer import Customer
from engine.facts import Event
from engine.settling.learning import permit
from engine.words import Channel, EventKind, Origin
from records.customers.encoding import customer_of
from records.customers.history import EVENT
from records.tables import customer, event, message

_MESSAGE = (
    select(message.c.customer_id, message.c.channel, message.c.topic, message.c.attempt, message.c.accepted_at)
    .join(customer, customer.c.id == message.c.customer_id)
    .where(message.c.public_id == bindparam("message"), customer.c.erased_at.is_(None))
)
_ADDRESSES = select(customer.c.email, customer.c.phone).where(customer.c.id == bindparam("customer"))
_LOCK = select(customer.c.id).where(customer.c.id == bindparam("customer")).with_for_update(key_share=True)
_CUSTOMER = select(customer).where(customer.c.id == bindparam("customer"))
_SAID = (
    select(*EVENT)
    .where(
        event.c.customer_id == bindparam("customer"),
        event.c.settled_order.is_(None),
        event.c.kind.in_((EventKind.CONSENT, EventKind.SUPPRESS, EventKind.IDENTIFY)),
    )
    .order_by(event.c.occurred_at, event.c.generation, event.c.emission, event.c.message_id)
)
_IDENTIFIED = _SAID.with_only_columns(event.c.properties).where(
    event.c.kind == EventKind.IDENTIFY,
    or_(event.c.origin != Origin.REPLAY, event.c.occurred_at <= bindparam("now")),
)
NAMED = {Channel.EMAIL: "email", Channel.SMS: "phone"}
"""What a customer's address on a channel is called in her row, in events, and among what she was known as."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """Her, and of the message its channel, topic, newest attempt, and when it was accepted, in real time."""

    customer: Customer
    channel: Channel
    topic: str
    attempt: int
    accepted_at: datetime | None


def by_message(connection: Connection, message_id: str) -> Addressed | None:
    """None where there is no such message, or its customer was erased. What she said counts before it is settled."""
    found = connection.execute(_MESSAGE, {"message": message_id}).one_or_none()
    if found is None:
        return None
    row, *about = found
    return Addressed(as_stored(connection, row), *about)


def lock(connection: Connection, customer_row: int) -> None:
    """Let nobody say anything else of her until this transaction ends."""
    connection.execute(_LOCK, {"customer": customer_row}).all()


def as_stored(connection: Connection, customer_row: int) -> Customer:
    """A customer with what she allows as of everything that is stored, settled or not."""
    her = customer_of(connection.execute(_CUSTOMER, {"customer": customer_row}).mappings().one())
    for said in connection.execute(_SAID, {"customer": customer_row}):
        permit(her, Event(*said))
    return her


def address_today(connection: Connection, customer_row: int, channel: Channel, now: datetime) -> str | None:
    """Where a channel reaches a customer, as of everything that is stored, settled or not.

    What a replay tells of later than `now`, the business instant, has not happened yet.
    """
    email, phone = connection.execute(_ADDRESSES, {"customer": customer_row}).one()
    address: str | None = email if channel is Channel.EMAIL else phone
    for said in connection.execute(_IDENTIFIED, {"customer": customer_row, "now": now}).scalars():
        address = said.get(NAMED[channel], address)
    return address
