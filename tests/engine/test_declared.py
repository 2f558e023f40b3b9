"""Values and names that contradict facts.yaml are told, whatever brought them in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.declared import Kinds, strange_attributes, strange_event
from engine.facts import Event
from engine.release import Declared
from engine.words import EventKind

AT = datetime(2026, 3, 3, 8, tzinfo=UTC)
KINDS: Kinds = {
    "words": "text", "amount": "number", "is_new": "boolean", "ends": "date", "starts": "time", "items": "list",
    "place": "map", "plan": ("free", "pro"), "anything": "",
}  # fmt: skip
DECLARED = Declared(attributes=KINDS, events={"bought": {"amount": "number"}, "left": {}})


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("words", "x", 1),
        ("amount", 1.5, "1.5"),
        ("amount", 0, True),
        ("is_new", False, "no"),
        ("ends", "2026-03-03", "next week"),
        ("starts", "2026-03-03T08:00:00+01:00", 5),
        ("items", [], "a, b"),
        ("place", {}, []),
        ("plan", "pro", "gold"),
    ],
)
def test_a_value_of_another_type_is_told(name: str, good: Any, bad: Any) -> None:
    assert list(strange_attributes(DECLARED, {name: good, "anything": bad})) == []
    (told,) = strange_attributes(DECLARED, {name: bad})
    assert told.startswith(f"attributes.{name}: found {bad!r}; facts.yaml expects ")


def test_a_name_that_is_not_declared_is_told_with_what_was_meant() -> None:
    (told,) = strange_attributes(DECLARED, {"wrds": "x"})
    assert told == "attributes.wrds: found 'wrds', which facts.yaml does not declare; did you mean 'words'?"


def test_events_are_held_to_their_names_and_properties() -> None:
    def told(name: str, **said: Any) -> list[str]:
        return list(strange_event(DECLARED, Event("1", EventKind.TRACK, name, AT, AT, said)))

    assert told("bought", amount=2) == []
    assert told("bought", amount="lots") == ["properties.amount: found 'lots'; facts.yaml expects a number"]
    assert told("bougt") == ["name: found 'bougt', which facts.yaml does not declare; did you mean 'bought'?"]


def test_what_facts_yaml_leaves_out_holds_nobody() -> None:
    event = Event("1", EventKind.TRACK, "anything", AT, AT, {"at": "all"})
    assert list(strange_event(Declared(), event)) == list(strange_attributes(Declared(), {"a": object()})) == []
