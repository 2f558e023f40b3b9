"""Stories to be lived through: journeys, customers and what happens to them, and the log that must come of it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from channels.numbers import zones_of
from engine.catalog import Catalog
from engine.conditions import Value
from engine.customer import Customer
from engine.facts import Event
from engine.language.project import load_release
from engine.release import Release
from engine.simulate import log, simulate
from engine.words import EventKind, Origin
from tests.workers.whole import email_to, texts

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)

COURSE = """
enter: {event: signed_up}
purpose: marketing
topic: tips
goal: {event: purchased}
steps:
  - email: hello
  - wait: 2 days
  - choose:
      - if: {attribute: plan, is: pro}
        then:
          - sms: later
      - otherwise:
          - email: later
            id: later_by_mail
  - wait_for:
      up_to: 5 days
      first:
        - event: came_back
          then:
            - email: last
      timeout: []
"""
RECEIPT = """
enter: {event: purchased}
again: always
purpose: transactional
steps:
  - email: hello
  - wait: 1 day
  - sms: last
"""
HAPPENINGS = (
    ("ada", "signed_up", 0.1), ("bob", "signed_up", 0.2), ("cyd", "signed_up", 1.3), ("dan", "purchased", 1.4),
    ("ada", "came_back", 4.5), ("bob", "purchased", 5.0), ("dan", "purchased", 5.2), ("cyd", "came_back", 6.0),
)  # fmt: skip


@dataclass(frozen=True)
class Story:
    """A project's files, and customers with their events, all of it known before the clock starts."""

    files: Mapping[str, str]
    customers: Sequence[Customer]
    events: Sequence[tuple[str, Event]]
    until: datetime

    @cached_property
    def release(self) -> Release:
        """The project, loaded."""
        made, faults = load_release(self.files)
        assert made is not None, "\n".join(map(str, faults))
        return made

    def apart(self, mark: str) -> "Story":
        """The same story of others: enrollments are named for their customers, on one Temporal server as well."""
        customers = [replace(one, id=f"{one.id}.{mark}") for one in self.fresh()]
        events = [(f"{name}.{mark}", replace(event, id=f"{event.id} {mark}")) for name, event in self.events]
        return replace(self, customers=customers, events=events)

    def simulated(self) -> list[str]:
        """The decision log of these lives when nothing disturbs them."""
        catalog, told = Catalog(self.release, zones_of=zones_of), defaultdict[str, list[Event]](list)
        for name, event in self.events:
            told[name].append(event)
        lives = [(one, told[one.id]) for one in sorted(self.fresh(), key=_id)]
        return [line for one in simulate(lives, catalog, self.until) for line in log(one)]

    def fresh(self) -> list[Customer]:
        """The customers before anything has happened to them."""
        return deepcopy(list(self.customers))

    def told(self, lines: Iterable[str]) -> list[str]:
        """What of a log was decided until the end of the story."""
        return [line for line in lines if datetime.fromisoformat(json.loads(line)["at"]) <= self.until]


def a_customer(name: str, **attributes: Value) -> Customer:
    """Somebody who allows e-mail and SMS about tips."""
    said = {"first_name": f"Firstname-{name}", **attributes}
    consents = {("email", "tips"): True, ("sms", "tips"): True}
    return Customer(
        name, identified=True, email=email_to(name), phone="+4915112345678", attributes=said, consents=consents
    )


def an_event(customer: str, name: str, days: float, **properties: Value) -> tuple[str, Event]:
    """Something that happens so many days after MONDAY, known before it does."""
    at = MONDAY + timedelta(days=days)
    return customer, Event(f"{customer} {name} {days}", EventKind.TRACK, name, at, at, properties, Origin.REPLAY)


def a_fortnight() -> Story:
    """Four customers, two journeys, every kind of wait, both channels and both purposes."""
    plans = {"ada": "pro", "bob": "free", "cyd": "free", "dan": "pro"}
    return Story(
        texts(course=COURSE, receipt=RECEIPT),
        [a_customer(name, plan=plan) for name, plan in plans.items()],
        [an_event(*one) for one in HAPPENINGS],
        MONDAY + timedelta(days=14),
    )


def _id(one: Customer) -> str:
    return one.id
