"""One customer as settle works on her: a plain object, loaded whole, changed, and saved in one go."""

import heapq
from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.conditions import Value
from engine.decisions import Decision
from engine.facts import Erased, Event, History, NobodyErased
from engine.timing.reservations import MemoryReserved
from engine.words import Channel, EventKind, ExitReason, Purpose


class Waiting(StrEnum):
    """What a standing waits for."""

    ARRIVAL = "arrival"
    TIME = "time"
    EVENT = "event"
    WINDOW = "window"
    QUIET_HOURS = "quiet_hours"
    CAP = "cap"


@dataclass(slots=True)
class Standing:
    """Where an enrollment is: the step it waits at, since when, and until when.

    `ends_at` is the wait's own end; `flips_at` the next instant at which the goal, an exit or an awaited condition can
    turn true; `generation` orders both among causes of the same instant. `shift_seconds` lengthens the wait by the time
    its journey was paused, `not_before` is when that pause ended. `past` says that the moment waited for is over.
    """

    step: str = ""
    visit: int = 1
    waiting: Waiting = Waiting.TIME
    since: datetime | None = None
    ends_at: datetime | None = None
    flips_at: datetime | None = None
    generation: int = 0
    shift_seconds: float = 0.0
    not_before: datetime | None = None
    past: bool = False

    @property
    def due_at(self) -> datetime | None:
        """When the enrollment has to be looked at: the earlier of the two."""
        return min((at for at in (self.ends_at, self.flips_at) if at is not None), default=None)


@dataclass(slots=True)
class Enrollment:
    """One customer's passage through one journey version.

    `entered_at` dates the entry (never after it was decided), `entered_order` is the order of the entering event.
    `own` are attributes that a step of this passage has set and whose cause is still to come. `used` are ids of events
    that have ended one of its waits. `parting` is set while the goal's own steps run.
    """

    id: str
    journey: str
    version: str
    key: str | None
    cause: str
    entered_at: datetime
    entered_order: int
    entry: Mapping[str, Value] = field(default_factory=dict)
    held_out: bool = False
    standing: Standing = field(default_factory=Standing)
    names: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    own: dict[str, Value] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    reached: dict[str, dict[str, datetime]] = field(default_factory=dict)
    parting: bool = False
    goal_at: datetime | None = None
    goal_value: float = 0.0
    goal_until: datetime | None = None
    left_at: datetime | None = None
    reason: ExitReason | None = None
    label: str = ""

    @property
    def lives(self) -> bool:
        """Has it not been left?"""
        return self.left_at is None


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """A message that settle has planned; `parting` ones still go when the enrollment was left by its goal."""

    id: str
    enrollment: str
    journey: str
    step: str
    visit: int
    channel: Channel
    template: str
    purpose: Purpose
    topic: str
    sender: str
    planned_at: datetime
    expires_at: datetime
    values: Mapping[str, Value]
    fallback: bool = False
    parting: bool = False


@dataclass(frozen=True, slots=True)
class StageMove:
    """One line of the append-only stage history; `by` is the rule, the journey or the import that moved her."""

    at: datetime
    from_: str
    to: str
    cause: str
    by: str


@dataclass(frozen=True, slots=True)
class Held:
    """An entry kept for a customer who is not known yet, until `until` at the latest."""

    journey: str
    event: Event
    until: datetime


class Past(Protocol):
    """What an entry asks of the enrollments that are over."""

    def last_left(self, journey: str, key: str | None) -> datetime | None:
        """When the customer last left this journey under this key; None: she was never in it."""


def order_of(event: Event) -> tuple[datetime, int, int, str]:
    """The order of events among each other: by time, by generation, as emitted, by message id."""
    return (event.occurred_at, event.generation, event.emission, event.id)


class Inbox:
    """The customer's events that are still to be settled, smallest first."""

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self._heap = [(order_of(event), event) for event in events]
        heapq.heapify(self._heap)

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, event: Event) -> None:
        """Put an event in."""
        heapq.heappush(self._heap, (order_of(event), event))

    def first(self) -> Event | None:
        """The smallest, left where it is."""
        return self._heap[0][1] if self._heap else None

    def take(self) -> Event:
        """The smallest, taken out."""
        return heapq.heappop(self._heap)[1]

    def waiting(self) -> list[Event]:
        """All of them, in no order."""
        return [event for _, event in self._heap]


class MemoryHistory:
    """A History in memory; also the layer of what one settle adds to a History in tables (`behind`)."""

    def __init__(self, behind: History | None = None) -> None:
        self._behind = behind
        self._by_name: dict[str, list[Event]] = {}

    def add(self, event: Event) -> None:
        """Remember a settled event."""
        insort(self._by_name.setdefault(event.name, []), event, key=_when)

    def events(self, name: str, since: datetime | None) -> Sequence[Event]:
        """Those called `name` that occurred after `since`, oldest first."""
        own = self._by_name.get(name, [])
        mine = own if since is None else own[bisect_right(own, since, key=_occurred) :]
        if self._behind is None:
            return mine
        theirs = self._behind.events(name, since)
        return sorted([*theirs, *mine], key=_when) if mine else theirs

    def latest(self, name: str) -> datetime | None:
        """When `name` last occurred."""
        own = self._by_name.get(name)
        found = [own[-1].occurred_at] if own else []
        behind = self._behind.latest(name) if self._behind else None
        return max([*found, behind] if behind else found, default=None)


def _when(event: Event) -> tuple[datetime, int]:
    return (event.occurred_at, event.order)


def _occurred(event: Event) -> datetime:
    return event.occurred_at


class MemoryPast:
    """A Past in memory; also the layer of what one settle adds to a Past in tables (`behind`)."""

    def __init__(self, behind: Past | None = None) -> None:
        self._behind = behind
        self._left: dict[tuple[str, str | None], datetime] = {}

    def add(self, journey: str, key: str | None, at: datetime) -> None:
        """Remember that an enrollment was left."""
        self._left[journey, key] = at

    def last_left(self, journey: str, key: str | None) -> datetime | None:
        """When the customer last left this journey under this key."""
        own = self._left.get((journey, key))
        return own or (self._behind.last_left(journey, key) if self._behind else None)


@dataclass(slots=True)
class Effects:
    """What one settle has done to a customer, to be saved in one go.

    `withdrawn` are enrollments whose planned messages are not wanted any more; `touched` those whose standing changed;
    `rung` those whose answer to the workflow changed.
    """

    settled: list[Event] = field(default_factory=list)
    emitted: list[Event] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    planned: list[PlannedMessage] = field(default_factory=list)
    moves: list[StageMove] = field(default_factory=list)
    entered: list[Enrollment] = field(default_factory=list)
    touched: dict[str, Enrollment] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)
    rung: dict[str, Enrollment] = field(default_factory=dict)


@dataclass(slots=True)
class Customer:
    """A customer: who she is, where she is in her life, what she allows, and what is due.

    `id` is the author's own. `consents` by (channel, topic); `suppressions` are (channel, topic, everything): topic ""
    is all topics, `everything` includes transactional messages. `known_since` is None until her first cause.
    `order` counts her settled events, `decided` her decisions; `dealt` are the arms of the splits she met. Causes
    before `history_until` are imported history.
    """

    id: str
    known_since: datetime | None = None
    attributes: dict[str, Value] = field(default_factory=dict)
    email: str | None = None
    phone: str | None = None
    zone: str | None = None
    identified: bool = False
    stage: str = ""
    stage_since: datetime | None = None
    last_instant: datetime | None = None
    history_until: datetime | None = None
    recheck_at: datetime | None = None
    recheck_generation: int = 0
    order: int = 0
    decided: int = 0
    consents: dict[tuple[str, str], bool] = field(default_factory=dict)
    suppressions: set[tuple[str, str, bool]] = field(default_factory=set)
    dealt: dict[str, str] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    enrollments: list[Enrollment] = field(default_factory=list)
    inbox: Inbox = field(default_factory=Inbox)
    history: MemoryHistory = field(default_factory=MemoryHistory)
    past: MemoryPast = field(default_factory=MemoryPast)
    reserved: MemoryReserved = field(default_factory=MemoryReserved)
    erased: Erased = field(default_factory=NobodyErased)
    effects: Effects = field(default_factory=Effects)

    def live(self) -> list[Enrollment]:
        """Her enrollments that are not left, oldest first."""
        return [enrollment for enrollment in self.enrollments if enrollment.left_at is None]

    def address(self, channel: Channel) -> str | None:
        """Where a channel reaches her."""
        return self.email if channel is Channel.EMAIL else self.phone


def tracked(event: Event) -> bool:
    """Is it something a condition can count?"""
    return event.kind is EventKind.TRACK
