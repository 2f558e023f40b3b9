"""Live through a customer base without a database or a server: the same settle, memory instead of tables."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from engine.catalog import Catalog
from engine.customer import Customer
from engine.decisions import line
from engine.facts import Event
from engine.settling.settle import settle

TICK = timedelta(microseconds=1)


@dataclass(slots=True)
class Deliveries:
    """What becomes of a customer's planned messages: every one is accepted at once."""

    customer: Customer
    accepted: set[str] = field(default_factory=set)

    def accept(self) -> bool:
        """Take in what was planned since it was last asked: that stands last."""
        for message in reversed(self.customer.effects.planned):
            if message.id in self.accepted:
                break
            self.accepted.add(message.id)
            one = next(one for one in reversed(self.customer.enrollments) if one.id == message.enrollment)
            one.reached.setdefault(message.step, {})["sent"] = message.planned_at
        return True


def simulate(
    customers: Iterable[tuple[Customer, Sequence[Event]]], catalog: Catalog, until: datetime
) -> Iterator[Customer]:
    """Each customer after she has lived until `until`, with all her effects; every channel accepts everything."""
    for customer, events in customers:
        live_through(customer, events, catalog, until)
        yield customer


def live_through(customer: Customer, events: Sequence[Event], catalog: Catalog, until: datetime) -> None:
    """Settle a customer's causes up to `until`, each event from the moment it was received.

    Of events with the same id the first to arrive counts, once.
    """
    arriving, deliveries = _once(events), Deliveries(customer)
    for event in arriving:
        if event.received_at <= event.occurred_at:
            customer.inbox.add(event)
    late = (event for event in arriving if event.received_at > event.occurred_at)
    for received_at, arrived in groupby(late, key=_received):
        if received_at > until:
            break
        _settle_all(customer, catalog, received_at - TICK, deliveries)
        for event in arrived:
            customer.inbox.add(event)
        _settle_all(customer, catalog, received_at, deliveries)
    _settle_all(customer, catalog, until, deliveries)


def _once(events: Sequence[Event]) -> list[Event]:
    """The events in the order of their arrival, each id once."""
    first: dict[str, Event] = {}
    for event in sorted(events, key=_received):
        first.setdefault(event.id, event)
    return list(first.values())


def log(customer: Customer) -> Iterator[str]:
    """Her decision log, a line of JSON each."""
    for decision in customer.effects.decisions:
        yield line(customer.id, decision)


def _received(event: Event) -> datetime:
    return event.received_at


def _settle_all(customer: Customer, catalog: Catalog, now: datetime, deliveries: Deliveries) -> None:
    while settle(customer, catalog, now, deliveries.accept):
        pass
