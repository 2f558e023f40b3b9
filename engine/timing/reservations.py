"""What of her caps is taken: every marketing message that is planned and was not given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.words import Channel


@dataclass(frozen=True, slots=True)
class Reservation:
    """A planned message as caps count it. `kept`: it may be with a provider, or still goes when its journey is left."""

    message: str
    enrollment: str
    at: datetime
    channel: Channel
    topic: str
    kept: bool = False


class Reserved(Protocol):
    """One customer's reservations."""

    def since(self, at: datetime) -> Sequence[Reservation]:
        """Those after `at` (exclusive), oldest first."""

    def withdraw(self, enrollment: str, instant: datetime) -> None:
        """Give back what an enrollment has planned and what cannot have been handed to a provider at this instant."""


class MemoryReserved:
    """A Reserved in memory, where providers take at once what is planned; also the layer of what one settle adds."""

    def __init__(self, behind: Reserved | None = None) -> None:
        self._behind = behind
        self._own: list[Reservation] = []

    def add(self, one: Reservation) -> None:
        """Reserve; never before what was reserved last."""
        self._own.append(one)

    def since(self, at: datetime) -> Sequence[Reservation]:
        """Those after `at`, oldest first."""
        start = len(self._own)
        while start and self._own[start - 1].at > at:
            start -= 1
        return [*(self._behind.since(at) if self._behind else ()), *self._own[start:]]

    def withdraw(self, enrollment: str, instant: datetime) -> None:
        """Give back what an enrollment has planned at this very instant."""
        wanted = (one for one in self._own if one.enrollment != enrollment or one.at < instant or one.kept)
        self._own = list(wanted)
        if self._behind:
            self._behind.withdraw(enrollment, instant)

    def give_back(self, message: str) -> None:
        """Give back what a message has reserved that did not go."""
        self._own = [one for one in self._own if one.message != message]
