"""The order of causes: instant, generation, rank, and then what each kind is known by; never a surrogate id."""

from dataclasses import dataclass
from datetime import datetime

from engine.catalog import Catalog
from engine.customer import Customer, Enrollment
from engine.facts import Event

EVENT, RECHECK, WAIT = 0, 1, 2
"""Ranks at one instant and generation: an event exactly at the timeout wins."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What is due: an event, an enrollment's wait, or (None) the customer's recheck, and its instant."""

    instant: datetime
    generation: int
    what: Event | Enrollment | None


def next_cause(customer: Customer, catalog: Catalog, now: datetime) -> Cause | None:
    """The smallest cause that is due at `now`; its instant is never before the customer's last."""
    last = customer.last_instant
    found: list[tuple[tuple[object, ...], Cause]] = []
    event = customer.inbox.first()
    if event is not None and event.occurred_at <= now:
        at = _clamp(event.occurred_at, last)
        found.append(((at, event.generation, EVENT), Cause(at, event.generation, event)))
    if customer.recheck_at is not None and customer.recheck_at <= now:
        at = _clamp(customer.recheck_at, last)
        generation = customer.recheck_generation
        found.append(((at, generation, RECHECK), Cause(at, generation, None)))
    for one in customer.live():
        due_at = _due_at(one, catalog)
        if due_at is not None and due_at <= now:
            at, standing = _clamp(due_at, last), one.standing
            key = (one.entered_at, one.journey, one.key or "", standing.step, standing.visit)
            found.append(((at, standing.generation, WAIT, *key), Cause(at, standing.generation, one)))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _due_at(one: Enrollment, catalog: Catalog) -> datetime | None:
    """When time next concerns an enrollment; in a paused journey only goals and exits do."""
    return one.standing.flips_at if one.journey in catalog.paused else one.standing.due_at


def _clamp(at: datetime, last: datetime | None) -> datetime:
    return at if last is None or at > last else last
