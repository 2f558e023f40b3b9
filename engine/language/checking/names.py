"""The facts that can be read at one place of a journey, with their types."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from engine.journey import Journey, OnApi, OnEvent
from engine.language.faults import listed, nearest
from engine.release import Declared

Type: TypeAlias = str | tuple[str, ...]
Properties: TypeAlias = Mapping[str, Type] | None
"""What is behind a name, by type; None where facts.yaml does not say, so that anything may be."""

OF_EVERY_CUSTOMER: Mapping[str, Type] = MappingProxyType(
    dict.fromkeys(("id", "email", "phone", "zone", "stage"), "text")
)
LINKS: Mapping[str, Type] = MappingProxyType(dict.fromkeys(("unsubscribe", "preferences", "confirm"), "text"))


@dataclass(frozen=True, slots=True)
class Names:
    """What can be read, by the first part of its path: `customer`, `entry`, `journey`, and what `as` has captured."""

    known: Mapping[str, Properties]

    def type_of(self, path: str) -> Type | None:
        """The declared type of a fact; None where nobody has declared it."""
        head, _, rest = path.partition(".")
        return (self.known.get(head) or {}).get(rest)

    def problem(self, path: str) -> tuple[str, str] | None:
        """Why this fact cannot be read here (what there is, and a hint); None when it can."""
        head, dot, rest = path.partition(".")
        if head not in self.known:
            there = f"there is {listed(list(self.known))}" if dot else f"give it: 'with: {{{path}: …}}'"
            return there, nearest(head, self.known)
        properties = self.known[head]
        if properties is None or not dot or has(properties, rest):
            return None
        close = nearest(rest, properties)
        return f"'{head}' has {listed(list(properties)) or 'nothing here'}", close and f"{head}.{close}"

    def plus(self, more: Mapping[str, Properties]) -> "Names":
        """These names and more; what is there twice has the properties of both."""
        return Names({**self.known, **{head: _both(self.known.get(head, {}), own) for head, own in more.items()}})


def has(properties: Properties, path: str) -> bool:
    """Is there such a property, or by dots something inside one?"""
    return properties is None or path in properties or path.partition(".")[0] in properties


def _both(one: Properties, other: Properties) -> Properties:
    return None if one is None or other is None else {**one, **other}


def of_customer(declared: Declared) -> Names:
    """What can be read of any customer, whether she is in a journey or not."""
    attributes = declared.attributes
    return Names({"customer": None if attributes is None else {**OF_EVERY_CUSTOMER, **attributes}})


def of_entry(journey: Journey, declared: Declared) -> Properties:
    """What `entry` has: the properties that all the events that let in share."""
    match journey.trigger:
        case OnApi():
            return None
        case OnEvent(events):
            shared = [of_event(event, declared) for event in events]
            common = [properties for properties in shared if properties is not None]
            if len(common) < len(shared) or not common:
                return None
            return {name: type_ for name, type_ in common[0].items() if all(name in other for other in common)}
        case _:
            return {}


def of_event(event: str, declared: Declared) -> Properties:
    """The properties of an event; anything where facts.yaml does not know it."""
    return None if declared.events is None else declared.events.get(event)


def of_journey(journey: Journey, declared: Declared) -> Names:
    """What can be read at the beginning of a journey."""
    more: dict[str, Properties] = {"entry": of_entry(journey, declared), "journey": {"name": "text"}}
    return of_customer(declared).plus(more)
