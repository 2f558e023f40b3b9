"""Checks every event that is named, and every property of it, against facts.yaml."""

from collections.abc import Iterator

from engine.conditions import Absent, Condition, Count, Happens, Where, leaves
from engine.journey import Emit, Journey, OnEvent
from engine.language.checking.names import Properties, has, of_event
from engine.language.checking.types import misfit, spelled
from engine.language.checking.walking import all_leaves, all_steps, conditions_around, conditions_at
from engine.language.draft import Draft
from engine.language.faults import listed, nearest
from engine.language.source import Node


def check_events(draft: Draft) -> None:
    """Report unknown events and properties, and events that can never have a journey's key."""
    release = draft.release
    rules = (stage.enter for stage in release.lifecycle.stages if stage.enter)
    for condition in (*rules, *release.segments.values()):
        _condition(draft, condition)
    for journey in release.journeys.values():
        _journey(draft, journey)


def _journey(draft: Draft, journey: Journey) -> None:
    for condition in (*conditions_around(journey), *_conditions_within(journey)):
        _condition(draft, condition)
    for step in all_steps(journey):
        if isinstance(step, Emit):
            _known(draft, step.event, draft.reading.places.of(step, "emit", "event"))
    if isinstance(journey.trigger, OnEvent):
        _trigger(draft, journey, journey.trigger)
    _value(draft, journey)


def _conditions_within(journey: Journey) -> Iterator[Condition]:
    return (condition for step in all_steps(journey) for condition in conditions_at(step))


def _condition(draft: Draft, condition: Condition) -> None:
    for leaf in leaves(condition):
        match leaf:
            case Happens(event, where) | Count(event, where=where):
                if _known(draft, event, draft.reading.places.of(leaf, "event")):
                    _where(draft, where, of_event(event, draft.release.declared), event)
            case Absent(event):
                _known(draft, event, draft.reading.places.of(leaf, "absent"))
            case _:
                pass


def _known(draft: Draft, event: str, node: Node) -> bool:
    events = draft.release.declared.events
    if not event or events is None or event in events:
        return True
    draft.reading.fault(node, f"unknown event '{event}'", "facts.yaml does not declare it", nearest(event, events))
    return False


def _where(draft: Draft, where: Where, properties: Properties, event: str) -> None:
    if properties is None or not where.tests:
        return
    node = draft.reading.places.of(where)
    entries = node.value if isinstance(node.value, dict) else {}
    for name, test in where.tests:
        if not has(properties, name):
            found = f"the event '{event}' has no '{name}'"
            place = entries[name].key or node
            draft.reading.fault(
                place, found, f"it has {listed(list(properties)) or 'no properties'}", nearest(name, properties)
            )
        elif name in properties and (wrong := misfit(name, properties[name], test)):
            draft.reading.fault(draft.reading.places.of(test), *wrong)


def _trigger(draft: Draft, journey: Journey, trigger: OnEvent) -> None:
    places, declared = draft.reading.places, draft.release.declared
    node = places.of(trigger, "event")
    for number, event in enumerate(trigger.events):
        place = node.value[number] if isinstance(node.value, list) and number < len(node.value) else node
        if _known(draft, event, place):
            _where(draft, trigger.where, of_event(event, declared), event)
            if trigger.keys:
                _keyed(draft, trigger, event, places.of(trigger, "key"), "it would let nobody in")
    for leaf in all_leaves(journey) if trigger.keys else ():
        if isinstance(leaf, Happens) and not leaf.any_key:
            advice = "it would match nothing; for an event of any key add 'any_key: true'"
            _keyed(draft, trigger, leaf.event, places.of(leaf, "event"), advice)


def _keyed(draft: Draft, trigger: OnEvent, event: str, node: Node, advice: str) -> None:
    """An event that has not the key's property matches nothing in a keyed journey."""
    key = trigger.keys.get(event) or trigger.keys.get("")
    if key is None and event not in trigger.events:
        draft.reading.fault(node, f"'key' of the journey says nothing of '{event}'", advice)
    elif key is not None and not has(of_event(event, draft.release.declared), key):
        draft.reading.fault(node, f"the event '{event}' has no '{key}', which is the journey's key", advice)


def _value(draft: Draft, journey: Journey) -> None:
    """A goal's value is a number of each of its events."""
    if not journey.goal or not journey.goal.value:
        return
    node = draft.reading.places.of(journey.goal, "value")
    for leaf in leaves(journey.goal.until):
        properties = of_event(leaf.event, draft.release.declared) if isinstance(leaf, Happens) else None
        if properties is None or not isinstance(leaf, Happens):
            continue
        if not has(properties, journey.goal.value):
            found = f"the event '{leaf.event}' has no '{journey.goal.value}'"
            draft.reading.fault(
                node,
                found,
                f"it has {listed(list(properties)) or 'no properties'}",
                nearest(journey.goal.value, properties),
            )
        elif (type_ := properties.get(journey.goal.value, "number")) != "number":
            draft.reading.fault(node, f"'{journey.goal.value}' is {spelled(type_)}", "only numbers add up")
