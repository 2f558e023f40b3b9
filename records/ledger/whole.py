"""A message's row with everything that surrounds it, as one question."""

from typing import Any

from sqlalchemy import Select, func, select

from engine.words import MessageState
from records.tables import channel, customer, enrollment, journey, message, message_attempt

_OWN = (
    "public_id id", "step", "visit", "channel", "template", "purpose", "topic", "sender", "planned_at", "expires_at",
    "planned_real_at", "facts", "fallback", "parting", "state", "reason", "attempt", "epoch", "changed_at",
    "not_before", "lease_until", "possible_duplicate", "provider",
)  # fmt: skip


_DOUBTS = (
    select(func.count())
    .where(message_attempt.c.message_id == message.c.id, message_attempt.c.state == MessageState.UNKNOWN)
    .scalar_subquery()
)


def whole() -> Select[Any]:
    """A message with its enrollment, customer, journey and channel, named as Message's fields."""
    own = [message.c[name.split()[0]].label(name.split()[-1]) for name in _OWN]
    around = [
        message.c.id.label("row"),
        _DOUBTS.label("doubts"),
        enrollment.c.public_id.label("enrollment"),
        enrollment.c.id.label("enrollment_row"),
        enrollment.c.reason.label("left"),
        customer.c.external_id.label("customer"),
        customer.c.id.label("customer_row"),
        journey.c.name.label("journey"),
        journey.c.paused_at.is_not(None).label("journey_paused"),
        channel.c.paused_at.is_not(None).label("channel_paused"),
    ]
    joined = message.join(enrollment, enrollment.c.id == message.c.enrollment_id)
    joined = joined.join(customer, customer.c.id == message.c.customer_id)
    joined = joined.join(journey, journey.c.id == enrollment.c.journey_id)
    return select(*around, *own).select_from(joined.outerjoin(channel, channel.c.name == message.c.channel))
