"""A journey drawn as a tree of its steps."""

from collections.abc import Mapping, Sequence

from rich.markup import escape
from rich.tree import Tree

from engine.catalog import paths_of
from engine.journey import (
    AnyStep,
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
from sojourn.reports.phrases import condition_words, length_words, moment_words, where_words


def step_tree(journey: Journey, inside: Mapping[str, int]) -> Tree:
    """The tree; a step's id stands behind it where its words do not end in it, then how many customers wait there."""
    waiting = f"  [cyan]{inside['']} about to begin[/]" if inside.get("") else ""
    tree = Tree(f"[bold]{escape(journey.name)}[/] [dim]{escape(trigger_words(journey.trigger))}[/]{waiting}")
    _grow(tree, journey.steps, inside)
    if journey.goal is not None and journey.goal.then:
        _grow(tree.add("[dim]goal reached[/]"), journey.goal.then, inside)
    return tree


def trigger_words(trigger: Trigger) -> str:
    """What lets a customer in."""
    match trigger:
        case OnEvent(events, where):
            return f"on {' or '.join(events)}{where_words(where)}"
        case OnStage(stage):
            return f"on reaching {stage}"
        case OnJourney(journey, left):
            return f"on leaving {journey}" + (f" by {' or '.join(sorted(left))}" if left else "")
        case OnApi():
            return "when started by hand, by a journey or by the API"


def _grow(tree: Tree, steps: Sequence[AnyStep], inside: Mapping[str, int]) -> None:
    for step in steps:
        here = f"  [cyan]{inside[step.id]} here[/]" if inside.get(step.id) else ""
        only = f" [dim]if {escape(condition_words(step.if_))}[/]" if step.if_ else ""
        words = _words(step)
        known_as = "" if words.endswith(f" {step.id}") else f" [dim]({escape(step.id)})[/]"
        branch = tree.add(f"{escape(words)}{known_as}{only}{here}")
        for label, path in zip(_labels(step), paths_of(step), strict=True):
            if path:
                _grow(branch.add(f"[dim]{escape(label)}[/]"), path, inside)


def _words(step: AnyStep) -> str:
    match step:
        case Message():
            otherwise = f", else {_words(step.fallback)}" if step.fallback else ""
            return f"{step.channel} {step.template}{otherwise}"
        case Wait():
            return f"wait {length_words(step.length)}"
        case WaitUntil():
            return f"wait until {moment_words(step.moment)}"
        case WaitFor():
            return f"wait up to {length_words(step.up_to)} for the first of"
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
            return [*(condition_words(item.until) for item in step.first), "nothing came"]
        case Choose():
            return [*(f"if {condition_words(branch.if_)}" for branch in step.branches), "otherwise"]
        case Split():
            return [f"{arm.name} {arm.share:g}%" for arm in step.arms]
        case _:
            return []
