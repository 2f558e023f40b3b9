"""Reads conditions: one small language for `if`, `where`, segments, stage rules, goals and exits."""

from collections.abc import Callable, Collection, Mapping
from enum import Enum, auto
from types import MappingProxyType

from engine.conditions import (
    Absent,
    AllOf,
    AnyOf,
    Condition,
    Consented,
    Count,
    Fact,
    Happens,
    InSegment,
    InStage,
    MessageWas,
    NoneOf,
    Operator,
    Where,
)
from engine.language.comparisons import OPERATORS, read_test, read_where
from engine.language.faults import listed, nearest
from engine.language.lengths import read_duration
from engine.language.reading import Reading
from engine.language.source import Node
from engine.words import Channel, Reached


class Asked(Enum):
    """Where a condition stands, which decides what `event` means in it."""

    OF_CAUSE = auto()
    """A goal, an exit, an item of wait_for: `event` is this very cause, unless it is counted."""
    OF_STAGE = auto()
    """A stage rule: the same, of no enrollment."""
    OF_STATE = auto()
    """An `if` inside a journey: `event` is a count."""
    OF_CUSTOMER = auto()
    """A segment: a count, of no enrollment."""


_CAUSES = (Asked.OF_CAUSE, Asked.OF_STAGE)
_ENROLLED = (Asked.OF_CAUSE, Asked.OF_STATE)
_COUNTING = ("at_least", "at_most", "within_last", "since")

BROKEN = AllOf(())
"""Stands in for a condition that could not be read."""


def read_condition(reading: Reading, node: Node, asked: Asked) -> Condition:
    """A condition; its places are remembered."""
    if not isinstance(node.value, dict):
        reading.wrong(node, "a condition is a map such as {segment: power_users}")
        return reading.places.put(AllOf(()), node)
    entries = node.value
    forms = [key for key in entries if key in _FORMS]
    if len(forms) != 1:
        _formless(reading, node, entries, forms)
        return reading.places.put(AllOf(()), node)
    return reading.places.put(_FORMS[forms[0]](reading, node, asked), node)


def apart(node: Node, own: Collection[str]) -> tuple[Node, dict[str, Node]]:
    """A map in two: the condition in it, and what stands beside it under the keys of `own`."""
    if not isinstance(node.value, dict):
        return node, {}
    rest: dict[str, Node] = {key: value for key, value in node.value.items() if key not in own}
    beside = {key: value for key, value in node.value.items() if key in own and value.value is not None}
    return Node(rest, node.file, node.line, node.column, node.key), beside


def _formless(reading: Reading, node: Node, entries: Mapping[str, Node], forms: list[str]) -> None:
    if len(forms) > 1:
        reading.fault(node, f"{' and '.join(forms)} in one condition", "write {all: [...]} or {any: [...]} of them")
    elif "journey" in entries:
        reading.fault(node, "a condition on 'journey' is not available yet", "remove it")
    else:
        hint = next(filter(None, (nearest(key, _FORMS) for key in entries)), "")
        place = next((entry.key for entry in entries.values() if entry.key), node)
        found = f"unknown condition '{place.value}'" if entries else "an empty condition"
        reading.fault(place, found, f"a condition is one of {listed(list(_FORMS))}", hint)


def _fact(reading: Reading, node: Node, asked: Asked) -> Condition:
    fields = reading.fields(node, "a condition on a fact", ("fact",), OPERATORS)
    name = reading.fact(fields["fact"]) if "fact" in fields else ""
    return _compared(reading, node, name, fields)


def _attribute(reading: Reading, node: Node, asked: Asked) -> Condition:
    fields = reading.fields(node, "a condition on an attribute", ("attribute",), OPERATORS)
    name = reading.text(fields["attribute"], "an attribute's name") if "attribute" in fields else ""
    return _compared(reading, node, f"customer.{name}", fields)


def _compared(reading: Reading, node: Node, name: str, fields: Mapping[str, Node]) -> Condition:
    tests = [read_test(reading, Operator(key), value) for key, value in fields.items() if key in OPERATORS]
    if not tests and isinstance(node.value, dict) and len(node.value) == 1:
        reading.fault(node, "a comparison without an operator", f"add one of {', '.join(OPERATORS)}")
    if not tests:
        return BROKEN
    facts = [reading.places.put(Fact(name, test), node) for test in tests]
    return facts[0] if len(facts) == 1 else AllOf(tuple(facts))


def _event(reading: Reading, node: Node, asked: Asked) -> Condition:
    own = ("any_key", "since") if asked in _ENROLLED else ()
    fields = reading.fields(
        node,
        "a condition on an event",
        ("event",),
        ("at_least", "at_most", "within_last", "where", *own),
        ("sum", "first", "last"),
    )
    event = reading.text(fields["event"], "an event's name") if "event" in fields else ""
    where = read_where(reading, fields["where"]) if "where" in fields else Where()
    any_key = "any_key" in fields and reading.boolean(fields["any_key"], "'any_key'")
    if asked in _CAUSES and not any(key in fields for key in _COUNTING):
        return Happens(event, where, any_key)
    at_least = reading.whole(fields["at_least"], "'at_least'", 1) if "at_least" in fields else None
    at_most = reading.whole(fields["at_most"], "'at_most'") if "at_most" in fields else None
    if at_least and at_most is not None and at_least > at_most:
        reading.fault(fields["at_least"], f"at least {at_least} and at most {at_most}", "no count can be both")
    if "since" in fields:
        reading.word(fields["since"], ("entry",), "start of a count")
    return Count(
        event,
        at_least=1 if at_least is None and at_most is None else at_least,
        at_most=at_most,
        within=read_duration(reading, fields["within_last"], "'within_last'") if "within_last" in fields else None,
        where=where,
        since_entry="since" in fields,
        any_key=any_key,
    )


def _absent(reading: Reading, node: Node, asked: Asked) -> Condition:
    fields = reading.fields(node, "a condition on an absent event", ("absent", "for"))
    if len(fields) < 2:
        return BROKEN
    return Absent(reading.text(fields["absent"], "an event's name"), read_duration(reading, fields["for"], "'for'"))


def _segment(reading: Reading, node: Node, asked: Asked) -> Condition:
    fields = reading.fields(node, "a condition on a segment", ("segment",))
    return InSegment(reading.text(fields["segment"], "a segment's name")) if fields else BROKEN


def _stage(reading: Reading, node: Node, asked: Asked) -> Condition:
    fields = reading.fields(node, "a condition on a stage", ("stage",), ("for_at_least",))
    if "stage" not in fields:
        return BROKEN
    lasting = read_duration(reading, fields["for_at_least"], "'for_at_least'") if "for_at_least" in fields else None
    return InStage(reading.text(fields["stage"], "a stage's name"), lasting)


def _consent(reading: Reading, node: Node, asked: Asked) -> Condition:
    fields = reading.fields(node, "a condition on consent", ("consent",), ("topic",))
    if "consent" not in fields:
        return BROKEN
    channel = reading.word(fields["consent"], tuple(Channel), "channel")
    return Consented(channel, reading.text(fields["topic"], "a topic's name") if "topic" in fields else None)


def _message(reading: Reading, node: Node, asked: Asked) -> Condition:
    fields = reading.fields(node, "a condition on a message", ("message", "was"), ("within_last",))
    if asked not in _ENROLLED:
        reading.fault(node, "a condition on a message of a journey", "only the journey itself can ask for it")
    if not {"message", "was"} <= fields.keys():
        return BROKEN
    was = fields["was"]
    if was.value == "opened":
        reading.fault(was, "'opened' proves nothing", "mail programs open messages by themselves", Reached.CLICKED)
        return BROKEN
    within = read_duration(reading, fields["within_last"], "'within_last'") if "within_last" in fields else None
    state = reading.word(was, tuple(Reached), "state of a message")
    return MessageWas(reading.text(fields["message"], "a message's id"), state, within)


def _all(reading: Reading, node: Node, asked: Asked) -> Condition:
    return AllOf(_parts(reading, node, asked, "all"))


def _any(reading: Reading, node: Node, asked: Asked) -> Condition:
    return AnyOf(_parts(reading, node, asked, "any"))


def _none(reading: Reading, node: Node, asked: Asked) -> Condition:
    return NoneOf(_parts(reading, node, asked, "none"))


def _parts(reading: Reading, node: Node, asked: Asked, form: str) -> tuple[Condition, ...]:
    fields = reading.fields(node, f"a condition with '{form}'", (form,))
    return (
        tuple(read_condition(reading, part, asked) for part in reading.items(fields[form], f"'{form}'"))
        if fields
        else ()
    )


_FORMS: Mapping[str, Callable[[Reading, Node, Asked], Condition]] = MappingProxyType(
    {
        "attribute": _attribute,
        "fact": _fact,
        "event": _event,
        "absent": _absent,
        "segment": _segment,
        "stage": _stage,
        "consent": _consent,
        "message": _message,
        "all": _all,
        "any": _any,
        "none": _none,
    }
)
