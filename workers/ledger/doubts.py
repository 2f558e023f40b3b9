"""A message in doubt: what a look at the provider proves, and what is done without proof."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.protocol import Absent, LookUp, LookUps
from channels.protocol import Found as There
from engine.words import MessageState, Purpose
from records import messages, outbox
from records.messages import Found, Message
from workers.pace import Pace


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a doubt becomes, and whether that is proved or only declared."""

    found: Found
    proof: bool


def rule(
    message: Message, looked: LookUp | None, look_ups: LookUps, provider: str, now: datetime, pace: Pace
) -> Ruling | None:
    """What becomes of a message in doubt; None: it stays in doubt, and is looked at later.

    That the provider has it is proof wherever it is said. That it has not is proof only where look-ups are
    authoritative; there nothing is declared without one.
    """
    match looked:
        case There(provider_id):
            return Ruling(Found(MessageState.ACCEPTED, provider=provider, provider_id=provider_id), proof=True)
        case Absent() if look_ups is LookUps.AUTHORITATIVE:
            return Ruling(Found(MessageState.NOT_SENT, "looked_up", provider=provider), proof=True)
        case _ if look_ups is LookUps.AUTHORITATIVE:
            return None
    found = _without_proof(message, now, pace)
    return None if found is None else Ruling(found, proof=False)


def _without_proof(message: Message, now: datetime, pace: Pace) -> Found | None:
    """A transactional message is sent again, a few times; a marketing one never, and is given up in the end.

    What a provider has refused for now is no such time: only attempts in doubt count.
    """
    if message.purpose is Purpose.TRANSACTIONAL and message.doubts < pace.attempts:
        return Found(MessageState.NOT_SENT, "sent_again")
    if message.purpose is Purpose.TRANSACTIONAL or now - message.changed_at >= pace.give_up:
        return Found(MessageState.UNCERTAIN, message.reason)
    return None


def clear_up(connection: Connection, message: Message, ruling: Ruling | None, now: datetime, pace: Pace) -> bool:
    """Write it down, unless somebody knows more by now; what is to be sent again rings its run. False: nothing new."""
    if ruling is None:
        messages.look_later(connection, message, look_at(message, now, pace))
        return False
    resolved = messages.resolve(connection, message, ruling.found, now, proof=ruling.proof)
    if resolved and ruling.found.state is MessageState.NOT_SENT:
        outbox.ring(connection, message.enrollment_row, now)
    return resolved


def look_at(message: Message, now: datetime, pace: Pace) -> datetime:
    """When to look again: the longer it lasts, the more rarely, but not past the moment at which it is given up."""
    lasted: timedelta = now - message.changed_at
    given_up = message.changed_at + pace.give_up
    later = now + max(pace.doubt, lasted / 2)
    return min(later, given_up) if given_up > now else later
