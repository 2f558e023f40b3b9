"""The append-only log of what customers allowed and forbade, written as it is settled."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, true

from engine.customer import Customer
from engine.facts import Event
from engine.settling.learning import lifts
from engine.words import Channel, EventKind
from records.customers.encoding import Columns
from records.customers.loading import Loaded
from records.inserting import insert_new
from records.tables import consent_event, suppression


def log_permissions(connection: Connection, loaded: Loaded) -> None:
    """Write a line for every consent that this settle has learnt, and a row for every suppression."""
    settled = loaded.customer.effects.settled
    consents = [
        {"customer_id": loaded.row, "event_id": loaded.events.get(one.id), **said}
        for one in settled
        for said in _consents(one)
    ]
    if consents:
        connection.execute(insert_new(connection, consent_event), consents)
    for one in settled:
        match one.kind:
            case EventKind.SUPPRESS if lifts(one):
                _lift(connection, loaded, one)
            case EventKind.SUPPRESS:
                connection.execute(insert_new(connection, suppression), _suppression(loaded, one))
            case EventKind.IDENTIFY if one.properties.keys() & {"email", "phone"}:
                _forget_dead(connection, loaded)


def address_hash(customer: Customer, channel: Channel) -> str | None:
    """The sha256 of the address under which a channel reaches her, in small letters."""
    address = customer.address(channel)
    return None if address is None else sha256(address.strip().lower().encode()).hexdigest()


def _consents(event: Event) -> Iterator[Columns]:
    said = event.properties
    match event.kind:
        case EventKind.CONSENT:
            yield _line(event, said["channel"], said["topic"], said["state"] is True)
        case EventKind.SUPPRESS if "source" in said:
            yield _line(event, said["channel"], said.get("topic", ""), lifts(event))
        case EventKind.IDENTIFY:
            for channel, topics in said.get("consent", {}).items():
                for topic in topics:
                    yield _line(event, channel, topic, True)
        case _:
            pass


def _line(event: Event, channel: Any, topic: Any, state: bool) -> Columns:
    return {
        "channel": Channel(channel),
        "topic": str(topic),
        "state": state,
        "wording": str(event.properties.get("wording", "")),
        "source": str(event.properties.get("source", event.kind.value)),
        "at": event.occurred_at,
    }


def _lift(connection: Connection, loaded: Loaded, event: Event) -> None:
    """Forget what is lifted; the log keeps both."""
    said = event.properties
    channel, topic, raised = Channel(said["channel"]), str(said.get("topic", "")), said.get("everything") is True
    hers = (suppression.c.customer_id == loaded.row) & (suppression.c.channel == channel)
    about = suppression.c.topic == topic if topic else true()
    connection.execute(delete(suppression).where(hers, about, suppression.c.everything.is_(raised)))


def _forget_dead(connection: Connection, loaded: Loaded) -> None:
    """Forget what made an address dead that is hers no longer."""
    dead = {on for on, _, everything in loaded.customer.suppressions if everything}
    alive = [channel for channel in Channel if channel not in dead]
    hers = (suppression.c.customer_id == loaded.row) & suppression.c.everything.is_(True)
    connection.execute(delete(suppression).where(hers, suppression.c.channel.in_(alive)))


def _suppression(loaded: Loaded, event: Event) -> Columns:
    said = event.properties
    channel = Channel(said["channel"])
    return {
        "customer_id": loaded.row,
        "channel": channel,
        "topic": str(said.get("topic", "")),
        "everything": said.get("everything") is True,
        "address_hash": address_hash(loaded.customer, channel),
        "reason": str(said.get("reason", "")),
        "at": event.occurred_at,
    }
