"""What invented customers do, and when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sojourn.sample.customers import Customer


@dataclass(frozen=True, slots=True)
class Event:
    """Something a customer did, at an instant in UTC."""

    at: datetime
    name: str
    properties: Mapping[str, object] = field(default_factory=dict)


def later(at: datetime, rng: Random, least: float, most: float) -> datetime:
    """An instant some days on, whole seconds."""
    return at + timedelta(seconds=round(rng.uniform(least, most) * 86_400))


def by_day(at: datetime, customer: Customer, rng: Random) -> datetime:
    """An hour in which people are awake where the customer lives, never before `at` and within a day of it."""
    zone = ZoneInfo(customer.home)
    awake = time(rng.randint(7, 21), rng.randrange(60), rng.randrange(60))
    today = datetime.combine(at.astimezone(zone).date(), awake, zone)
    return (today if today >= at else today + timedelta(days=1)).astimezone(UTC)


def visits(customer: Customer, rng: Random, begin: datetime, days: float, every: float) -> Iterator[Event]:
    """Sessions over so many days, about `every` so many days one."""
    at = begin
    while (at := later(at, rng, every * 0.4, every * 1.6)) < begin + timedelta(days=days):
        yield Event(by_day(at, customer, rng), "session_started")


def order(rng: Random, at: datetime) -> Iterator[Event]:
    """A basket is filled, ordered and paid for within the hour."""
    basket = _basket(rng)
    yield Event(at, "cart_updated", basket)
    placed = at + timedelta(seconds=rng.randint(240, 3_000))
    yield Event(placed, "order_placed", {"order_id": f"J-{rng.randrange(10_000, 1_000_000):06d}", **basket})
    paid = {"amount": basket["total"], "items": basket["pieces"]}
    yield Event(placed + timedelta(seconds=rng.randint(20, 120)), "purchased", paid)


def abandoned_cart(rng: Random, at: datetime) -> Iterator[Event]:
    """A basket is filled, perhaps changed, perhaps emptied, and never ordered."""
    basket = _basket(rng)
    yield Event(at, "cart_updated", basket)
    if rng.random() < 0.2:
        at += timedelta(minutes=rng.randint(10, 180))
        yield Event(at, "cart_updated", {**basket, "pieces": 1, "total": round(rng.uniform(6, 30), 2)})
    if rng.random() < 0.15:
        yield Event(at + timedelta(minutes=rng.randint(5, 200)), "cart_emptied", {"cart_id": basket["cart_id"]})


def appointment(customer: Customer, rng: Random, at: datetime) -> Iterator[Event]:
    """A talk with an advisor is booked, sometimes moved, sometimes called off."""
    booking = {"appointment_id": f"a-{rng.getrandbits(32):08x}", "advisor": rng.choice(("Ines", "Tom", "Priya"))}
    first = _office_hour(later(at, rng, 2, 10), customer, rng)
    yield Event(at, "appointment_booked", {**booking, **first})
    if rng.random() < 0.2:
        at = later(at, rng, 0.2, 1.2)
        yield Event(at, "appointment_moved", {**booking, **_office_hour(later(at, rng, 4, 12), customer, rng)})
    elif rng.random() < 0.15:
        yield Event(later(at, rng, 0.3, 1.5), "appointment_cancelled", {"appointment_id": booking["appointment_id"]})


def _basket(rng: Random) -> dict[str, object]:
    pieces = rng.choices((1, 2, 3, 4, 6, 9), weights=(30, 28, 18, 12, 8, 4))[0]
    total = round(sum(rng.uniform(4, 32) for _ in range(pieces)), 2)
    return {"cart_id": f"b-{rng.getrandbits(32):08x}", "pieces": pieces, "total": total}


def _office_hour(day: datetime, customer: Customer, rng: Random) -> dict[str, object]:
    zone = ZoneInfo(customer.home)
    starts = datetime.combine(day.astimezone(zone).date(), time(rng.randint(10, 16)), zone)
    spoken = f"{starts:%a} {starts.day} {starts:%B} at {starts:%H:%M}"
    return {"starts_at": written(starts), "when": spoken}


def written(at: datetime) -> str:
    """An instant as the import reads it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
