"""What contradicts facts.yaml: names that it does not declare, and values that are not of their type."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.facts import Event
from engine.language.faults import listed, nearest
from engine.release import Declared

Kinds = Mapping[str, str | tuple[str, ...]]


def strange_attributes(declared: Declared, attributes: Mapping[str, Any]) -> Iterator[str]:
    """Each attribute that contradicts facts.yaml, in words; none where it declares no attributes."""
    if declared.attributes is not None:
        yield from _strange("attributes", declared.attributes, attributes)


def strange_event(declared: Declared, event: Event) -> Iterator[str]:
    """What of an event contradicts facts.yaml, in words; nothing where it declares no events."""
    if declared.events is None:
        return
    if event.name not in declared.events:
        yield f"name: {_undeclared(event.name, declared.events)}"
    else:
        yield from _strange("properties", declared.events[event.name], event.properties)


def _strange(where: str, kinds: Kinds, values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if name not in kinds:
            yield f"{where}.{name}: {_undeclared(name, kinds)}"
        elif not _is_of(kinds[name], value):
            yield f"{where}.{name}: found {value!r}; facts.yaml expects {_named(kinds[name])}"


def _undeclared(name: str, known: Mapping[str, Any]) -> str:
    near = nearest(name, known)
    return f"found '{name}', which facts.yaml does not declare" + (f"; did you mean '{near}'?" if near else "")


def _named(kind: str | tuple[str, ...]) -> str:
    return f"a {kind}" if isinstance(kind, str) else f"one of {listed(list(kind))}"


def _is_of(kind: str | tuple[str, ...], value: object) -> bool:
    match kind:
        case tuple():
            return value in kind
        case "text":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date" | "time":
            return isinstance(value, str) and _is_dated(value)
        case "list":
            return isinstance(value, list)
        case "map":
            return isinstance(value, Mapping)
        case _:
            return True


def _is_dated(text: str) -> bool:
    """Either will do for the other: a moment is reckoned from a date with or without its time."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
