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
    due: list[tuple[datetime, int, int, Event | Enrollment | None]] = []
    event = customer.inbox.first()
    if event is not None and event.occurred_at <= now:
        due.append((event.occurred_at, event.generation, EVENT, event))
    if customer.recheck_at is not None and customer.recheck_at <= now:
        due.append((customer.recheck_at, customer.recheck_generation, RECHECK, None))
    for one in customer.live():
        due_at = due_at_of(one, catalog)
        if due_at is not None and due_at <= now:
            due.append((due_at, one.standing.generation, WAIT, one))
    if not due:
        return None
    if (last := customer.last_instant) is not None:
        due = [(max(at, last), generation, rank, what) for at, generation, rank, what in due]
    at, generation, _, what = due[0] if len(due) == 1 else min(due, key=_place)
    return Cause(at, generation, what)


def due_at_of(one: Enrollment, catalog: Catalog) -> datetime | None:
    """When time next concerns an enrollment; in a paused journey only goals and exits do."""
    return one.standing.flips_at if one.journey in catalog.paused else one.standing.due_at


def _place(due: tuple[datetime, int, int, Event | Enrollment | None]) -> tuple[object, ...]:
    """Waits among each other go by the age of their enrollment."""
    at, generation, rank, what = due
    if not isinstance(what, Enrollment):
        return (at, generation, rank)
    standing = what.standing
    return (at, generation, rank, what.entered_at, what.journey, what.key or "", standing.step, standing.visit)
