"""Runs every check over a draft."""

from engine.language.draft import Draft


def check(draft: Draft) -> None:
    """Report everything in which the files contradict each other."""
