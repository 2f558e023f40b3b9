"""What a message that did not go makes known: a fallback that is owed, an address that nobody answers at."""

from datetime import datetime

from sqlalchemy import Connection

from channels.outcomes import Rejected, RejectedKind
from engine import ids
from engine.facts import Event
from engine.words import EventKind, Withheld
from records import events, messages, outbox
from records.ledger.addresses import Hashing, Scope
from records.messages import Message
from workers.ledger.addresses import Against, suppress

FALLS_BACK = frozenset({Withheld.NO_ADDRESS, Withheld.SUPPRESSED, Withheld.NO_CONSENT, Withheld.ERASED})
DEAD = frozenset({RejectedKind.ADDRESS, RejectedKind.OPTED_OUT})


def open_fallback(connection: Connection, message: Message, now: datetime, real_now: datetime) -> int:
    """Have the step's fallback planned: a cause for the customer, and a ring for her run. Gives the ring."""
    said = {"enrollment": message.enrollment, "step": message.step, "visit": message.visit}
    event = Event(ids.refused_id(message.id), EventKind.REFUSED, "", now, now, said)
    events.ingest(connection, [(message.customer, event)], strangers=False)
    return outbox.ring(connection, message.enrollment_row, real_now)


def suppress_dead(connection: Connection, hashing: Hashing, message: Message, outcome: Rejected, now: datetime) -> None:
    """Suppress an address of which the provider says that it is none, or that its owner wants nothing.

    Not where she was erased meanwhile: her rows may be another's by now.
    """
    if outcome.kind not in DEAD or messages.owner(connection, message.id) is None:
        return
    everything = outcome.kind is RejectedKind.ADDRESS
    scope = Scope(message.channel, everything=everything)
    against = Against(message.customer_row, message.row, message.attempt, scope, outcome.kind.value, now)
    if not suppress(connection, hashing, against):
        return
    said = {"channel": message.channel.value, "topic": "", "everything": everything, "reason": outcome.kind.value}
    event = Event(ids.suppressed_id(message.id), EventKind.SUPPRESS, "", now, now, said)
    events.ingest(connection, [(message.customer, event)], strangers=False)
