"""What stands against writing to a customer, and why: read from what was said, not only from what it came to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine.customer import Customer
from engine.facts import Event
from engine.settling.learning import is_lifted, lifts
from engine.words import Channel, EventKind
from records.customers.history import EVENT
from records.tables import consent_event, event

_SAID = (
    select(*EVENT)
    .where(event.c.customer_id == bindparam("customer"), event.c.kind == bindparam("kind"))
    .order_by(
        event.c.settled_order.is_(None),
        event.c.settled_order,
        *(event.c[name] for name in ("occurred_at", "generation", "emission", "message_id")),
    )
)
"""In the order in which it was settled, then what is still to be, in the order in which it will be."""

_LOG = (
    select(*(consent_event.c[name] for name in ("at", "channel", "topic", "state", "wording", "source")))
    .where(consent_event.c.customer_id == bindparam("customer"))
    .order_by(consent_event.c.at, consent_event.c.id)
)


@dataclass(frozen=True, slots=True)
class Against:
    """One thing that stands against writing to a customer. Topic "" is all; `everything`: transactional too."""

    channel: Channel
    topic: str
    everything: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the consent log; topic "" is the whole channel, that it ended or was lifted."""

    at: datetime
    channel: Channel
    topic: str
    state: bool
    wording: str
    source: str

    @property
    def lifted(self) -> bool:
        """Does it say that a suppression was lifted? That is no yes: what she allows stays as it was."""
        return self.state and not self.topic


def against(connection: Connection, customer_row: int, her: Customer) -> list[Against]:
    """Everything that was said, has not been lifted, and still holds for `her`, who is as stored; oldest first."""
    found: list[Against] = []
    for columns in connection.execute(_SAID, {"customer": customer_row, "kind": EventKind.SUPPRESS}):
        one = Event(*columns)
        said = one.properties
        scope = (str(said["channel"]), str(said.get("topic", "")), said.get("everything") is True)
        if lifts(one):
            found = [was for was in found if not is_lifted((was.channel, was.topic, was.everything), scope)]
        else:
            reason = str(said.get("reason", ""))
            found.append(Against(Channel(scope[0]), scope[1], scope[2], reason, one.occurred_at))
    return [one for one in found if (one.channel, one.topic, one.everything) in her.suppressions]


def says_yes_since(
    connection: Connection, customer_row: int, channel: Channel, at: datetime, topic: str | None = None
) -> bool:
    """Is her last word on this topic (None: on any) of the channel a yes in words on record, after that instant?"""
    said = (Event(*one) for one in connection.execute(_SAID, {"customer": customer_row, "kind": EventKind.CONSENT}))
    last = {one.properties["topic"]: one for one in said if one.properties["channel"] == channel}
    return any(
        one.occurred_at > at and one.properties["state"] is True and bool(one.properties.get("wording"))
        for about, one in last.items()
        if topic in (None, about)
    )


def log(connection: Connection, customer_row: int) -> list[Line]:
    """Her consent log, as far as it is settled, oldest first."""
    return [Line(*row) for row in connection.execute(_LOG, {"customer": customer_row})]
