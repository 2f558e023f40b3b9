"""The decision log: what was decided, why, and why not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.conditions import Value
from engine.moments import utc

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Decided(StrEnum):
    """What a decision was about."""

    ARRIVED = "arrived"
    MOVED = "moved"
    ENTERED = "entered"
    NOT_ENTERED = "not_entered"
    HELD = "held"
    WAITING = "waiting"
    WOKE = "woke"
    CHOSE = "chose"
    DEALT = "dealt"
    PLANNED = "planned"
    WITHHELD = "withheld"
    PASSED_OVER = "passed_over"
    UPDATED = "updated"
    EMITTED = "emitted"
    STARTED = "started"
    MOVING = "moving"
    GOAL = "goal"
    LEFT = "left"
    NOT_ADDED = "not_added"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about one customer; `sequence` counts hers from 1, `cause` is the key of what made it due."""

    sequence: int
    at: datetime
    cause: str
    decided: Decided
    release: str
    journey: str = ""
    enrollment: str = ""
    step: str = ""
    detail: Mapping[str, Value] = field(default_factory=dict)


def line(customer: str, decision: Decision) -> str:
    """The decision as one line of JSON, the same bytes wherever it was decided."""
    fields = {
        "customer": customer,
        "sequence": decision.sequence,
        "at": utc(decision.at),
        "cause": decision.cause,
        "decided": decision.decided,
        "journey": decision.journey,
        "enrollment": decision.enrollment,
        "step": decision.step,
        "detail": decision.detail,
        "release": decision.release,
    }
    return _encode(fields)
