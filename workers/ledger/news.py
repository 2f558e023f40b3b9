"""What became of a message, as an event of its customer: the one place that says how journeys are told."""

from datetime import datetime

from channels.inbound.heard import Told
from channels.outcomes import RejectedKind
from channels.protocol import DeliveryEvent
from engine import ids
from engine.conditions import Value
from engine.facts import Event
from engine.words import EventKind
from records.events import Arrival
from records.ledger.deliveries import Sent
from records.ledger.rates import DEAD

BY_MACHINE = "_by_machine"
GONE = "dead"
OPTED_OUT = RejectedKind.OPTED_OUT.value
ABOUT_ADDRESS = frozenset({GONE, OPTED_OUT, DeliveryEvent.COMPLAINED.value})
"""The reasons that say something of the address a message went to."""


def kind_of(told: Told) -> str:
    """What became of the message; the same twice is no news, though a person's click after a scanner's is."""
    if told.is_dead and told.kind is DeliveryEvent.BOUNCED:
        return DEAD
    return f"{told.kind}{BY_MACHINE if told.by_machine else ''}"


def delivery_news(sent: Sent, told: Told, at: datetime, now: datetime) -> Arrival:
    """The cause for which a journey may wait by `{message: ..., was: clicked}`; `at` is its business instant."""
    said: dict[str, Value] = {
        "enrollment": sent.enrollment,
        "step": sent.step,
        "message": sent.id,
        "was": told.kind.value,
        "by_machine": told.by_machine,
    }
    name = f"{sent.channel}_{told.kind}{BY_MACHINE if told.by_machine else ''}"
    return sent.customer, Event(ids.told_id(sent.id, kind_of(told)), EventKind.DELIVERY, name, at, now, said)


def opt_out_news(sent: Sent, told: Told, at: datetime, now: datetime) -> Arrival | None:
    """The suppression that it brings, if it does: of everything for a dead address, else of marketing."""
    reason = GONE if told.is_dead else OPTED_OUT if told.opted_out else told.kind.value
    match told.kind:
        case _ if told.is_dead:
            scope: dict[str, Value] = {"topic": "", "everything": True}
        case _ if told.opted_out or told.kind is DeliveryEvent.COMPLAINED:
            scope = {"topic": "", "everything": False, "source": told.provider}
        case DeliveryEvent.UNSUBSCRIBED:
            scope = {"topic": sent.topic, "everything": False, "source": told.provider}
        case _:
            return None
    said = {"channel": sent.channel.value, **scope, "reason": reason}
    return sent.customer, Event(ids.opted_out_id(sent.id, reason, told.at), EventKind.SUPPRESS, "", at, now, said)
