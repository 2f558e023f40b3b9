"""Checks every fact that is read or written against what can be there at that place."""

from collections.abc import Iterator, Mapping

from engine.catalog import paths_of
from engine.conditions import Condition, Fact, Happens, Value, leaves
from engine.journey import Add, AnyStep, Emit, FactRef, Given, Journey, Message, Start, Update, WaitFor, WaitUntil
from engine.language.checking.names import LINKS, Names, Properties, Type, of_customer, of_entry, of_event, of_journey
from engine.language.checking.types import misfit, same_kind, spelled, unfit
from engine.language.checking.walking import all_steps, conditions_around, conditions_at
from engine.language.draft import POLICY, Draft
from engine.language.faults import listed, nearest
from engine.language.source import Node
from engine.moments import Moment


def check_facts(draft: Draft) -> None:
    """Report facts that nothing provides, comparisons of what cannot be compared, and values of the wrong type."""
    release = draft.release
    everywhere = of_customer(release.declared)
    rules = (stage.enter for stage in release.lifecycle.stages if stage.enter)
    for condition in (*rules, *release.segments.values()):
        _condition(draft, condition, everywhere)
    for journey in release.journeys.values():
        names = of_journey(journey, release.declared)
        for condition in conditions_around(journey):
            _condition(draft, condition, names)
        _steps(draft, journey.steps, names)
        if journey.goal:
            _steps(draft, journey.goal.then, _captured(journey, names, draft))


def _captured(journey: Journey, names: Names, draft: Draft) -> Names:
    """What the goal's own steps can read: whatever may have been captured when it was reached."""
    items = (item for step in all_steps(journey) if isinstance(step, WaitFor) for item in step.first)
    for item in items:
        names = names.plus(_named(item.as_, item.until, draft))
    return names


def _named(name: str | None, until: Condition, draft: Draft) -> Mapping[str, Properties]:
    declared = draft.release.declared
    return {name: of_event(until.event, declared)} if name and isinstance(until, Happens) else {}


def _steps(draft: Draft, steps: tuple[AnyStep, ...], names: Names) -> Names:
    """Check a list of steps; gives what can be read behind it."""
    for step in steps:
        for condition in conditions_at(step):
            _condition(draft, condition, names)
        _step(draft, step, names)
        after = names
        captured = [_named(item.as_, item.until, draft) for item in step.first] if isinstance(step, WaitFor) else []
        for number, path in enumerate(paths_of(step)):
            inner = names.plus(captured[number]) if number < len(captured) else names
            after = after.plus(_steps(draft, path, inner).known)
        names = after
    return names


def _step(draft: Draft, step: AnyStep, names: Names) -> None:
    places = draft.reading.places
    match step:
        case Message():
            _message(draft, step, names)
        case WaitUntil():
            _moment(draft, step.moment, names)
            _midnight(draft, step.moment, names)
        case Update():
            attributes = draft.release.declared.attributes
            _given(draft, step.attributes, names, attributes, "attribute", places.of(step, "update"))
        case Emit():
            properties = of_event(step.event, draft.release.declared)
            _given(draft, step.with_, names, properties, "property", places.of(step, "emit", "with"))
        case Start():
            _given(draft, step.with_, names, _entry_of(draft, step.journey), "property", places.of(step, "with"))
        case _:
            pass


def _entry_of(draft: Draft, journey: str) -> Properties:
    target = draft.release.journeys.get(journey)
    return of_entry(target, draft.release.declared) or None if target else None


def _condition(draft: Draft, condition: Condition, names: Names) -> None:
    places = draft.reading.places
    for leaf in leaves(condition):
        if not isinstance(leaf, Fact) or not leaf.name.partition(".")[2]:
            continue
        node = places.of(leaf)
        if isinstance(node.value, dict) and "attribute" in node.value:
            there = _is_attribute(draft, leaf.name, names, node.value["attribute"])
        else:
            there = _is_there(draft, leaf.name, names, places.of(leaf, "fact"))
        type_ = names.type_of(leaf.name)
        if there and type_ and (wrong := misfit(leaf.name, type_, leaf.test)):
            draft.reading.fault(places.of(leaf.test), *wrong)


def _is_attribute(draft: Draft, path: str, names: Names, node: Node) -> bool:
    if problem := names.problem(path):
        attributes = draft.release.declared.attributes or {}
        name, hint = path.removeprefix("customer."), problem[1].removeprefix("customer.")
        draft.reading.fault(node, f"unknown attribute '{name}'", f"facts.yaml has {listed(list(attributes))}", hint)
        return False
    return True


def _is_there(draft: Draft, path: str, names: Names, node: Node) -> bool:
    if problem := names.problem(path):
        draft.reading.fault(node, f"nothing here provides '{path}'", *problem)
        return False
    return True


def _moment(draft: Draft, moment: Moment, names: Names) -> None:
    """A moment's fact can be read, and is a date or a time."""
    if not moment.fact:
        return
    node = draft.reading.places.of(moment)
    type_ = names.type_of(moment.fact)
    if _is_there(draft, moment.fact, names, node) and type_ and type_ not in ("date", "time"):
        draft.reading.fault(node, f"'{moment.fact}' is {spelled(type_)}", "a moment is a date or a time")


def _midnight(draft: Draft, moment: Moment, names: Names) -> None:
    """A wait for a date without a time of day ends at midnight, which is seldom meant."""
    if moment.fact and names.type_of(moment.fact) == "date" and moment.at is None and not moment.offset.exact:
        found = f"'{moment.fact}' is a date, without a time of day"
        expected = "it means midnight on the customer's clock; say 'at: 09:00'"
        draft.reading.warn(draft.reading.places.of(moment), found, expected)


def _given(draft: Draft, given: Given, names: Names, into: Properties, what: str, node: Node) -> None:
    """Values that become attributes or properties of the given types (None: of any)."""
    entries = node.value if isinstance(node.value, dict) else {}
    for name, value in given.items():
        place = entries.get(name, node)
        if isinstance(value, FactRef) and value.name:
            _is_there(draft, value.name, names, draft.reading.places.of(value))
        if into is not None and name not in into:
            there = f"there is {listed(list(into)) or 'none'}"
            draft.reading.fault(place.key or place, f"unknown {what} '{name}'", there, nearest(name, into))
        elif into is not None and (wrong := _mismatch(name, into[name], value, names)):
            draft.reading.fault(place, *wrong)


def _mismatch(name: str, type_: Type, value: Value, names: Names) -> tuple[str, str, str] | None:
    match value:
        case Add():
            return None if type_ == "number" else (f"'{name}' is {spelled(type_)}", "only a number can be added to", "")
        case FactRef(fact):
            other = names.type_of(fact)
            if other is None or same_kind(other, type_):
                return None
            return f"'{fact}' is {spelled(other)}", f"'{name}' is {spelled(type_)}", ""
        case dict():
            return None
        case _:
            return unfit(name, type_, value)


def _message(draft: Draft, message: Message, names: Names) -> None:
    places = draft.reading.places
    _given(draft, message.with_, names, None, "value", places.of(message, "with"))
    if message.expires.at:
        _moment(draft, message.expires.at, names)
    provided = names.plus({"links": LINKS, "postal_address": {}, **dict.fromkeys(message.with_)})
    unsaid = (f"{POLICY} says none", "") if draft.is_read(POLICY) and not draft.release.policy.postal_address else None
    for name in sorted(_needed(draft, message)):
        if problem := unsaid if name == "postal_address" else provided.problem(name):
            found = f"the template {message.channel}/{message.template} needs '{name}'"
            draft.reading.fault(places.of(message, message.channel), found, *problem)


def _needed(draft: Draft, message: Message) -> frozenset[str]:
    return (draft.template_names or {}).get(f"{message.channel}/{message.template}", frozenset())


def read_of_entry(draft: Draft, journey: Journey) -> Iterator[str]:
    """The `entry.*` that a journey uses, `entry.` left away."""
    facts: list[str] = [
        leaf.name for condition in conditions_around(journey) for leaf in leaves(condition) if isinstance(leaf, Fact)
    ]
    for step in all_steps(journey):
        facts += [
            leaf.name for condition in conditions_at(step) for leaf in leaves(condition) if isinstance(leaf, Fact)
        ]
        facts += _read_by(draft, step)
    return (fact.removeprefix("entry.") for fact in facts if fact.startswith("entry."))


def _read_by(draft: Draft, step: AnyStep) -> Iterator[str]:
    match step:
        case Message():
            yield from _needed(draft, step)
            yield from _refs(step.with_)
            yield from filter(None, [step.expires.at and step.expires.at.fact])
        case WaitUntil():
            yield from filter(None, [step.moment.fact])
        case Update():
            yield from _refs(step.attributes)
        case Emit() | Start():
            yield from _refs(step.with_)
        case _:
            pass


def _refs(given: Given) -> Iterator[str]:
    return (value.name for value in given.values() if isinstance(value, FactRef))
