"""Checks the ways through a journey: steps that nobody reaches, waits that never end as they say."""

from collections.abc import Sequence

from engine.catalog import paths_of
from engine.conditions import Happens, leaves
from engine.journey import AnyStep, Choose, Exit, Goal, Journey, Split, Wait, WaitFor, WaitUntil
from engine.language.checking.walking import all_steps, walk
from engine.language.draft import Draft


def check_paths(draft: Draft) -> None:
    """Report unreachable steps, waits in a goal's own steps, and waits for what ends the journey."""
    for journey in draft.release.journeys.values():
        _unreachable(draft, journey.steps)
        if journey.goal:
            _unreachable(draft, journey.goal.then)
            _without_waits(draft, journey.goal)
            _waits_for_goal(draft, journey, journey.goal)
        _waits_for_exit(draft, journey)


def _unreachable(draft: Draft, steps: Sequence[AnyStep]) -> None:
    for number, step in enumerate(steps):
        for path in paths_of(step):
            _unreachable(draft, path)
        if number and _ends(steps[number - 1]):
            draft.reading.fault(
                draft.reading.places.of(step), "nobody reaches this step", "every way before it has ended with 'exit'"
            )
            return


def _ends(step: AnyStep) -> bool:
    """Does every way through this step leave the journey?"""
    if step.if_ is not None:
        return False
    match step:
        case Exit():
            return True
        case WaitFor() | Split():
            paths = paths_of(step)
        case Choose(otherwise=otherwise) if otherwise:
            paths = paths_of(step)
        case _:
            return False
    return bool(paths) and all(any(_ends(inner) for inner in path) for path in paths)


def _without_waits(draft: Draft, goal: Goal) -> None:
    for step in walk(goal.then):
        if isinstance(step, Wait | WaitUntil | WaitFor):
            draft.reading.fault(
                draft.reading.places.of(step),
                "a wait in the steps of a goal",
                "the journey ends with them, at once; remove it",
            )


def _waits_for_goal(draft: Draft, journey: Journey, goal: Goal) -> None:
    """A goal that leaves ends the journey before a wait for the same event could pass."""
    if not goal.leave:
        return
    ends = [leaf for leaf in leaves(goal.until) if isinstance(leaf, Happens)]
    for awaited in _awaited(journey):
        if any(awaited.event == end.event and end.where in (awaited.where, type(end.where)()) for end in ends):
            node = draft.reading.places.of(awaited, "event")
            found = f"a wait for '{awaited.event}', which is the goal and ends the journey"
            draft.reading.fault(node, found, "wait for something else, or say 'then: continue' in the goal")


def _waits_for_exit(draft: Draft, journey: Journey) -> None:
    ends = [leaf for leaf in journey.exits if isinstance(leaf, Happens)]
    for awaited in _awaited(journey):
        if any(awaited.event == end.event and end.where in (awaited.where, type(end.where)()) for end in ends):
            node = draft.reading.places.of(awaited, "event")
            draft.reading.warn(
                node, f"a wait for '{awaited.event}', which is an exit and ends the journey", "it never passes"
            )


def _awaited(journey: Journey) -> list[Happens]:
    items = (item for step in all_steps(journey) if isinstance(step, WaitFor) for item in step.first)
    return [leaf for item in items for leaf in leaves(item.until) if isinstance(leaf, Happens)]
