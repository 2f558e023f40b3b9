"""Checks for journeys that start each other for ever at one and the same instant."""

from collections.abc import Iterator, Mapping, Sequence

from engine.catalog import paths_of
from engine.conditions import Count, Fact, Happens, InSegment, Leaf, leaves
from engine.journey import (
    Again,
    AnyStep,
    Emit,
    Exit,
    Journey,
    MoveTo,
    OnEvent,
    OnJourney,
    OnStage,
    Start,
    Update,
    Wait,
    WaitFor,
    WaitUntil,
)
from engine.language.draft import Draft
from engine.language.source import Node
from engine.words import ExitReason

Edges = Mapping[str, Mapping[str, Node]]


def check_circles(draft: Draft) -> None:
    """Report each circle once, at the step of its first journey that keeps it going."""
    edges: Edges = {name: dict(_starts(draft, journey)) for name, journey in draft.release.journeys.items()}
    reported: set[frozenset[str]] = set()
    for name in edges:
        circle = _circle(edges, name)
        if circle and frozenset(circle) not in reported:
            reported.add(frozenset(circle))
            way = " -> ".join((*circle, name))
            expected = "put a wait into it, or say 'again: after 1 day' in one of them"
            draft.reading.fault(
                edges[name][circle[1] if len(circle) > 1 else name], f"a circle without a wait: {way}", expected
            )


def _circle(edges: Edges, start: str) -> tuple[str, ...]:
    """The shortest way from a journey back to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:
        for target in edges.get(way[-1], {}):
            if target == start:
                return way
            if target not in seen:
                seen.add(target)
                ways.append((*way, target))
    return ()


def _starts(draft: Draft, journey: Journey) -> Iterator[tuple[str, Node]]:
    """The journeys that may begin at the very instant at which this one does, and the place that makes them."""
    steps, ends = _at_once(journey.steps)
    causes: list[tuple[AnyStep | None, Node]] = [(step, draft.reading.places.of(step)) for step in steps]
    if ends:
        causes.append((None, draft.node(journey)))
    for target in draft.release.journeys.values():
        for step, node in causes:
            if target.again is Again.ALWAYS and _lets_in(draft, target, journey, step):
                yield target.name, node


def _at_once(steps: Sequence[AnyStep]) -> tuple[list[AnyStep], bool]:
    """The steps that are reached without a wait, and whether the end of the list is."""
    found: list[AnyStep] = []
    for step in steps:
        if isinstance(step, Wait | WaitUntil | WaitFor):
            return found, False
        found.append(step)
        ways = [_at_once(path) for path in paths_of(step)]
        found += [inner for way, _ in ways for inner in way]
        if isinstance(step, Exit):
            return found, True
        if ways and step.if_ is None and not any(ends for _, ends in ways):
            return found, False
    return found, True


def _lets_in(draft: Draft, target: Journey, journey: Journey, step: AnyStep | None) -> bool:
    """Does this step of `journey` (None: its end) let customers into `target`?"""
    match step, target.trigger:
        case None, OnJourney(other, left):
            return other == journey.name and (not left or ExitReason.FINISHED in left)
        case Start(journey=name), _:
            return name == target.name
        case Emit(event=event), OnEvent(events):
            return event in events
        case MoveTo(stage=moved), OnStage(stage):
            return moved == stage
        case Emit(event=event), OnStage(stage):
            asked = _asked(draft, journey, stage)
            return any(isinstance(leaf, Happens | Count) and leaf.event == event for leaf in asked)
        case Update(attributes=attributes), OnStage(stage) if target is not journey:
            names = {f"customer.{name}" for name in attributes}
            return any(isinstance(leaf, Fact) and leaf.name in names for leaf in _asked(draft, journey, stage))
        case _:
            return False


def _asked(draft: Draft, journey: Journey, stage: str) -> list[Leaf]:
    """What the rule that leads from the journey's stage into another asks for, through segments too."""
    found, segments = draft.release.stages.get(stage), draft.release.segments
    if found is None or found.enter is None or (found.from_ and journey.stage and journey.stage not in found.from_):
        return []
    asked = list(leaves(found.enter))
    met = [segments[leaf.name] for leaf in asked if isinstance(leaf, InSegment) and leaf.name in segments]
    return [*asked, *(leaf for segment in met for leaf in leaves(segment))]
