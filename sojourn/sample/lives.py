"""A customer's year: arriving, trying, buying, planning, falling silent, and sometimes coming back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sojourn.sample.customers import Character, Customer
from sojourn.sample.events import Event, abandoned_cart, appointment, by_day, later, order, visits, written

SOURCES: Final = ("search", "friend", "magazine", "fair")
PLANS: Final = ("Herbs by the kitchen door", "The long border", "Balcony, north", "Raised beds", "A bed for bees")
REASONS: Final = ("no time", "too much for me", "only looking")
ONBOARDING: Final = timedelta(days=21)


def live(customer: Customer, rng: Random, arrives: datetime, until: datetime) -> list[Event]:
    """What a customer does from her arrival on, oldest first, cut off at `until`."""
    events = sorted(_life(customer, rng, by_day(arrives, customer, rng)), key=_instant)
    events += _opinion(customer, rng, events)
    return [event for event in sorted(events, key=_instant) if event.at < until]


def _life(customer: Customer, rng: Random, arrives: datetime) -> Iterator[Event]:
    joins = arrives
    if rng.random() < 0.35:
        yield Event(arrives, "newsletter_subscribed", {"source": rng.choice(SOURCES)})
        if rng.random() < 0.35:
            return
        joins = by_day(later(arrives, rng, 3, 45), customer, rng)
    yield Event(joins, "signed_up", {"source": rng.choice(SOURCES)})
    match customer.character:
        case Character.ONLOOKER:
            yield from visits(customer, rng, joins, days=12, every=6)
        case Character.SHOPPER:
            yield from _shopping(customer, rng, later(joins, rng, 0.01, 9), often=35)
        case Character.PLANNER | Character.DEVOTED:
            yield from _trial(customer, rng, later(joins, rng, 0.01, 8))


def _trial(customer: Customer, rng: Random, at: datetime) -> Iterator[Event]:
    """Two weeks of trying; then a member, a free planner, or gone."""
    begins = by_day(at, customer, rng) + timedelta(hours=1)
    ends = (begins + timedelta(days=14)).date().isoformat()
    yield Event(begins, "trial_started", {"plan": "plus", "ends": ends})
    yield from _first_days(customer, rng, begins)
    if customer.character is not Character.DEVOTED and rng.random() < 0.22:
        yield Event(later(begins, rng, 4, 12), "trial_cancelled", {"reason": rng.choice(REASONS)})
        return
    if customer.character is Character.DEVOTED or rng.random() < 0.35:
        yield Event(later(begins, rng, 6, 18), "plan_upgraded", {"plan": "plus", "amount": 48})
    yield from _planning(customer, rng, begins + timedelta(days=15))


def _first_days(customer: Customer, rng: Random, begins: datetime) -> Iterator[Event]:
    yield from visits(customer, rng, begins, days=14, every=rng.choice((2, 4, 8)))
    if rng.random() < 0.55:
        yield Event(later(begins, rng, 0.02, 5), "project_created", {"name": rng.choice(PLANS)})
    if rng.random() < 0.2:
        yield from appointment(customer, rng, later(begins, rng, 0.5, 6))
    if rng.random() < 0.08:
        yield Event(later(begins, rng, 0.5, 4), "support_ticket_opened", {"subject": "The outline will not close"})


def _planning(customer: Customer, rng: Random, begins: datetime) -> Iterator[Event]:
    """Sessions until the habit is lost; the devoted have a season of planning almost daily."""
    lasts = rng.uniform(40, 260)
    yield from visits(customer, rng, begins, lasts, every=11)
    if customer.character is Character.DEVOTED:
        season = begins + timedelta(days=30)
        yield from visits(customer, rng, season, days=50, every=1.8)
        if rng.random() < 0.3:
            yield Event(later(season, rng, 30, 60), "plan_upgraded", {"plan": "pro", "amount": 108})
        if rng.random() < 0.4:
            yield from appointment(customer, rng, later(season, rng, 20, 50))
    if rng.random() < 0.45:
        yield from _shopping(customer, rng, later(begins, rng, 5, 60), often=60)
    yield from _comeback(customer, rng, begins + timedelta(days=lasts))


def _shopping(customer: Customer, rng: Random, at: datetime, often: float) -> Iterator[Event]:
    """Orders with gaps that are mostly short and sometimes very long, and the baskets that came to nothing."""
    for _ in range(1 + min(5, int(rng.expovariate(0.7)))):
        when = by_day(at, customer, rng)
        yield Event(when, "session_started")
        yield from order(rng, when + timedelta(minutes=rng.randint(3, 30)))
        if rng.random() < 0.3:
            yield from abandoned_cart(rng, by_day(later(at, rng, 3, 25), customer, rng))
        at += timedelta(days=min(200.0, rng.lognormvariate(0, 0.8) * often))
    if rng.random() < 0.25:
        yield from appointment(customer, rng, later(at, rng, 0, 20))


def _comeback(customer: Customer, rng: Random, silent_from: datetime) -> Iterator[Event]:
    """Two in five return: some after a month or two, some after a season."""
    if rng.random() < 0.4:
        silence = rng.choice(((34, 70), (95, 150)))
        yield from order(rng, by_day(later(silent_from, rng, *silence), customer, rng))


def _opinion(customer: Customer, rng: Random, events: list[Event]) -> Iterator[Event]:
    """An answer to the question that engaged members are asked, and what may follow from a good one."""
    engaged = _engaged_from(events)
    if engaged is None or "product_tips" not in customer.consent.get("email", ()) or rng.random() < 0.3:
        return
    best = 10 if customer.character is Character.DEVOTED else 9
    score = max(0, best - int(rng.expovariate(0.5)))
    answered = by_day(later(engaged, rng, 15, 20), customer, rng)
    yield Event(answered, "nps_answered", {"score": score})
    if score >= 9 and rng.random() < 0.4:
        yield Event(later(answered, rng, 4, 40), "friend_referred")


def _engaged_from(events: list[Event]) -> datetime | None:
    """The first sign of habit after onboarding, of those who plan."""
    first = next((event.at for event in events if event.name in {"trial_started", "purchased"}), None)
    if first is None or not any(event.name == "session_started" for event in events):
        return None
    habit = (event.at for event in events if event.name in {"session_started", "purchased"})
    return next((at for at in habit if at >= first + ONBOARDING), None)


def _instant(event: Event) -> tuple[str, str]:
    return written(event.at), event.name
