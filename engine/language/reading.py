"""Taking values out of a tree: what every part of the language needs to read itself and to report what is wrong."""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeVar

from engine.conditions import Value
from engine.language.faults import Fault, Severity, listed, nearest
from engine.language.source import Node

Part = TypeVar("Part")

NAME = re.compile(r"\w[\w-]*\Z")
FACT = re.compile(r"[^\W\d][\w-]*(\.[^\s.]+)+\Z")
_SHARE = re.compile(r"([0-9]{1,3}(\.[0-9]{1,6})?)%\Z")


class Places:
    """Where each part of the model stands in its file; by identity, because equal parts stand in many places."""

    def __init__(self) -> None:
        self._nodes: dict[int, tuple[object, Node]] = {}

    def put(self, part: Part, node: Node) -> Part:
        """Remember where `part` stands; gives it back."""
        self._nodes[id(part)] = (part, node)
        return part

    def of(self, part: object, *keys: str) -> Node:
        """Where `part` stands, or what stands in it under `keys`, as far as they lead."""
        node = self._nodes[id(part)][1]
        for key in keys:
            if not isinstance(node.value, dict) or key not in node.value:
                break
            node = node.value[key]
        return node


class Reading:
    """The faults found so far, and the places of what has been read.

    A value that is wrong is reported and read as an empty one, so that all faults come to light in one go.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.places = Places()

    def fault(self, node: Node, found: str, expected: str = "", hint: str = "") -> None:
        """Report what is wrong with a value."""
        self.faults.append(Fault(node.file, node.line, node.column, found, expected, hint))

    def warn(self, node: Node, found: str, expected: str = "") -> None:
        """Report what is allowed but seldom meant."""
        self.faults.append(Fault(node.file, node.line, node.column, found, expected, severity=Severity.WARNING))

    def fields(
        self,
        node: Node,
        what: str,
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
        later: Iterable[str] = (),
    ) -> dict[str, Node]:
        """The known keys of a map with their values; unknown, missing and not yet available ones are reported."""
        entries = self.entries(node, what)
        known = (*required, *optional)
        for key, value in entries.items():
            if key in later:
                self.fault(value.key or node, f"'{key}' is not available yet", "remove it")
            elif key not in known:
                hint = nearest(key, known)
                self.fault(value.key or node, f"unknown key '{key}' in {what}", f"known are {listed(known)}", hint)
        for key in required:
            if key not in entries and isinstance(node.value, dict) and nearest(key, entries.keys() - set(known)) == "":
                self.fault(node, f"'{key}' is missing in {what}")
        return {key: value for key, value in entries.items() if key in known and value.value is not None}

    def entries(self, node: Node, what: str) -> dict[str, Node]:
        """A map's entries."""
        if isinstance(node.value, dict):
            return node.value
        self.wrong(node, f"{what} is a map: {{key: value}}")
        return {}

    def items(self, node: Node, what: str) -> list[Node]:
        """A list's items, at least one."""
        if not isinstance(node.value, list):
            self.wrong(node, f"{what} is a list: [one, two]")
            return []
        if not node.value:
            self.fault(node, "an empty list", f"{what} needs at least one")
        return [item for item in node.value if item.value is not None]

    def one_or_more(self, node: Node, what: str) -> list[Node]:
        """A list's items, or the one value that stands in its place."""
        return self.items(node, what) if isinstance(node.value, list) else [node]

    def text(self, node: Node, what: str) -> str:
        """A text, not empty."""
        if isinstance(node.value, str) and node.value.strip():
            return node.value
        self.wrong(node, f"{what} is {'not empty' if isinstance(node.value, str) else 'text'}")
        return ""

    def name(self, node: Node, what: str) -> str:
        """A text of letters, digits, '_' and '-', fit to be part of a path or an id."""
        text = self.text(node, what)
        if text and not NAME.match(text):
            self.wrong(node, f"{what} is letters, digits, '_' and '-'")
            return ""
        return text

    def fact(self, node: Node) -> str:
        """The path of a fact, `customer.plan`."""
        text = self.text(node, "a fact")
        if text and not FACT.match(text):
            self.fault(node, f"{shown(node)} is no fact", "expected a path such as 'customer.plan' or 'entry.total'")
            return ""
        return text

    def names(self, node: Node, what: str) -> tuple[str, ...]:
        """One text or several."""
        return tuple(filter(None, (self.text(item, what) for item in self.one_or_more(node, what))))

    def word(self, node: Node, options: Sequence[str], what: str) -> str:
        """One of a closed set; the last of it when the word is none of them."""
        if isinstance(node.value, str) and node.value in options:
            return str(node.value)
        if node.value is not None:
            expected = f"expected {listed([option for option in options if option])}"
            self.fault(node, f"{shown(node)} is no {what}", expected, nearest(str(node.value), options))
        return options[-1]

    def boolean(self, node: Node, what: str) -> bool:
        """`true` or `false`."""
        if isinstance(node.value, bool):
            return node.value
        hint = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(node.value).lower(), "")
        self.wrong(node, f"{what} is true or false", hint)
        return False

    def whole(self, node: Node, what: str, least: int = 0) -> int:
        """A whole number, at least `least`."""
        if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value >= least:
            return node.value
        self.wrong(node, f"{what} is a whole number, at least {least}")
        return least

    def number(self, node: Node, what: str) -> float:
        """A number."""
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return node.value
        self.wrong(node, f"{what} is a number")
        return 0

    def percent(self, node: Node, what: str) -> Fraction | None:
        """`10%`, from 0% to 100%, exact; None where it is none."""
        match = _SHARE.match(node.value) if isinstance(node.value, str) else None
        if match and Fraction(match[1]) <= 100:
            return Fraction(match[1])
        number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        self.wrong(node, f"{what} is a percentage from 0% to 100%", f"{node.value}%" if number else "")
        return None

    def wrong(self, node: Node, expected: str, hint: str = "") -> None:
        """Report a value of the wrong kind, unless it has been reported already."""
        if node.value is not None:
            self.fault(node, f"found {shown(node)}", expected, hint)


def shown(node: Node) -> str:
    """A value as a fault names it."""
    match node.value:
        case str(text):
            return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}…'"
        case bool(truth):
            return "true" if truth else "false"
        case list():
            return "a list"
        case dict():
            return "a map"
        case other:
            return str(other)


def plain(node: Node) -> Value:
    """A tree as plain lists, maps and scalars."""
    match node.value:
        case list(items):
            return [plain(item) for item in items]
        case dict(entries):
            return {key: plain(value) for key, value in entries.items()}
        case scalar:
            return scalar
