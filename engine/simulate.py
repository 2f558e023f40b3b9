"""Live through a customer base without a database or a server: the same settle, memory instead of tables."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from engine.catalog import Catalog
from engine.customer import Customer
from engine.decisions import line
from engine.facts import Event
from engine.settling.settle import settle

TICK = timedelta(microseconds=1)


def simulate(
    customers: Iterable[tuple[Customer, Sequence[Event]]], catalog: Catalog, until: datetime
) -> Iterator[Customer]:
    """Each customer after she has lived until `until`, with all her effects; every channel accepts everything."""
    for customer, events in customers:
        live_through(customer, events, catalog, until)
        yield customer


def live_through(customer: Customer, events: Sequence[Event], catalog: Catalog, until: datetime) -> None:
    """Settle a customer's causes up to `until`, each event from the moment it was received."""
    on_time = [event for event in events if event.received_at <= event.occurred_at]
    for event in on_time:
        customer.inbox.add(event)
    late = sorted((event for event in events if event.received_at > event.occurred_at), key=_received)
    for received_at, arrived in groupby(late, key=_received):
        if received_at > until:
            break
        _settle_all(customer, catalog, received_at - TICK)
        for event in arrived:
            customer.inbox.add(event)
        _settle_all(customer, catalog, received_at)
    _settle_all(customer, catalog, until)


def log(customer: Customer) -> Iterator[str]:
    """Her decision log, a line of JSON each."""
    for decision in customer.effects.decisions:
        yield line(customer.id, decision)


def _received(event: Event) -> datetime:
    return event.received_at


def _settle_all(customer: Customer, catalog: Catalog, now: datetime) -> None:
    accepted = 0

    def accept() -> bool:
        nonlocal accepted
        by_id = {one.id: one for one in customer.enrollments} if accepted < len(customer.effects.planned) else {}
        for message in customer.effects.planned[accepted:]:
            by_id[message.enrollment].reached.setdefault(message.step, {})["sent"] = message.planned_at
        accepted = len(customer.effects.planned)
        return True

    while settle(customer, catalog, now, accept):
        pass
