"""Checks the stages for customers who would go to and fro."""

from engine.conditions import Absent, Happens, leaves
from engine.language.draft import Draft
from engine.release import Stage


def check_stages(draft: Draft) -> None:
    """Warn of two stages that lead into each other without rest."""
    stages = draft.release.lifecycle.stages
    for number, later in enumerate(stages):
        for earlier in stages[:number]:
            if _may_swing(earlier, later):
                found = f"'{earlier.name}' and '{later.name}' lead into each other and neither has a 'stay'"
                node = draft.reading.places.of(later, "from")
                draft.reading.warn(node, found, "customers may go to and fro; add 'stay: 7 days' to one of them")


def _may_swing(one: Stage, other: Stage) -> bool:
    if one.stay or other.stay or not (_goes(one, other) and _goes(other, one)):
        return False
    return not (_is_absence(one, other) or _is_absence(other, one))


def _goes(one: Stage, other: Stage) -> bool:
    """Does a rule lead from the one stage into the other?"""
    return other.enter is not None and (other.from_ is None or one.name in other.from_)


def _is_absence(one: Stage, other: Stage) -> bool:
    """Is the one's rule an event, and the other's its absence?"""
    happens = list(leaves(one.enter)) if one.enter else []
    absent = list(leaves(other.enter)) if other.enter else []
    lacking = {leaf.event for leaf in absent if isinstance(leaf, Absent)}
    return (
        len(lacking) == len(absent)
        and all(isinstance(leaf, Happens) for leaf in happens)
        and {leaf.event for leaf in happens if isinstance(leaf, Happens)} <= lacking
    )
