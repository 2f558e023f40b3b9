"""What settle looks up: the live release, every version somebody is inside of, and which journeys are paused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.conditions import Condition, Happens, leaves
from engine.journey import AnyStep, Choose, Journey, Message, OnEvent, OnJourney, OnStage, Split, WaitFor
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
    def watches_state(self) -> bool:
        """Can its goal or an exit turn true without an event of that name?"""
        watched: list[Condition] = list(self.journey.exits)
        if self.journey.goal is not None:
            watched.append(self.journey.goal.until)
        return any(not isinstance(leaf, Happens) for one in watched for leaf in leaves(one))


@dataclass(frozen=True)
class Catalog:
    """The live release, all versions by digest (`find` loads one that is not at hand), and the paused journeys."""

    release: Release
    find: Callable[[str], Journey] | None = None
    paused: frozenset[str] = frozenset()
    _programs: dict[str, Program] = field(default_factory=dict, repr=False)

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

    @cached_property
    def by_event(self) -> Mapping[str, tuple[Journey, ...]]:
        """The journeys that an event lets in, by file path."""
        found: dict[str, tuple[Journey, ...]] = {}
        for journey in sorted(self.release.journeys.values(), key=lambda one: one.file):
            if isinstance(journey.trigger, OnEvent):
                for name in journey.trigger.events:
                    found[name] = (*found.get(name, ()), journey)
        return found

    @cached_property
    def by_stage(self) -> Mapping[str, tuple[Journey, ...]]:
        """The journeys that a stage lets in, by file path."""
        found: dict[str, tuple[Journey, ...]] = {}
        for journey in sorted(self.release.journeys.values(), key=lambda one: one.file):
            if isinstance(journey.trigger, OnStage):
                found[journey.trigger.stage] = (*found.get(journey.trigger.stage, ()), journey)
        return found

    @cached_property
    def by_journey(self) -> Mapping[str, tuple[Journey, ...]]:
        """The journeys that leaving another lets in, by file path."""
        found: dict[str, tuple[Journey, ...]] = {}
        for journey in sorted(self.release.journeys.values(), key=lambda one: one.file):
            if isinstance(journey.trigger, OnJourney):
                found[journey.trigger.journey] = (*found.get(journey.trigger.journey, ()), journey)
        return found
