"""A journey drawn as a tree of its steps."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.markup import escape
from rich.tree import Tree

from engine.catalog import paths_of
from engine.conditions import Count, Happens
from engine.journey import (
    AnyStep,
    Awaited,
    Choose,
    Emit,
    Exit,
    Journey,
    Message,
    MoveTo,
    OnApi,
    OnEvent,
    OnJourney,
    OnStage,
    Split,
    Start,
    Trigger,
    Update,
    Wait,
    WaitFor,
    WaitUntil,
)
from engine.moments import Length

_DAY_SECONDS: Final = 86_400


def step_tree(journey: Journey, inside: Mapping[str, int]) -> Tree:
    """The tree; behind each step stands how many customers wait there."""
    waiting = f"  [cyan]{inside['']} about to begin[/]" if inside.get("") else ""
    tree = Tree(f"[bold]{escape(journey.name)}[/] [dim]{escape(trigger_words(journey.trigger))}[/]{waiting}")
    _grow(tree, journey.steps, inside)
    if journey.goal is not None and journey.goal.then:
        _grow(tree.add("[dim]goal reached[/]"), journey.goal.then, inside)
    return tree


def trigger_words(trigger: Trigger) -> str:
    """What lets a customer in."""
    match trigger:
        case OnEvent(events):
            return f"on {' or '.join(events)}"
        case OnStage(stage):
            return f"on reaching {stage}"
        case OnJourney(journey, left):
            return f"on leaving {journey}" + (f" by {' or '.join(sorted(left))}" if left else "")
        case OnApi():
            return "when started by hand, by a journey or by the API"


def _grow(tree: Tree, steps: Sequence[AnyStep], inside: Mapping[str, int]) -> None:
    for step in steps:
        here = f"  [cyan]{inside[step.id]} here[/]" if inside.get(step.id) else ""
        branch = tree.add(f"{escape(_words(step))} [dim]{escape(step.id)}[/]{here}")
        for label, path in zip(_labels(step), paths_of(step), strict=True):
            if path:
                _grow(branch.add(f"[dim]{escape(label)}[/]"), path, inside)


def _words(step: AnyStep) -> str:
    match step:
        case Message():
            otherwise = f", else {_words(step.fallback)}" if step.fallback else ""
            return f"{step.channel} {step.template}{otherwise}"
        case Wait():
            return f"wait {_length(step.length)}"
        case WaitUntil():
            return "wait until a moment"
        case WaitFor():
            return f"wait up to {_length(step.up_to)} for the first of"
        case Choose():
            return "choose"
        case Split():
            return f"split {step.name}"
        case _:
            return _effect(step)


def _effect(step: Update | Emit | MoveTo | Start | Exit) -> str:
    match step:
        case Update():
            return f"update {', '.join(sorted(step.attributes))}"
        case Emit():
            return f"emit {step.event}"
        case MoveTo():
            return f"move to {step.stage}"
        case Start():
            return f"start {step.journey}"
        case Exit():
            return f"exit {step.label}"


def _labels(step: AnyStep) -> list[str]:
    match step:
        case WaitFor():
            return [*(_awaited(item) for item in step.first), "nothing came"]
        case Choose():
            return [*(f"way {number}" for number, _ in enumerate(step.branches, 1)), "otherwise"]
        case Split():
            return [f"{arm.name} {arm.share:g}%" for arm in step.arms]
        case _:
            return []


def _awaited(item: Awaited) -> str:
    return item.until.event if isinstance(item.until, Happens | Count) else "a condition"


def _length(length: Length) -> str:
    seconds = round(length.exact.total_seconds())
    days, rest = length.days + seconds // _DAY_SECONDS, seconds % _DAY_SECONDS
    parts = ((length.months, "month"), (days, "day"), (rest // 3600, "hour"), (rest % 3600 // 60, "minute"))
    return " ".join(f"{number} {unit}{'s' if number != 1 else ''}" for number, unit in parts if number)
