"""Activities that answer from a script, so that the workflow can be watched without a database."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio import activity

from workers.moves import Delivered, EnrollmentRef, Left, MessageRef, Move

Answer = Move | Exception


def waiting(seconds: float | None = None, *messages: MessageRef, more: bool = False, seen: int = 0) -> Move:
    """Deliver these, then sleep: for some time or until a ring."""
    wake_at = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
    return Move(seen, list(messages), more, wake_at, words="Waiting until somebody rings")


def left(*messages: MessageRef, more: bool = False, seen: int = 0, reason: str = "finished") -> Move:
    """Deliver these, then it is over."""
    return Move(seen, list(messages), more, left=Left(reason), words=f"Left: {reason}")


def email(name: str) -> MessageRef:
    """A message by e-mail."""
    return MessageRef(name, "email", name)


@dataclass
class Script:
    """Answers `decide` from `answers`, the last one for ever; a callable is asked when its turn comes."""

    answers: list[Callable[[], Answer]]
    asked: int = 0
    exits: int = 0
    delivered: list[str] = field(default_factory=list)
    delivery: Delivered = field(default_factory=lambda: Delivered("accepted"))
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    @activity.defn
    async def decide(self, enrollment: EnrollmentRef) -> Move:
        """The next answer."""
        answer = self.answers[min(self.asked, len(self.answers) - 1)]()
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    @activity.defn
    async def deliver(self, message: MessageRef) -> Delivered:
        """Delivered when the gate is open."""
        await self.gate.wait()
        self.delivered.append(message.id)
        return self.delivery

    @activity.defn
    async def force_exit(self, enrollment: EnrollmentRef) -> int:
        """A forced exit, after which every answer is that it was left."""
        self.exits += 1
        self.answers = [lambda: left(reason="forced")]
        return 1
