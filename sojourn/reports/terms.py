"""On what terms customers pass through a journey: who enters, what ends it, what its messages need."""

from collections.abc import Iterator

from engine.journey import Again, Goal, Journey
from engine.moments import Window
from sojourn.reports.phrases import WEEKDAYS, condition_words, duration_words


def terms(journey: Journey) -> Iterator[str]:
    """A line for each term that the journey has, with its key in the language before it."""
    if journey.if_ is not None:
        yield f"if       {condition_words(journey.if_)}"
    if again := _again(journey):
        yield f"again    {again}"
    if journey.goal is not None:
        yield f"goal     {_goal(journey.goal)}"
    for one in journey.exits:
        yield f"exit     {condition_words(one)}"
    if journey.holdout_percent:
        yield f"holdout  {journey.holdout_percent:g}%"
    if journey.purpose is not None:
        yield f"purpose  {journey.purpose}" + (f", topic {journey.topic}" if journey.topic else "")
    if journey.window is not None:
        yield f"window   {_window(journey.window)}"


def _again(journey: Journey) -> str:
    match journey.again:
        case Again.NEVER:
            return "never"
        case Again.AFTER if journey.again_after is not None:
            return f"after {duration_words(journey.again_after)}"
        case _:
            return str(journey.again.value)


def _goal(goal: Goal) -> str:
    return condition_words(goal.until) + (f" within {duration_words(goal.within)}" if goal.within else "")


def _window(window: Window) -> str:
    hours = f"from {window.from_:%H:%M} to {window.to:%H:%M}, zone {window.zone or 'customer'}"
    if len(window.days) == len(WEEKDAYS):
        return hours
    return f"{hours}, {', '.join(WEEKDAYS[day] for day in sorted(window.days))}"
