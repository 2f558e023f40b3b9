"""A journey as the engine holds it: frozen, complete, free of YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from engine.conditions import Condition, Value, Where
from engine.moments import Expiry, Length, Moment, Window
from engine.words import Channel, ExitReason, Purpose


@dataclass(frozen=True, slots=True)
class FactRef:
    """`{fact: entry.total}`: a value that is read when the step is taken."""

    name: str


@dataclass(frozen=True, slots=True)
class Add:
    """`{add: 1}`: a number added to an attribute; a missing one counts as 0."""

    amount: float


Given: TypeAlias = Mapping[str, Value | FactRef | Add]


class IfPast(StrEnum):
    """What to do when the moment of a `wait: {until: …}` has gone by."""

    CONTINUE = "continue"
    SKIP = "skip"
    EXIT = "exit"


class WhenCapped(StrEnum):
    """What becomes of a message that a cap has no room for: it waits, or it is not sent."""

    WAIT = "wait"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Step:
    """What every step has: its id, the line it stands on, and the condition under which it is taken."""

    id: str
    line: int = field(default=0, compare=False, kw_only=True)
    if_: Condition | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Message(Step):
    """`email:` or `sms:`; purpose, topic, sender, window, expiry, way with caps are its own, else the journey's."""

    channel: Channel
    template: str
    purpose: Purpose
    topic: str
    sender: str = "default"
    window: Window | None = None
    expires: Expiry = Expiry()
    with_: Given = field(default_factory=dict)
    fallback: "Message | None" = None
    when_capped: WhenCapped = WhenCapped.WAIT


@dataclass(frozen=True, slots=True)
class Wait(Step):
    """`wait: 3 days`."""

    length: Length


@dataclass(frozen=True, slots=True)
class WaitUntil(Step):
    """`wait: {until: …, at: …, if_past: …}`."""

    moment: Moment
    if_past: IfPast = IfPast.CONTINUE


@dataclass(frozen=True, slots=True)
class Awaited:
    """One item of `first:`: an event (with `as`) or a condition, and the path it opens."""

    until: Condition
    then: tuple["AnyStep", ...] = ()
    as_: str | None = None


@dataclass(frozen=True, slots=True)
class WaitFor(Step):
    """`wait_for`: the first of several causes, or the timeout. `since_entry` False is `since: now`."""

    up_to: Length
    first: tuple[Awaited, ...]
    timeout: tuple["AnyStep", ...] = ()
    since_entry: bool = True


@dataclass(frozen=True, slots=True)
class Branch:
    """One way of a `choose`."""

    if_: Condition
    then: tuple["AnyStep", ...]


@dataclass(frozen=True, slots=True)
class Choose(Step):
    """`choose`: the first branch that is true."""

    branches: tuple[Branch, ...]
    otherwise: tuple["AnyStep", ...] = ()


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a split; share in percent."""

    name: str
    share: float
    then: tuple["AnyStep", ...]


@dataclass(frozen=True, slots=True)
class Split(Step):
    """`split`: customers are dealt to arms by a salted hash of customer and name."""

    name: str
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Update(Step):
    """`update`: attributes set, or added to."""

    attributes: Given


@dataclass(frozen=True, slots=True)
class Emit(Step):
    """`emit`: an event of ours, a cause of the next generation."""

    event: str
    with_: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MoveTo(Step):
    """`move_to`: the customer goes to a stage."""

    stage: str


@dataclass(frozen=True, slots=True)
class Start(Step):
    """`start`: the customer is offered to another journey."""

    journey: str
    with_: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exit(Step):
    """`exit: done`: the enrollment finishes here; the word is its label."""

    label: str


AnyStep: TypeAlias = Message | Wait | WaitUntil | WaitFor | Choose | Split | Update | Emit | MoveTo | Start | Exit


@dataclass(frozen=True, slots=True)
class OnEvent:
    """`enter: {event: [...]}`; `keys` gives the property that is the key, by event name."""

    events: tuple[str, ...]
    where: Where = Where()
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnStage:
    """`enter: {stage: …, existing: enter | ignore}`."""

    stage: str
    existing: bool


@dataclass(frozen=True, slots=True)
class OnJourney:
    """`enter: {journey: …, left: [...]}`; empty means any reason."""

    journey: str
    left: frozenset[ExitReason] = frozenset()


@dataclass(frozen=True, slots=True)
class OnApi:
    """`enter: {api: true}`: by nothing but `start` and the API."""


Trigger: TypeAlias = OnEvent | OnStage | OnJourney | OnApi


class Again(StrEnum):
    """May a customer come back?"""

    NEVER = "never"
    ALWAYS = "always"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Goal:
    """`goal`: success. `value` is a property's name; `leave` False is `then: continue`."""

    until: Condition
    within: timedelta | None = None
    value: str | None = None
    leave: bool = True
    then: tuple[AnyStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Journey:
    """The plan an author writes, one version of it. `stage` is None for journeys/any; `digest` names the version."""

    name: str
    stage: str | None
    file: str
    trigger: Trigger
    steps: tuple[AnyStep, ...]
    digest: str = ""
    description: str = field(default="", compare=False)
    if_: Condition | None = None
    again: Again = Again.NEVER
    again_after: timedelta | None = None
    restart: bool = False
    goal: Goal | None = None
    exits: tuple[Condition, ...] = ()
    holdout_percent: float = 0.0
    purpose: Purpose | None = None
    topic: str | None = None
    window: Window | None = None
    expires: Expiry = Expiry()
    survives_stage: bool = False
    grace: timedelta | None = None
