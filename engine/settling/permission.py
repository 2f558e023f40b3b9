"""May a message reach a customer? Asked when it is planned, and again in the claim."""

from engine.catalog import Program
from engine.customer import Customer
from engine.journey import Message
from engine.words import Channel, Purpose, Withheld


def refusal(customer: Customer, channel: Channel, purpose: Purpose, topic: str) -> Withheld | None:
    """Why a message must not go to her; None when it may.

    Consent that nobody has stated is no consent. Suppression beats consent; one of everything stops transactional
    messages too (a hard bounce), any other only marketing. The address of somebody who was erased is never written to.
    """
    address = customer.address(channel)
    if not address:
        return Withheld.NO_ADDRESS
    if customer.erased.holds(channel, address):
        return Withheld.ERASED
    if _suppressed(customer, channel, topic, marketing=purpose is Purpose.MARKETING):
        return Withheld.SUPPRESSED
    if purpose is Purpose.MARKETING and not customer.consents.get((channel, topic), False):
        return Withheld.NO_CONSENT
    return None


def allows(customer: Customer, channel: str, topic: str | None) -> bool:
    """Does she allow marketing on this channel and topic (any topic when None)?"""
    stated = [(on, about) for (on, about), yes in customer.consents.items() if yes and on == channel]
    asked = [about for _, about in stated if topic is None or about == topic]
    return any(not _suppressed(customer, channel, about, marketing=True) for about in asked)


def reachable(customer: Customer, program: Program) -> bool:
    """Can at least one of the journey's messages reach her? True where it has none."""
    return not program.reach or any(refusal(customer, *one) is None for one in program.reach)


def choose(customer: Customer, message: Message) -> tuple[Message | None, Withheld | None]:
    """The message itself or the fallback that may reach her, and what stands in the way of the first."""
    why = refusal(customer, message.channel, message.purpose, message.topic)
    if why is None:
        return message, None
    if message.fallback is None:
        return None, why
    return choose(customer, message.fallback)[0], why


def _suppressed(customer: Customer, channel: str, topic: str, *, marketing: bool) -> bool:
    return any(
        on == channel and about in ("", topic) and (marketing or everything)
        for on, about, everything in customer.suppressions
    )
