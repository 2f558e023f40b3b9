"""One customer in memory: Facts and History over plain values, for tests that say only what matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.conditions import Condition, Value
from engine.facts import MISSING, Event, Missing, Scope
from engine.words import EventKind

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=3650)


def an_event(name: str, ago: timedelta = timedelta(0), order: int = 0, **properties: Value) -> Event:
    """Something tracked, so long before NOON."""
    at = NOON - ago
    return Event(f"{name}-{order}-{at}", EventKind.TRACK, name, at, at, properties, order=order)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A history that is a list."""

    told: tuple[Event, ...] = ()

    def events(self, name: str, since: datetime | None) -> Sequence[Event]:
        found = (e for e in self.told if e.name == name and (since is None or e.occurred_at > since))
        return sorted(found, key=lambda event: event.occurred_at)

    def latest(self, name: str) -> datetime | None:
        return max((event.occurred_at for event in self.told if event.name == name), default=None)


@dataclass(frozen=True, slots=True)
class FactsInMemory:
    """Facts as given; `values` holds full paths such as `customer.plan`."""

    now: datetime = NOON
    values: Mapping[str, Value] = field(default_factory=dict)
    cause: Event | None = None
    scope: Scope | None = None
    history: Remembered = Remembered()
    known_since: datetime = LONG_AGO
    stage: str = "onboarding"
    stage_since: datetime = LONG_AGO
    segments: Mapping[str, Condition] = field(default_factory=dict)
    consented: frozenset[tuple[str, str]] = frozenset()
    messages: Mapping[tuple[str, str], datetime] = field(default_factory=dict)

    def read(self, path: str) -> Value | Missing:
        return self.values.get(path, MISSING)

    def consents(self, channel: str, topic: str | None) -> bool:
        return any(channel == on and topic in (None, about) for on, about in self.consented)

    def reached(self, step: str, was: str) -> datetime | None:
        return self.messages.get((step, was))

    def at(self, now: datetime) -> "FactsInMemory":
        """The same customer at another instant."""
        return replace(self, now=now)


def facts(*told: Event, **given: Any) -> FactsInMemory:
    """A customer at NOON, known for ten years, to whom these events have happened."""
    return FactsInMemory(history=Remembered(told), **given)
