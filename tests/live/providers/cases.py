"""The cases of the fault matrix: where a process fails and how, what the provider does, and what the message is for."""

from collections import Counter
from dataclasses import dataclass, fields
from itertools import combinations, product
from typing import Final

from channels.standin.faults import TWILIOS_OWN, Fault, FaultKind
from channels.standin.wire import Provider
from engine.words import Channel, MessageState, Purpose
from tests.live.providers.traps import POINTS

LONG: Final = 1.5
"""Seconds: longer than a submit may take here."""
ACTIONS: Final = ("exit", "stop")
"""kill -9, and SIGSTOP for longer than a lease."""
OUTCOMES: Final[tuple[FaultKind | None, ...]] = (None, *FaultKind)
NEVER_TAKEN: Final = frozenset({FaultKind.LOSE, FaultKind.ERROR, FaultKind.REDIRECT})
"""Nothing is taken, and nothing says so: marketing is not sent again."""
CHANNELS: Final = {Provider.SENDGRID: Channel.EMAIL, Provider.TWILIO: Channel.SMS}


@dataclass(frozen=True, slots=True)
class Case:
    """One message. `outcome` is how the provider meets its first request; None: it behaves."""

    point: str
    outcome: FaultKind | None
    purpose: Purpose
    provider: Provider
    action: str

    def __str__(self) -> str:
        return f"{self.action} at {self.point}, {self.outcome or 'accepted'}, {self.purpose}, {self.provider}"

    @property
    def values(self) -> tuple[tuple[str, object], ...]:
        """What comes together here."""
        return tuple((one.name, getattr(self, one.name)) for one in fields(self))

    @property
    def pairs(self) -> frozenset[tuple[tuple[str, object], tuple[str, object]]]:
        """Every two things that come together here."""
        return frozenset(combinations(self.values, 2))

    @property
    def journey(self) -> str:
        """The journey, and the event that lets a customer in."""
        return f"{self.purpose}_{CHANNELS[self.provider]}"

    @property
    def points(self) -> tuple[str, ...]:
        """The points that are armed: the sweep has nothing to do before somebody has failed elsewhere."""
        return ("submit.after_write", self.point) if self.point.startswith("sweep") else (self.point,)

    @property
    def is_silent(self) -> bool:
        """Whether webhooks come only when all is decided: they would prove what is else not to be known."""
        swept = self.point.startswith("sweep")
        return swept or (self.purpose is Purpose.MARKETING and not self.point.startswith("webhook"))

    @property
    def fault(self) -> Fault | None:
        """What the stand-in is ordered to do."""
        return Fault(kind=self.outcome, provider=self.provider, seconds=LONG) if self.outcome else None

    @property
    def is_possible(self) -> bool:
        """Whether the provider knows the outcome, and has ever something to tell where a webhook is to be met."""
        if self.outcome in TWILIOS_OWN and self.provider is not Provider.TWILIO:
            return False
        unheard = self.outcome in TWILIOS_OWN or (self.purpose is Purpose.MARKETING and self.outcome in NEVER_TAKEN)
        return not (self.point.startswith("webhook") and unheard)


def every() -> list[Case]:
    """The whole matrix."""
    crossed = product(POINTS, OUTCOMES, Purpose, Provider, ACTIONS)
    return [case for case in (Case(*one) for one in crossed) if case.is_possible]


def few() -> list[Case]:
    """As few as bring any two things together that ever come together: always one that brings most anew.

    Of several like that it is the one made of what has come most rarely.
    """
    whole = {case: case.pairs for case in every()}
    chosen, missing = list[Case](), frozenset[object]().union(*whole.values())
    while missing:
        came = Counter(value for case in chosen for value in case.values)
        best = max(whole, key=lambda case: (len(whole[case] & missing), -sum(came[one] for one in case.values)))
        chosen.append(best)
        missing -= whole[best]
    return chosen


JOURNEYS: Final = {
    f"{purpose}_{channel}": "\n".join(
        [
            f"enter: {{event: {purpose}_{channel}}}",
            f"purpose: {purpose}",
            *(["topic: tips"] if purpose is Purpose.MARKETING else []),
            f"steps: [{{{channel}: hello}}]",
        ]
    )
    for purpose, channel in product(Purpose, Channel)
}
FINAL: Final = frozenset(
    {MessageState.ACCEPTED, MessageState.WITHHELD, MessageState.REJECTED, MessageState.UNCERTAIN, MessageState.EXPIRED}
)
