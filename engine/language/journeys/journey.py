"""Reads one journey."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from engine.conditions import Condition, Happens, leaves
from engine.journey import Again, Goal, Journey, OnApi
from engine.language.conditions import Asked, apart, read_condition
from engine.language.faults import nearest
from engine.language.journeys.messages import SETTINGS, Settings, read_settings
from engine.language.journeys.steps import Steps
from engine.language.journeys.triggers import read_trigger
from engine.language.lengths import read_duration
from engine.language.reading import Reading, plain
from engine.language.source import Node

_REQUIRED = ("enter", "steps")
_OPTIONAL = ("description", "again", "while_inside", "goal", "exit", "holdout", "survives_stage", "grace", *SETTINGS)
_LATER = ("limit", "overdue")


@dataclass(frozen=True, slots=True)
class Address:
    """What a journey's path says: its file, its name and its stage (None for journeys/any)."""

    file: str
    name: str
    stage: str | None


def read_journey(reading: Reading, node: Node, address: Address) -> Journey:
    """A journey; where it is faulty its parts are empty."""
    fields = reading.fields(node, "a journey", _REQUIRED, _OPTIONAL, _LATER)
    trigger, if_ = read_trigger(reading, fields["enter"]) if "enter" in fields else (OnApi(), None)
    settings = read_settings(reading, fields, Settings(node))
    steps = Steps(reading, settings)
    again, again_after = _again(reading, fields["again"]) if "again" in fields else (Again.NEVER, None)
    if "steps" in fields and fields["steps"].value == []:
        reading.fault(fields["steps"], "an empty list", "a journey has at least one step")
    journey = Journey(
        name=address.name,
        stage=address.stage,
        file=address.file,
        trigger=trigger,
        steps=steps.inner(fields, "steps", "start"),
        digest=digest(node, address.file),
        description=reading.text(fields["description"], "a description") if "description" in fields else "",
        if_=if_,
        again=again,
        again_after=again_after,
        restart="while_inside" in fields
        and reading.word(fields["while_inside"], ("ignore", "restart"), "way with those inside") == "restart",
        goal=_goal(reading, fields["goal"], steps) if "goal" in fields else None,
        exits=_exits(reading, fields["exit"]) if "exit" in fields else (),
        holdout_percent=float(reading.percent(fields["holdout"], "a holdout") or 0) if "holdout" in fields else 0.0,
        purpose=settings.purpose,
        topic=settings.topic,
        window=settings.window,
        expires=settings.expires,
        survives_stage="survives_stage" in fields and reading.boolean(fields["survives_stage"], "'survives_stage'"),
        grace=read_duration(reading, fields["grace"], "'grace'") if "grace" in fields else None,
    )
    return reading.places.put(journey, node)


def _again(reading: Reading, node: Node) -> tuple[Again, timedelta | None]:
    """`never`, `always` or `after 90 days`."""
    text = str(node.value)
    if isinstance(node.value, str) and text.startswith("after "):
        length = Node(text.removeprefix("after "), node.file, node.line, node.column, node.key)
        return Again.AFTER, read_duration(reading, length, "what comes after 'after'")
    if text in (Again.NEVER, Again.ALWAYS):
        return Again(text), None
    hint = f"after {text}" if text[:1].isdigit() else nearest(text, ("never", "always"))
    reading.wrong(node, "expected never, always or after 90 days", hint)
    return Again.NEVER, None


def _goal(reading: Reading, node: Node, steps: Steps) -> Goal:
    condition, own = apart(node, ("within", "value", "then"))
    until = read_condition(reading, condition, Asked.OF_CAUSE)
    if "value" in own and not any(isinstance(leaf, Happens) for leaf in leaves(until)):
        reading.fault(own["value"], "'value' without an event", "only an event has a property to add up")
    then = own.get("then")
    words = ("leave", "continue")
    leave = then is None or isinstance(then.value, list) or reading.word(then, words, "way on from the goal") == "leave"
    goal = Goal(
        until,
        within=read_duration(reading, own["within"], "'within'") if "within" in own else None,
        value=reading.text(own["value"], "a property's name") if "value" in own else None,
        leave=leave,
        then=steps.read(then, "goal") if then and isinstance(then.value, list) else (),
    )
    return reading.places.put(goal, node)


def _exits(reading: Reading, node: Node) -> tuple[Condition, ...]:
    return tuple(read_condition(reading, item, Asked.OF_CAUSE) for item in reading.one_or_more(node, "'exit'"))


def digest(node: Node, file: str) -> str:
    """The name of this version: the digest of all that is said, its description apart, and of the file that says it."""
    said = plain(node)
    if isinstance(said, Mapping):
        said = {key: value for key, value in said.items() if key != "description"}
    return sha256(json.dumps([file, said], ensure_ascii=False).encode()).hexdigest()[:32]


def address(file: str) -> Address:
    """What the path `journeys/<stage>/<name>.yaml` says."""
    _, stage, name = file.split("/")
    return Address(file, name.removesuffix(".yaml"), None if stage == "any" else stage)
