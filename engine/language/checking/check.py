"""Runs every check over a draft."""

from engine.language.checking.circles import check_circles
from engine.language.checking.events import check_events
from engine.language.checking.facts import check_facts
from engine.language.checking.paths import check_paths
from engine.language.checking.references import check_references
from engine.language.checking.sending import check_sending
from engine.language.checking.stages import check_stages
from engine.language.draft import Draft

CHECKS = (check_references, check_facts, check_events, check_sending, check_paths, check_circles, check_stages)


def check(draft: Draft) -> None:
    """Report everything in which the files contradict each other."""
    for one in CHECKS:
        one(draft)
