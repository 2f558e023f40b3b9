"""Checks that every stage, segment, topic, journey and message that is named is there."""

from collections.abc import Collection, Mapping

from engine.conditions import Condition, Consented, InSegment, InStage, MessageWas, leaves
from engine.journey import Journey, MoveTo, OnJourney, OnStage, Start
from engine.language.checking.facts import read_of_entry
from engine.language.checking.walking import all_leaves, all_steps, messages
from engine.language.draft import FACTS, LIFECYCLE, POLICY, SEGMENTS, Draft
from engine.language.faults import listed, nearest
from engine.language.source import Node

_FILES: Mapping[str, str] = {"stage": LIFECYCLE, "segment": SEGMENTS, "topic": POLICY, "fact": FACTS}


def check_references(draft: Draft) -> None:
    """Report what is named and is nowhere."""
    _stages(draft)
    for name, segment in draft.release.segments.items():
        _condition(draft, segment)
        _circle(draft, name)
    for cap in draft.release.policy.caps:
        node = draft.reading.places.of(cap)
        _known(draft, "topic", cap.topic or "", node.key or node)
    for journey in draft.release.journeys.values():
        _journey(draft, journey)


def _stages(draft: Draft) -> None:
    stages = draft.release.stages
    for stage in draft.release.lifecycle.stages:
        node = draft.reading.places.of(stage, "from")
        for item in node.value if isinstance(node.value, list) else []:
            _known(draft, "stage", str(item.value), item)
            if item.value == stage.name and stage.name in stages:
                draft.reading.fault(item, f"the stage '{stage.name}' comes from itself", "remove it")
        if stage.enter:
            _condition(draft, stage.enter)


def _names(draft: Draft, kind: str) -> Collection[str]:
    release = draft.release
    names = {"stage": release.stages, "segment": release.segments, "topic": release.policy.topics}
    return names[kind]


def _known(draft: Draft, kind: str, name: str, node: Node) -> bool:
    """Is there a stage, segment or topic of this name? Reported when not."""
    names, file = _names(draft, kind), _FILES[kind]
    if not name or name in names or not draft.is_read(file):
        return True
    if kind != "segment" and file not in draft.trees:
        return True
    there = f"{file} has {listed(list(names))}" if names else f"{file} has none"
    draft.reading.fault(node, f"unknown {kind} '{name}'", there, nearest(name, names))
    return False


def _condition(draft: Draft, condition: Condition) -> None:
    for leaf in leaves(condition):
        places = draft.reading.places
        match leaf:
            case InSegment(name):
                _known(draft, "segment", name, places.of(leaf, "segment"))
            case InStage(name):
                _known(draft, "stage", name, places.of(leaf, "stage"))
            case Consented(topic=str(topic)):
                _known(draft, "topic", topic, places.of(leaf, "topic"))
            case _:
                pass


def _circle(draft: Draft, name: str) -> None:
    """A segment that asks for itself would never be decided."""
    segments, seen, ahead = draft.release.segments, set[str](), [name]
    while ahead:
        for leaf in leaves(segments[ahead.pop()]):
            if isinstance(leaf, InSegment) and leaf.name == name:
                draft.reading.fault(
                    draft.reading.places.of(leaf, "segment"), f"the segment '{name}' asks for itself", "remove it"
                )
            if isinstance(leaf, InSegment) and leaf.name in segments and leaf.name not in seen:
                seen.add(leaf.name)
                ahead.append(leaf.name)


def _journey(draft: Draft, journey: Journey) -> None:
    places = draft.reading.places
    root = draft.node(journey)
    if journey.stage:
        start = Node(journey.stage, root.file, 1, 1)
        if _known(draft, "stage", journey.stage, start) and isinstance(journey.trigger, OnStage):
            _same_stage(draft, journey, journey.trigger)
    match journey.trigger:
        case OnStage(stage):
            _known(draft, "stage", stage, places.of(journey.trigger, "stage"))
        case OnJourney(other):
            _journey_known(draft, other, places.of(journey.trigger, "journey"))
        case _:
            pass
    if journey.topic and "topic" in (root.value if isinstance(root.value, dict) else {}):
        _known(draft, "topic", journey.topic, draft.node(journey, "topic"))
    for message in messages(journey):
        node = places.of(message, "topic")
        if node is not places.of(message):
            _known(draft, "topic", message.topic, node)
    _steps(draft, journey)


def _same_stage(draft: Draft, journey: Journey, trigger: OnStage) -> None:
    if trigger.stage and trigger.stage != journey.stage:
        node = draft.reading.places.of(trigger, "stage")
        found = f"a journey of '{journey.stage}' that enters by '{trigger.stage}'"
        draft.reading.fault(
            node, found, "it lets in only customers of its own stage; put it into the other folder or into any/"
        )


def _steps(draft: Draft, journey: Journey) -> None:
    places = draft.reading.places
    ids = [message.id for message in messages(journey)]
    for leaf in all_leaves(journey):
        _condition(draft, leaf)
        if isinstance(leaf, MessageWas) and leaf.step not in ids:
            found = f"unknown message '{leaf.step}'"
            draft.reading.fault(
                places.of(leaf, "message"), found, f"the journey sends {listed(ids) or 'none'}", nearest(leaf.step, ids)
            )
    for step in all_steps(journey):
        match step:
            case MoveTo(stage=stage):
                _known(draft, "stage", stage, places.of(step, "move_to"))
            case Start(journey=other):
                if _journey_known(draft, other, places.of(step, "start")) and other in draft.release.journeys:
                    _gives_what_is_used(draft, step, draft.release.journeys[other])
            case _:
                pass


def _journey_known(draft: Draft, name: str, node: Node) -> bool:
    files = [file for file in draft.unread if file.endswith(f"/{name}.yaml")]
    journeys = draft.release.journeys
    if not name or name in journeys or files:
        return True
    draft.reading.fault(
        node, f"unknown journey '{name}'", f"there is {listed(sorted(journeys))}", nearest(name, journeys)
    )
    return False


def _gives_what_is_used(draft: Draft, start: Start, target: Journey) -> None:
    """A `start` gives every `entry.*` that its target reads."""
    for name in dict.fromkeys(read_of_entry(draft, target)):
        if name not in start.with_ and name.partition(".")[0] not in start.with_:
            found = f"the journey '{target.name}' uses 'entry.{name}', which is not given here"
            expected = f"add '{name}' under 'with'"
            draft.reading.fault(draft.reading.places.of(start, "start"), found, expected)
