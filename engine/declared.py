"""What contradicts facts.yaml: names that it does not declare, and values that are not of their type."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.facts import Event
from engine.language.checking.types import spelled, unfit
from engine.language.faults import nearest
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
        elif unfit(name, kinds[name], value) is not None:
            yield f"{where}.{name}: found {value!r}; facts.yaml expects {spelled(kinds[name])}"


def _undeclared(name: str, known: Mapping[str, Any]) -> str:
    near = nearest(name, known)
    return f"found '{name}', which facts.yaml does not declare" + (f"; did you mean '{near}'?" if near else "")
