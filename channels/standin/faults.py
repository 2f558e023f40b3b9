"""Faults on command: a queue of them, each for the next requests that it concerns, or by chance."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from channels.standin.wire import Provider


class FaultKind(StrEnum):
    """How the stand-in misbehaves. On a look-up nothing is taken, and the rest is the same."""

    ACCEPT_AND_LOSE = "accept_and_lose"  # taken; the line is closed without an answer
    ACCEPT_THEN_ERROR = "accept_then_error"  # taken; `status` is answered
    ACCEPT_LATE = "accept_late"  # the line is closed at once; taken `seconds` later
    ACCEPT_SLOWLY = "accept_slowly"  # taken; answered `seconds` later
    SLOW_BODY = "slow_body"  # taken; the answer's head comes at once, its body `seconds` later
    GARBLE = "garble"  # taken; answered 200 with a page that is no answer
    LOSE = "lose"  # not taken; the line is closed without an answer
    ERROR = "error"  # not taken; `status` is answered
    THROTTLE = "throttle"  # not taken; 429 with Retry-After
    DENY = "deny"  # not taken; 401 as if the key were wrong
    REDIRECT = "redirect"  # not taken; 302 to a page that answers 200
    OPTED_OUT = "opted_out"  # not taken; Twilio's 21610
    BAD_NUMBER = "bad_number"  # not taken; Twilio's 21211


TWILIOS_OWN: Final = frozenset({FaultKind.OPTED_OUT, FaultKind.BAD_NUMBER})


class Operation(StrEnum):
    """What a request is for."""

    SUBMIT = "submit"
    LOOK_UP = "look_up"


class Fault(BaseModel):
    """One fault, as it is ordered.

    It meets the next `times` requests that it concerns: once where nothing is said, for ever with a `probability`.
    Chance is cast from the seed, the correlation and how often that came, so the order of requests is no matter.
    `message` is a message id or a correlation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    provider: Provider | None = None
    on: Operation = Operation.SUBMIT
    message: str = ""
    times: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    seed: int = 0
    status: Annotated[int, Field(ge=400, le=599)] = 503
    seconds: Annotated[float, Field(ge=0, le=3600)] = 1.0
    retry_after: Annotated[int, Field(ge=0)] = 1

    def concerns(self, provider: Provider, operation: Operation, correlation: str) -> bool:
        """Whether a request is one of those it is meant for."""
        return (
            self.on is operation
            and self.provider in (None, provider)
            and (provider is Provider.TWILIO or self.kind not in TWILIOS_OWN)
            and self.message in ("", correlation, correlation.rpartition(".")[0])
        )


@dataclass(slots=True)
class _Ordered:
    fault: Fault
    left: int | None
    came: Counter[str] = field(default_factory=Counter)

    def meets(self, correlation: str) -> bool:
        self.came[correlation] += 1
        if self.fault.probability == 1:
            return True
        chance = Random(f"{self.fault.seed}/{correlation}/{self.came[correlation]}")  # noqa: S311 - not for secrets
        return chance.random() < self.fault.probability


class Faults:
    """The queue: the first fault that concerns a request and meets it is the one that it gets."""

    def __init__(self) -> None:
        self._ordered: list[_Ordered] = []

    def order(self, *faults: Fault) -> None:
        """Puts faults at the end of the queue."""
        for fault in faults:
            once = 1 if fault.probability == 1 else None
            self._ordered.append(_Ordered(fault, fault.times or once))

    def clear(self) -> None:
        """Behaves from now on."""
        self._ordered.clear()

    def waiting(self) -> tuple[Fault, ...]:
        """What is still in the queue, with the times that are left."""
        return tuple(one.fault.model_copy(update={"times": one.left}) for one in self._ordered)

    def take(self, provider: Provider, operation: Operation, correlation: str) -> Fault | None:
        """The fault that this request meets, counted."""
        for ordered in self._ordered:
            if ordered.fault.concerns(provider, operation, correlation) and ordered.meets(correlation):
                if ordered.left is not None:
                    ordered.left -= 1
                    if not ordered.left:
                        self._ordered.remove(ordered)
                return ordered.fault
        return None
