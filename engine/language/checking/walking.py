"""Every step and every condition of a journey, wherever it stands."""

from collections.abc import Iterator, Sequence

from engine.catalog import paths_of
from engine.conditions import Condition, Leaf, leaves
from engine.journey import AnyStep, Choose, Journey, Message, Step, WaitFor


def walk(steps: Sequence[AnyStep]) -> Iterator[AnyStep]:
    """The steps of a list and of the paths in it, in the order written; fallbacks right after their step."""
    for step in steps:
        yield step
        if isinstance(step, Message) and step.fallback:
            yield from walk((step.fallback,))
        for path in paths_of(step):
            yield from walk(path)


def all_steps(journey: Journey) -> Iterator[AnyStep]:
    """Every step of a journey, those of its goal included."""
    yield from walk(journey.steps)
    if journey.goal:
        yield from walk(journey.goal.then)


def messages(journey: Journey) -> Iterator[Message]:
    """Everything a journey may send, fallbacks included."""
    return (step for step in all_steps(journey) if isinstance(step, Message))


def conditions_at(step: Step) -> Iterator[Condition]:
    """The conditions that a step itself asks, those inside its paths apart."""
    if step.if_:
        yield step.if_
    match step:
        case WaitFor():
            yield from (item.until for item in step.first)
        case Choose():
            yield from (branch.if_ for branch in step.branches)
        case _:
            pass


def conditions_around(journey: Journey) -> Iterator[Condition]:
    """The conditions that a journey asks outside of its steps: at the entry, of its goal, of its exits."""
    if journey.if_:
        yield journey.if_
    if journey.goal:
        yield journey.goal.until
    yield from journey.exits


def all_leaves(journey: Journey) -> Iterator[Leaf]:
    """Every leaf of every condition of a journey."""
    for condition in conditions_around(journey):
        yield from leaves(condition)
    for step in all_steps(journey):
        for condition in conditions_at(step):
            yield from leaves(condition)
