"""What crosses between the workflow and its activities: ids, times and labels, never anything personal.

One value in, one out. Fields are only ever added, with a default: recorded histories must still be read.
"""

from dataclasses import dataclass, field
from datetime import datetime

QUEUE = "sojourn"


def channel_queue(queue: str, channel: str) -> str:
    """The task queue of a channel's deliveries: a provider's rate limit is set on it, on the server."""
    return f"{queue}-{channel}"


@dataclass(frozen=True, slots=True)
class EnrollmentRef:
    """The enrollment that a run carries; `attempt_seconds` is what one attempt at a delivery may take."""

    enrollment: str
    attempt_seconds: int = 30


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message to be delivered; `priority` is Temporal's, 1 first."""

    id: str
    channel: str
    step: str
    priority: int = 3


@dataclass(frozen=True, slots=True)
class Left:
    """How an enrollment ended: an ExitReason, and the label of the `exit:` step."""

    reason: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """What a run is to do next.

    `seen` is the ring that the answer knows of. `messages` wait to be delivered, `more` says that there are others.
    `wake_at` is on the real clock; None: only a ring wakes. `words` are what support staff read.
    """

    seen: int
    messages: list[MessageRef] = field(default_factory=list)
    more: bool = False
    wake_at: datetime | None = None
    left: Left | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a delivery: a MessageState, and the ring that its record raised (0: none)."""

    state: str
    ring: int = 0
