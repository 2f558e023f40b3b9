"""Reads lifecycle.yaml: the stages of a customer's life and the rules between them."""

from engine.language.conditions import Asked, read_condition
from engine.language.faults import listed, nearest
from engine.language.lengths import read_duration
from engine.language.reading import NAME, Reading, shown
from engine.language.source import Node
from engine.release import Lifecycle, Stage

RESERVED = ("any", "fragments")


def read_lifecycle(reading: Reading, node: Node) -> Lifecycle:
    """The stages in the order of the file."""
    fields = reading.fields(node, "lifecycle.yaml", ("start", "stages"))
    entries = reading.entries(fields["stages"], "'stages'") if "stages" in fields else {}
    stages = tuple(_stage(reading, name, stage) for name, stage in entries.items() if stage.value is not None)
    start = reading.text(fields["start"], "a stage's name") if "start" in fields else ""
    if start and entries and start not in entries:
        reading.fault(
            fields["start"],
            f"unknown stage '{start}'",
            f"the stages are {listed(list(entries))}",
            nearest(start, entries),
        )
    return Lifecycle(start, stages)


def _stage(reading: Reading, name: str, node: Node) -> Stage:
    if name in RESERVED:
        reading.fault(node.key or node, f"'{name}' is a reserved name", "choose another for the stage")
    elif not NAME.match(name):
        reading.fault(
            node.key or node,
            f"'{name}' is no name",
            "a stage's name is letters, digits, '_' and '-'",
        )
    fields = reading.fields(node, f"the stage '{name}'", (), ("about", "enter", "from", "stay"), ("objective",))
    if "enter" in fields and "from" not in fields:
        reading.fault(
            fields["enter"].key or node,
            f"the stage '{name}' has 'enter' and no 'from'",
            "add 'from: [stage]' or 'from: any'",
        )
    if "from" in fields and "enter" not in fields:
        reading.fault(
            fields["from"].key or node,
            f"the stage '{name}' has 'from' and no 'enter'",
            "add the rule by which one comes from there",
        )
    stage = Stage(
        name,
        about=reading.text(fields["about"], "'about'") if "about" in fields else "",
        enter=read_condition(reading, fields["enter"], Asked.OF_STAGE) if "enter" in fields else None,
        from_=_from(reading, fields["from"]) if "from" in fields else frozenset(),
        stay=read_duration(reading, fields["stay"], "'stay'") if "stay" in fields else None,
    )
    return reading.places.put(stage, node)


def _from(reading: Reading, node: Node) -> frozenset[str] | None:
    """The stages one comes from; None for `any`."""
    if node.value == "any":
        return None
    if isinstance(node.value, str):
        reading.fault(node, f"found {shown(node)}", "'from' is a list of stages, or any", f"[{node.value}]")
    return frozenset(reading.names(node, "a stage's name"))
