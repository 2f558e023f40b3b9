"""The one language of conditions: the tree that `if`, `where`, segments, stage rules, goals and exits share."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeAlias

Value: TypeAlias = Any
"""What YAML and JSON can hold: text, number, boolean, list, map."""


class Operator(StrEnum):
    """How a fact is compared with a value."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    MATCHES = "matches"
    BEFORE = "before"
    AFTER = "after"
    WITHIN_LAST = "within_last"
    EXISTS = "exists"


class Now:
    """The value `now`: the instant at which the condition is asked."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Now)

    def __hash__(self) -> int:
        return hash(Now)

    def __repr__(self) -> str:
        return "now"


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: an operator and its value; for `within_last` a timedelta."""

    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Where:
    """Tests on the properties of an event; all must hold."""

    tests: tuple[tuple[str, Test], ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """`{attribute: plan, is: pro}` and `{fact: entry.total, at_least: 100}`; the name is the full path."""

    name: str
    test: Test


@dataclass(frozen=True, slots=True)
class Happens:
    """This very cause is that event: the meaning of `event` in stage rules, goals and exits."""

    event: str
    where: Where = Where()
    any_key: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How often an event occurred; bounds inclusive, window (now - within, now]."""

    event: str
    at_least: int | None = 1
    at_most: int | None = None
    within: timedelta | None = None
    where: Where = Where()
    since_entry: bool = False
    any_key: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """No such event in the last `lasting`, and the customer known for at least as long."""

    event: str
    lasting: timedelta


@dataclass(frozen=True, slots=True)
class InSegment:
    """The customer meets a named condition."""

    name: str


@dataclass(frozen=True, slots=True)
class InStage:
    """The customer is in a stage, and has been for at least `lasting`."""

    name: str
    lasting: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Consented:
    """The customer allows a channel, on a topic (any topic when None)."""

    channel: str
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class MessageWas:
    """A message of this enrollment (by its step's id) reached a state."""

    step: str
    was: str
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part is true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part is true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """`none`: no part is true."""

    parts: tuple["Condition", ...] = field(default=())


Leaf: TypeAlias = Fact | Happens | Count | Absent | InSegment | InStage | Consented | MessageWas
Condition: TypeAlias = Leaf | AllOf | AnyOf | NoneOf


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf of the tree, in the order written."""
    match condition:
        case AllOf(parts) | AnyOf(parts) | NoneOf(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield condition
