"""The cases of the fault matrix: where a process fails and how, what the provider does, and what the message is for."""

from dataclasses import dataclass
from itertools import product
from typing import Final

from channels.standin.faults import TWILIOS_OWN, Fault, FaultKind
from channels.standin.wire import Provider
from engine.words import Channel, MessageState, Purpose
from tests.live.providers.traps import POINTS

LONG: Final = 1.5
"""Seconds: longer than a submit may take here."""
STRIDE: Final = 27
"""From one partner to the next: it comes by every point, and by each purpose and provider in turn."""
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

    def __str__(self) -> str:
        return f"{self.point} {self.outcome or 'accepted'} {self.purpose} {self.provider}"

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
    crossed = product(POINTS, OUTCOMES, Purpose, Provider)
    return [case for case in (Case(*one) for one in crossed) if case.is_possible]


def few(turn: int) -> list[Case]:
    """Every outcome and every point once or twice, with other partners in another turn."""
    return [_with_partners(outcome, place + turn) for place, outcome in enumerate(OUTCOMES)]


def _with_partners(outcome: FaultKind | None, turn: int) -> Case:
    """The next that is possible of what an outcome may be crossed with."""
    partners = list(product(Provider, POINTS, Purpose))
    ordered = (partners[(turn * STRIDE + step) % len(partners)] for step in range(len(partners)))
    crossed = (Case(point, outcome, purpose, provider) for provider, point, purpose in ordered)
    return next(case for case in crossed if case.is_possible)


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
