"""The decision log: what was decided, why, and why not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from json.encoder import encode_basestring as _quoted

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
    detail = _encode(decision.detail) if decision.detail else "{}"
    return (
        f'{{"at":"{utc(decision.at)}","cause":{_quoted(decision.cause)},"customer":{_quoted(customer)}'
        f',"decided":"{decision.decided.value}","detail":{detail},"enrollment":"{decision.enrollment}"'
        f',"journey":{_quoted(decision.journey)},"release":"{decision.release}","sequence":{decision.sequence}'
        f',"step":{_quoted(decision.step)}}}'
    )
