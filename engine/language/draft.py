"""A project that has been read and not yet checked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.journey import Journey
from engine.language.reading import Reading
from engine.language.source import Node
from engine.release import Release

LIFECYCLE, SEGMENTS, POLICY, FACTS = (f"journeys/{name}.yaml" for name in ("lifecycle", "segments", "policy", "facts"))


@dataclass(frozen=True, slots=True)
class Draft:
    """What the files say, where they say it, and which of them nobody could read.

    `template_names` gives the names that each template needs, by `email/welcome`, and `adapters` those who can carry
    each channel; None where nobody has looked.
    """

    release: Release
    reading: Reading
    trees: Mapping[str, Node]
    unread: frozenset[str]
    template_names: Mapping[str, frozenset[str]] | None = None
    adapters: Mapping[str, Collection[str]] | None = None

    def is_read(self, file: str) -> bool:
        """May others be held to this file? Not where it could not be read."""
        return file not in self.unread

    def node(self, journey: Journey, *keys: str) -> Node:
        """Where a journey says something."""
        return self.reading.places.of(journey, *keys)
