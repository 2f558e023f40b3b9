"""What keeps a message back for now: its window, quiet hours or a cap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine import calendar
from engine.catalog import Catalog
from engine.customer import Customer, Waiting
from engine.journey import Message, WhenCapped
from engine.moments import Window
from engine.release import Cap
from engine.timing import caps, quiet
from engine.timing.caps import Full
from engine.timing.quiet import Place, Span
from engine.words import Channel, Purpose


@dataclass(frozen=True, slots=True)
class Hold:
    """`until` is the first instant at which everything allows the message; None: it never comes.

    `by` is the cap, the quiet hours or the window that keeps it back now, in this order. `zone` names the clock.
    """

    by: Waiting
    until: datetime | None
    zone: str
    cap: Cap | None = None


def hold(customer: Customer, catalog: Catalog, message: Message, instant: datetime) -> Hold | None:
    """What keeps a message back at this instant; None when it may go. Only marketing has quiet hours and caps.

    A message that skips caps waits for its hours alone, and is held by a cap only when these are open.
    """
    rest = _quiet(customer, catalog, message.channel, message.purpose)
    spans = [*_window(customer, catalog, message.window), *rest]
    full = full_cap(customer, catalog, message, instant)
    skips = full is not None and message.when_capped is WhenCapped.SKIP
    until = quiet.common_opening(spans, full.until if full and not skips else instant)
    if full and (until == instant or not skips):
        return Hold(Waiting.CAP, until, calendar.zone_of(None, customer.zone, catalog.release.policy).key, full.cap)
    if until == instant:
        return None
    if not all(span.is_open(instant) for span in rest):
        return Hold(Waiting.QUIET_HOURS, until, _named(rest))
    return Hold(Waiting.WINDOW, until, _named(spans[:1]))


def hours_open(
    customer: Customer, catalog: Catalog, channel: Channel, purpose: Purpose, window: Window | None, instant: datetime
) -> datetime | None:
    """The first instant from this one on at which window and quiet hours are open; None: it never comes."""
    rest = _quiet(customer, catalog, channel, purpose)
    return quiet.common_opening([*_window(customer, catalog, window), *rest], instant)


def hours_shut(customer: Customer, catalog: Catalog, message: Message, instant: datetime, last: datetime) -> datetime:
    """The first instant from this one on at which window or quiet hours are shut; `last` where there is none before."""
    spans = [
        *_window(customer, catalog, message.window),
        *_quiet(customer, catalog, message.channel, message.purpose),
    ]
    return min((span.shuts(instant, last) for span in spans), default=last)


def full_cap(customer: Customer, catalog: Catalog, message: Message, instant: datetime) -> Full | None:
    """The cap that has no room for a message at this instant."""
    policy = catalog.release.policy
    if not policy.caps or message.purpose is not Purpose.MARKETING:
        return None
    zone = calendar.zone_of(None, customer.zone, policy)
    return caps.full(policy.caps, customer.reserved, message.channel, message.topic, instant, zone)


def _window(customer: Customer, catalog: Catalog, window: Window | None) -> list[Span]:
    if window is None:
        return []
    return [Span((window,), calendar.zone_of(window, customer.zone, catalog.release.policy))]


def _quiet(customer: Customer, catalog: Catalog, channel: Channel, purpose: Purpose) -> list[Span]:
    policy = catalog.release.policy
    if purpose is not Purpose.MARKETING or not (policy.quiet_hours.open or policy.quiet_hours.presets):
        return []
    number = catalog.zones_of(customer.phone) if customer.phone else ()
    return quiet.spans(policy, channel, Place(customer.zone, customer.attributes.get("country"), number))


def _named(spans: Sequence[Span]) -> str:
    return ", ".join(dict.fromkeys(span.zone.key for span in spans))
