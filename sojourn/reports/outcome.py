"""What became of simulated customers, gathered one by one so that none has to be kept."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from rich.table import Table

from engine.customer import Customer, Enrollment, PlannedMessage
from engine.decisions import Decided
from engine.moments import utc
from sojourn.terminal import counts

Happening: TypeAlias = tuple[datetime, str, dict[str, str]]
"""When, to whom, and what."""


@dataclass
class Outcome:
    """Messages, leavings, stages and attributes; `start` is the stage of whom nothing has happened to."""

    start: str
    messages: list[Happening] = field(default_factory=list)
    left: list[Happening] = field(default_factory=list)
    stages: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    not_sent: Counter[str] = field(default_factory=Counter)

    def add(self, customer: Customer) -> None:
        """Take in what became of one customer."""
        self.stages[customer.id] = customer.stage or self.start
        self.attributes[customer.id] = customer.attributes
        self.messages += [(one.planned_at, customer.id, _message(one)) for one in customer.effects.planned]
        self.left += [(one.left_at, customer.id, _leaving(one)) for one in customer.enrollments if one.left_at]
        reasons = (one.detail.get("why", "") for one in customer.effects.decisions if one.decided is Decided.WITHHELD)
        self.not_sent.update(str(reason) for reason in reasons)

    def as_json(self) -> dict[str, Any]:
        """For a machine; messages and leavings by time."""
        return {
            "messages": [_placed(one) for one in sorted(self.messages, key=_when)],
            "left": [_placed(one) for one in sorted(self.left, key=_when)],
            "stages": self.stages,
            "attributes": self.attributes,
        }

    def tables(self) -> Iterator[Table]:
        """For a person."""
        sent = Counter(f"{said['channel']} {said['template']}" for _, _, said in self.messages)
        left = Counter(f"{said['journey']}, {said['reason']}" for _, _, said in self.left)
        yield counts("Customers", "stage", _most(Counter(self.stages.values())))
        yield counts("Messages", "template", _most(sent))
        yield counts("Left", "journey, reason", _most(left))
        yield counts("Withheld", "reason", _most(self.not_sent))


def _message(one: PlannedMessage) -> dict[str, str]:
    return {"channel": one.channel.value, "template": one.template, "journey": one.journey, "step": one.step}


def _leaving(one: Enrollment) -> dict[str, str]:
    return {"journey": one.journey, "reason": str(one.reason), "label": one.label}


def _when(one: Happening) -> tuple[datetime, str]:
    return one[0], one[1]


def _placed(one: Happening) -> dict[str, str]:
    at, customer, said = one
    return {"at": utc(at), "customer": customer, **said}


def _most(counted: Counter[str]) -> dict[str, int]:
    return dict(counted.most_common())
