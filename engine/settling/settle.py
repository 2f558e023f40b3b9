"""Settle: apply to one customer, in order, the causes that are due."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from engine.catalog import Catalog
from engine.customer import Customer, Enrollment
from engine.facts import Event
from engine.moments import utc
from engine.settling import entries, goals, learning, stages, waking
from engine.settling.desk import Desk
from engine.settling.order import Cause, next_cause
from engine.words import EventKind, Origin

CAUSES_PER_SETTLE = 100


def settle(customer: Customer, catalog: Catalog, now: datetime, may_go_on: Callable[[], bool] = lambda: True) -> bool:
    """Apply the causes due at `now`, at most a hundred; True when more may be due.

    Changes the customer and collects her effects. The same causes give the same decisions wherever this is called.
    `may_go_on` is asked between causes, so that a transaction stays short.
    """
    for _ in range(CAUSES_PER_SETTLE):
        cause = next_cause(customer, catalog, now)
        if cause is None:
            return False
        _apply(customer, catalog, cause)
        if not may_go_on():
            break
    return next_cause(customer, catalog, now) is not None


def _apply(customer: Customer, catalog: Catalog, cause: Cause) -> None:
    """One cause, in the order of things: fact, goals and exits, stage, waits, entries."""
    desk = _desk(customer, catalog, cause)
    customer.last_instant = cause.instant
    stages.arrive(desk)
    if isinstance(cause.what, Enrollment):
        _apply_wait(desk, cause.what)
        return
    if desk.event is not None:
        learning.learn(desk, desk.event)
    goals.end_what_is_over(desk, customer.enrollments)
    stages.move_by_cause(desk)
    waking.wake_by_cause(desk)
    if desk.event is not None and desk.event.kind is EventKind.REFUSED:
        waking.refused(desk, desk.event)
    entries.let_in(desk)
    stages.recheck(desk)


def _apply_wait(desk: Desk, one: Enrollment) -> None:
    goals.end_what_is_over(desk, [one])
    if one.lives:
        waking.wake_by_time(desk, one)


def _desk(customer: Customer, catalog: Catalog, cause: Cause) -> Desk:
    match cause.what:
        case Event() as waiting:
            event = _settled(customer, waiting)
            desk = Desk(customer, catalog, cause.instant, cause.generation, event.id, event)
            desk.acts = event.origin is not Origin.HISTORY and not entries.is_too_old(event)
            if event.origin is Origin.HISTORY:
                customer.history_until = max(customer.history_until or event.received_at, event.received_at)
            return desk
        case Enrollment() as one:
            return Desk(customer, catalog, cause.instant, cause.generation, f"wait {one.id} {one.standing.step}")
        case None:
            customer.recheck_at = None
            desk = Desk(customer, catalog, cause.instant, cause.generation, f"recheck {utc(cause.instant)}")
            desk.acts = customer.history_until is None or cause.instant >= customer.history_until
            return desk


def _settled(customer: Customer, waiting: Event) -> Event:
    """The event with its place in the order in which she was settled."""
    customer.inbox.take()
    customer.order += 1
    event = replace(waiting, order=customer.order)
    customer.effects.settled.append(event)
    return event
