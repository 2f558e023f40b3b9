"""Short lives for tests: a project in a few lines of YAML, a customer, and what was decided about her."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.catalog import Catalog
from engine.conditions import Value
from engine.customer import Customer
from engine.decisions import Decided, Decision
from engine.facts import Event
from engine.language.project import load_release
from engine.release import Release
from engine.simulate import live_through
from engine.words import EventKind, Origin

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday, ten o'clock in Berlin."""

POLICY = """
zone: Europe/Berlin
postal_address: Acme GmbH, Hauptstr. 1, 10115 Berlin
salt: test
senders: {default: {name: Ada, email: ada@acme.example, number: "+4915112345678"}}
topics: {tips: {about: Tips}, offers: {about: Offers}}
"""

LIFECYCLE = """
start: new
stages:
  new: {about: just met}
  active: {about: does things, enter: {event: activated}, from: [new, asleep]}
  asleep: {about: has gone quiet, enter: {absent: activated, for: 30 days}, from: [active]}
"""


def a_release(journeys: Mapping[str, str], **files: str) -> Release:
    """A release of these journeys (path to YAML); `files` replace policy, lifecycle, segments, facts."""
    texts = {"journeys/policy.yaml": POLICY, "journeys/lifecycle.yaml": LIFECYCLE}
    texts |= {f"journeys/{name}.yaml": text for name, text in files.items()}
    texts |= {f"journeys/{path}.yaml": text for path, text in journeys.items()}
    texts |= TEMPLATES
    release, faults = load_release(texts)
    assert release is not None, "\n".join(str(fault) for fault in faults)
    return release


NAMES = ("one", "two", "three", "four", "five")
TEMPLATES = {
    f"templates/email/{name}/{part}": "x {{ links.unsubscribe }}"
    for name in NAMES
    for part in ("subject.txt", "body.html", "body.txt", "sample.yaml")
}
TEMPLATES |= {f"templates/sms/{name}/{part}": "x" for name in NAMES for part in ("body.txt", "sample.yaml")}


def at(days: float = 0, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    """So long after the start, in exact time."""
    return START + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def an_event(
    name: str, when: datetime = START, /, *, received_at: datetime | None = None, **properties: Value
) -> Event:
    """A tracked event; its id is made of name, time and content."""
    return Event(
        f"{name} {when.isoformat()} {sorted(properties.items())}",
        EventKind.TRACK,
        name,
        when,
        received_at or when,
        properties,
    )


def a_cause(kind: EventKind, when: datetime, /, origin: Origin = Origin.LIVE, **properties: Value) -> Event:
    """An event that is no tracked one: consent, start, exit and the like."""
    return Event(f"{kind} {when.isoformat()} {sorted(properties)}", kind, "", when, when, properties, origin)


def a_customer(**given: Any) -> Customer:
    """A customer who may be written to on everything, unless told otherwise."""
    said: dict[str, Any] = {
        "email": "ann@example.com",
        "phone": "+447700900123",
        "identified": True,
        "consents": {(channel, topic): True for channel in ("email", "sms") for topic in ("tips", "offers")},
    }
    return Customer("ann", **(said | given))


def live(
    release: Release,
    events: Iterable[Event],
    until: datetime,
    customer: Customer | None = None,
    paused: Iterable[str] = (),
) -> Customer:
    """The customer after she has lived until then."""
    her = customer or a_customer()
    live_through(her, list(events), Catalog(release, paused=frozenset(paused)), until)
    return her


def sent(customer: Customer) -> list[tuple[str, str]]:
    """When and with which template she was written to, in days and hours since the start."""
    return [(since(message.planned_at), message.template) for message in customer.effects.planned]


def since(when: datetime) -> str:
    """`3d 02:30` after the start."""
    gone = when - START
    return f"{gone.days}d {gone.seconds // 3600:02}:{gone.seconds % 3600 // 60:02}"


def decided(customer: Customer, *kinds: Decided) -> list[Decision]:
    """Her decisions of these kinds."""
    return [one for one in customer.effects.decisions if one.decided in kinds]


def left(customer: Customer) -> list[tuple[str, str]]:
    """When each enrollment was left and why."""
    return [(since(one.left_at), str(one.reason)) for one in customer.enrollments if one.left_at]


def kept_out(customer: Customer) -> list[str]:
    """Why she was not let in, each time."""
    return [str(one.detail["why"]) for one in decided(customer, Decided.NOT_ENTERED)]
