"""Gives every step of a journey its id, by which migration, metrics and explanations hold on to it."""

from collections import Counter
from collections.abc import Mapping

from engine.language.reading import Reading, shown
from engine.language.source import Node


class Ids:
    """The ids of one journey; each is given once."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.taken: dict[str, Node] = {}

    def claim(self, id_: str, node: Node) -> str:
        """Take an id; one that is taken already is a fault."""
        if first := self.taken.get(id_):
            self.reading.fault(
                node, f"'{id_}' is already the id of the step on line {first.line}", "give this step an 'id' of its own"
            )
        self.taken.setdefault(id_, node)
        return id_


class Naming:
    """Names the steps of one list: after the last named step before them, or after what the list belongs to.

    Example, where `head` is "start": `start.wait1`, `welcome`, `welcome.wait1`, `welcome.choose1`, `welcome.wait2`.
    """

    def __init__(self, ids: Ids, head: str) -> None:
        self.ids = ids
        self.last = head
        self.counts: Counter[str] = Counter()

    def name(self, node: Node, kind: str, own: str = "") -> str:
        """The id of the next step; `own` is the name it has of itself."""
        if own:
            self.last, self.counts = own, Counter()
            return self.ids.claim(own, node)
        self.counts[kind] += 1
        return self.ids.claim(f"{self.last}.{kind}{self.counts[kind]}", node)


def own_name(reading: Reading, fields: Mapping[str, Node]) -> str:
    """What `id:` says, or ""."""
    if "id" not in fields:
        return ""
    name = reading.name(fields["id"], "an id")
    if name in ("start", "goal"):
        reading.fault(fields["id"], f"{shown(fields['id'])} is a reserved id", "choose another")
    return name
