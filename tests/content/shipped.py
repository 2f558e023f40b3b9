"""The shipped content as plain data: what a journey file says, before the engine reads it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
JOURNEYS = ROOT / "journeys"
TEMPLATES = ROOT / "templates"
SETTINGS = ("lifecycle", "segments", "policy", "facts")

Node = dict[str, Any]


def setting(name: str) -> Node:
    """One of the four files beside the journeys."""
    return read(JOURNEYS / f"{name}.yaml")


@cache
def read(path: Path) -> Node:
    """A YAML file whose top is a mapping. Scalars stay the text they look like."""
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes text and nothing else
    assert isinstance(found, dict), f"{path} is no mapping"
    return found


def texts() -> dict[str, str]:
    """All shipped files by path, as a release is loaded from them."""
    paths = (path for folder in (JOURNEYS, TEMPLATES) for path in sorted(folder.rglob("*")))
    kept = (path for path in paths if path.suffix in {".yaml", ".txt", ".html"})
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in kept}


def journey_files(folder: Path = JOURNEYS) -> list[Path]:
    """Every journey, the four settings apart."""
    return [path for path in sorted(folder.glob("*/*.yaml")) if path.parent.name != "fragments"]


def nodes(tree: object) -> Iterator[Node]:
    """Every mapping of a tree, outer before inner."""
    if isinstance(tree, dict):
        yield tree
    for child in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes(child)


def step_lists(tree: object) -> Iterator[list[Node]]:
    """Every list of steps: `steps`, and the paths under `then`, `timeout` and `otherwise`."""
    for node in nodes(tree):
        for word in ("steps", "then", "timeout", "otherwise"):
            if isinstance(node.get(word), list):
                yield node[word]


def messages(tree: object) -> set[tuple[str, str]]:
    """The (channel, template) of every message, fallbacks as well."""
    steps = (step for steps in step_lists(tree) for step in steps)
    return {(kind, node[kind]) for step in steps for node in nodes(step) for kind in ("email", "sms") if kind in node}


def sent_as(template: str, channel: str) -> Iterator[tuple[Node, Node]]:
    """Each (journey, step) that sends a template."""
    for path in journey_files():
        journey = read(path)
        for node in nodes(journey):
            if node.get(channel) == template:
                yield journey, node


def events_named(tree: object) -> set[str]:
    """Every event that a trigger, a condition or a step names."""
    found: set[str] = set()
    for node in nodes(tree):
        for word in ("event", "absent"):
            named = node.get(word, [])
            found.update([named] if isinstance(named, str) else named)
    return found
