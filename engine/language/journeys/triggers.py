"""Reads `enter:`, what lets a customer into a journey."""

from collections.abc import Mapping

from engine.conditions import Condition, Where
from engine.journey import OnApi, OnEvent, OnJourney, OnStage, Trigger
from engine.language.comparisons import read_where
from engine.language.conditions import Asked, read_condition
from engine.language.faults import listed, nearest
from engine.language.reading import Reading
from engine.language.source import Node
from engine.words import ExitReason

KINDS = ("event", "stage", "journey", "api")
LATER = ("segment", "absent", "date", "changed", "schedule")


def read_trigger(reading: Reading, node: Node) -> tuple[Trigger, Condition | None]:
    """What lets a customer in, and under which condition."""
    entries = reading.entries(node, "'enter'")
    kinds = [key for key in entries if key in KINDS]
    if len(kinds) != 1 or any(key in entries for key in LATER):
        _kindless(reading, node, entries, kinds)
        return OnApi(), None
    trigger = reading.places.put(_trigger(reading, node, kinds[0]), node)
    return trigger, read_condition(reading, entries["if"], Asked.OF_STATE) if "if" in entries else None


def _kindless(reading: Reading, node: Node, entries: Mapping[str, Node], kinds: list[str]) -> None:
    if later := [key for key in entries if key in LATER]:
        reading.fault(
            entries[later[0]].key or node, f"to enter by '{later[0]}' is not available yet", f"enter by {listed(KINDS)}"
        )
    elif kinds:
        reading.fault(node, f"to enter by {' and '.join(kinds)}", f"enter by one of {listed(KINDS)}")
    elif isinstance(node.value, dict):
        hint = next(filter(None, (nearest(key, KINDS) for key in entries)), "")
        reading.fault(node, "'enter' does not say by what", f"enter by {listed(KINDS)}", hint)


def _trigger(reading: Reading, node: Node, kind: str) -> Trigger:
    match kind:
        case "event":
            return _on_event(reading, node)
        case "stage":
            fields = reading.fields(node, "'enter' by a stage", ("stage", "existing"), ("if",))
            stage = reading.text(fields["stage"], "a stage's name") if "stage" in fields else ""
            words = ("ignore", "enter")
            return OnStage(
                stage,
                "existing" in fields
                and reading.word(fields["existing"], words, "way with those who are there") == "enter",
            )
        case "journey":
            fields = reading.fields(node, "'enter' by a journey", ("journey",), ("left", "if"))
            reasons = reading.one_or_more(fields["left"], "'left'") if "left" in fields else []
            left = frozenset(ExitReason(reading.word(reason, tuple(ExitReason), "reason")) for reason in reasons)
            return OnJourney(reading.text(fields["journey"], "a journey's name") if "journey" in fields else "", left)
        case _:
            fields = reading.fields(node, "'enter' by the API", ("api",), ("if",))
            if "api" in fields and not reading.boolean(fields["api"], "'api'") and fields["api"].value is False:
                reading.fault(fields["api"], "found false", "'api' is true or is not there")
            return OnApi()


def _on_event(reading: Reading, node: Node) -> OnEvent:
    fields = reading.fields(node, "'enter' by an event", ("event",), ("where", "key", "if"))
    events = reading.names(fields["event"], "an event's name") if "event" in fields else ()
    where = read_where(reading, fields["where"]) if "where" in fields else Where()
    return OnEvent(events, where, _keys(reading, fields["key"], events) if "key" in fields else {})


def _keys(reading: Reading, node: Node, events: tuple[str, ...]) -> dict[str, str]:
    """The property that carries the key: one for every event (under ""), or by event."""
    if not isinstance(node.value, dict):
        return {"": reading.text(node, "the property that is the key")}
    keys = {event: reading.text(value, "the property that is the key") for event, value in node.value.items()}
    for event in events:
        if event not in keys:
            reading.fault(
                node,
                f"'key' says nothing of '{event}'",
                "give the property for each event that lets in",
                nearest(event, keys),
            )
    return keys
