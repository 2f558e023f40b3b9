"""What settle looks up: the live release, every version somebody is inside of, and which journeys are paused.

`Catalog` is what callers make, once for a release, since it keeps what it has compiled: `Program` (a journey as a flat
list of `Instruction`s with jumps), `Rules` (what may move a customer out of a stage), and the journeys by trigger.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.conditions import Absent, Condition, Count, Happens, InSegment, Leaf, leaves
from engine.journey import AnyStep, Choose, Journey, Message, OnEvent, OnJourney, OnStage, Split, WaitFor
from engine.moments import Window
from engine.release import Release
from engine.words import Channel, Purpose

END = -1


@dataclass(frozen=True, slots=True)
class Instruction:
    """A step in the flat program: where it goes on (`next`), where its paths begin, where its list ends."""

    step: AnyStep
    next: int
    list_end: int
    paths: tuple[int, ...] = ()


def paths_of(step: AnyStep) -> tuple[tuple[AnyStep, ...], ...]:
    """The lists of steps inside a step, in the order in which its instruction counts them."""
    match step:
        case WaitFor():
            return (*(item.then for item in step.first), step.timeout)
        case Choose():
            return (*(branch.then for branch in step.branches), step.otherwise)
        case Split():
            return tuple(arm.then for arm in step.arms)
        case _:
            return ()


def _size(step: AnyStep) -> int:
    return 1 + sum(_size(inner) for path in paths_of(step) for inner in path)


def _place(steps: tuple[AnyStep, ...], start: int, leave: int, into: list[Instruction]) -> None:
    """Lay out a list of steps from `start`; its last step goes on at `leave`."""
    at, end = start, start + sum(_size(step) for step in steps)
    for step in steps:
        behind = at + _size(step)
        goes_on = behind if behind < end else leave
        starts, inner = [], at + 1
        for path in paths_of(step):
            starts.append(inner if path else goes_on)
            inner += sum(_size(one) for one in path)
        into.append(Instruction(step, goes_on, end, tuple(starts)))
        for path, begin in zip(paths_of(step), starts, strict=True):
            _place(path, begin, goes_on, into)
        at = behind


def is_state(condition: Condition) -> bool:
    """Can it be true without being the cause itself?"""
    return any(not isinstance(leaf, Happens) for leaf in leaves(condition))


@dataclass(frozen=True)
class Program:
    """A journey compiled to a flat list with jumps; a standing keeps a step's id, never its index."""

    journey: Journey

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """The steps, then the goal's own."""
        into: list[Instruction] = []
        _place(self.journey.steps, 0, END, into)
        if self.journey.goal is not None:
            _place(self.journey.goal.then, len(into), END, into)
        return tuple(into)

    @cached_property
    def clock(self) -> Window | None:
        """The journey's window as the clock of a wait: the customer's own zone, else the one named `otherwise`."""
        window = self.journey.window
        return replace(window, zone=None) if window is not None else None

    @cached_property
    def goal_start(self) -> int:
        """Where the goal's own steps begin."""
        return sum(_size(step) for step in self.journey.steps)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Where a step stands, by id."""
        return {one.step.id: at for at, one in enumerate(self.instructions)}

    @cached_property
    def reach(self) -> frozenset[tuple[Channel, Purpose, str]]:
        """The channels, purposes and topics of everything it may send."""
        messages = [one.step for one in self.instructions if isinstance(one.step, Message)]
        both = [*messages, *(one.fallback for one in messages if one.fallback)]
        return frozenset((one.channel, one.purpose, one.topic) for one in both)

    @cached_property
    def watched_exits(self) -> tuple[Condition, ...]:
        """The exits that can be true without their event."""
        return tuple(one for one in self.journey.exits if is_state(one))

    @cached_property
    def watched_goal(self) -> Condition | None:
        """The goal, if it can be true without its event."""
        goal = self.journey.goal
        return goal.until if goal is not None and is_state(goal.until) else None

    @cached_property
    def ended_by(self) -> frozenset[str]:
        """The events by which alone its goal or an exit comes true."""
        goal = self.journey.goal
        watched = [*self.journey.exits, *([goal.until] if goal else [])]
        return frozenset(leaf.event for one in watched for leaf in leaves(one) if isinstance(leaf, Happens))

    @property
    def watches_state(self) -> bool:
        """Can its goal or an exit turn true without an event of that name?"""
        return self.watched_goal is not None or bool(self.watched_exits)


@dataclass(frozen=True, slots=True)
class Rules:
    """The stages that may follow one, in the order of the file; the states among their rules; what those are about.

    `events` are the names of the events that a rule asks for or counts, through segments too. `facts`: it asks for
    something else besides.
    """

    stages: tuple[tuple[str, Condition], ...]
    states: tuple[Condition, ...]
    events: frozenset[str]
    facts: bool


@dataclass(frozen=True)
class Catalog:
    """The live release, all versions by digest (`find` loads one that is not at hand), and the paused journeys.

    `zones_of` gives the names of the time zones that a telephone number may be in.
    """

    release: Release
    find: Callable[[str], Journey] | None = None
    paused: frozenset[str] = frozenset()
    zones_of: Callable[[str], tuple[str, ...]] = lambda number: ()
    _programs: dict[str, Program] = field(default_factory=dict, repr=False)
    _rules: dict[str, Rules] = field(default_factory=dict, repr=False)

    def program(self, version: str) -> Program:
        """The compiled journey of a version."""
        if version not in self._programs:
            self._programs[version] = Program(self._journey(version))
        return self._programs[version]

    def _journey(self, version: str) -> Journey:
        for journey in self.release.journeys.values():
            if journey.digest == version:
                return journey
        if self.find is None:
            raise KeyError(version)
        return self.find(version)

    def rules(self, stage: str) -> Rules:
        """What may move a customer out of a stage."""
        if stage not in self._rules:
            self._rules[stage] = self._rules_of(stage)
        return self._rules[stage]

    def _rules_of(self, stage: str) -> Rules:
        found = [
            (one.name, one.enter)
            for one in self.release.lifecycle.stages
            if one.enter is not None and one.name != stage and (one.from_ is None or stage in one.from_)
        ]
        asked = [leaf for _, rule in found for leaf in self._leaves(rule)]
        events = frozenset(leaf.event for leaf in asked if isinstance(leaf, Happens | Count | Absent))
        states = tuple(rule for _, rule in found if is_state(rule))
        return Rules(
            tuple(found), states, events, any(not isinstance(leaf, Happens | Count | Absent) for leaf in asked)
        )

    def _leaves(self, condition: Condition) -> Iterator[Leaf]:
        """Every leaf, those of segments included."""
        for leaf in leaves(condition):
            segment = self.release.segments.get(leaf.name) if isinstance(leaf, InSegment) else None
            yield from (leaf,) if segment is None else self._leaves(segment)

    @cached_property
    def by_event(self) -> Mapping[str, tuple[Journey, ...]]:
        """The journeys that an event lets in, by file path."""
        return _by_name((one, one.trigger.events) for one in self._in_order if isinstance(one.trigger, OnEvent))

    @cached_property
    def by_stage(self) -> Mapping[str, tuple[Journey, ...]]:
        """The journeys that a stage lets in, by file path."""
        return _by_name((one, (one.trigger.stage,)) for one in self._in_order if isinstance(one.trigger, OnStage))

    @cached_property
    def by_journey(self) -> Mapping[str, tuple[Journey, ...]]:
        """The journeys that leaving another lets in, by file path."""
        return _by_name((one, (one.trigger.journey,)) for one in self._in_order if isinstance(one.trigger, OnJourney))

    @cached_property
    def _in_order(self) -> tuple[Journey, ...]:
        return tuple(sorted(self.release.journeys.values(), key=lambda one: one.file))


def _by_name(opened: Iterable[tuple[Journey, tuple[str, ...]]]) -> Mapping[str, tuple[Journey, ...]]:
    found: dict[str, tuple[Journey, ...]] = {}
    for journey, names in opened:
        for name in dict.fromkeys(names):
            found[name] = (*found.get(name, ()), journey)
    return found
