"""Facts as conditions and steps see them, over protocols that memory and tables serve alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from engine.conditions import Condition, Value
from engine.words import Channel, EventKind, Origin


class Missing:
    """What reading a fact gives where there is none; distinct from every value."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a customer.

    `id` is its message id, unique for ever. `occurred_at` is never after `received_at`, except in a replay.
    `generation` and `emission` order what effects emit; `order` is the place in which it was settled, 0 before.
    """

    id: str
    kind: EventKind
    name: str
    occurred_at: datetime
    received_at: datetime
    properties: Mapping[str, Value] = field(default_factory=dict)
    origin: Origin = Origin.LIVE
    generation: int = 0
    emission: int = 0
    order: int = 0


class History(Protocol):
    """The tracked events of one customer that have been settled, the current cause included."""

    def events(self, name: str, since: datetime | None) -> Sequence[Event]:
        """Those called `name` that occurred after `since` (exclusive; None: all), oldest first by occurred_at."""

    def latest(self, name: str) -> datetime | None:
        """When `name` last occurred."""


class Erased(Protocol):
    """Knows the addresses of customers who were erased, and not whose they were."""

    def holds(self, channel: Channel, address: str) -> bool:
        """Did it belong to somebody who was erased? Nothing is written there."""


@dataclass(frozen=True, slots=True)
class NobodyErased:
    """An Erased without anybody."""

    def holds(self, channel: Channel, address: str) -> bool:
        """No."""
        return False


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an enrollment a condition needs: its entry and its key.

    "After entry" means settled after the entering cause and not dated before it. `keys` maps an event's name to the
    property that carries the key; the name "" stands for every other event.
    """

    entered_at: datetime
    entered_order: int
    key: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)


class Facts(Protocol):
    """One customer as of one instant, seen from one enrollment (or from none: `scope` is None)."""

    @property
    def now(self) -> datetime: ...
    @property
    def cause(self) -> Event | None:
        """The event that is being settled; None when time is the cause."""

    @property
    def scope(self) -> Scope | None: ...
    @property
    def history(self) -> History: ...
    @property
    def known_since(self) -> datetime: ...
    @property
    def stage(self) -> str: ...
    @property
    def stage_since(self) -> datetime: ...
    @property
    def segments(self) -> Mapping[str, Condition]: ...

    def read(self, path: str) -> Value | Missing:
        """The value behind `customer.plan`, `entry.total`, `demo.starts_at`; nested maps by further dots."""

    def consents(self, channel: str, topic: str | None) -> bool:
        """Does the customer allow this, and is no suppression in the way? `topic` None: any topic."""

    def reached(self, step: str, was: str) -> datetime | None:
        """When the message of this enrollment's step reached the state `was`; None if it has not."""
