"""YAML text as a tree of values that know where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml
from yaml._yaml import CParser

from engine.language.faults import Fault

Scalar: TypeAlias = str | int | float | bool
Content: TypeAlias = "Scalar | list[Node] | dict[str, Node] | None"

MOST_VALUES = 10_000
DEEPEST = 100

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})?\.[0-9]{1,15}\Z")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = {"", "~", "null", "Null", "NULL"}
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

_PLAIN_WORDS = (
    (
        "mapping values are not allowed",
        "a ':' that does not belong here",
        "check the indentation, or put text with ': ' in quotes",
    ),
    (
        "did not find expected key",
        "this line does not line up with the lines above it",
        "check the indentation and the quotes",
    ),
    (
        "did not find expected '-' indicator",
        "this line does not line up with the list above it",
        "check the indentation",
    ),
    ("could not find expected ':'", "a key without ':'", "write 'key: value'"),
    ("found undefined alias", "a '*name' that no '&name' before it defines", "put text that begins with '*' in quotes"),
    ("cannot start any token", "text that begins with", "put it in quotes"),
    (
        "did not find expected node content",
        "a value that is missing or never closed",
        "check the '[' and '{' before it",
    ),
    ("found unexpected end of stream", "a quote that is never closed", "close it"),
    ("did not find expected ',' or ']'", "a '[' that is never closed, or a missing ','", "write '[one, two]'"),
    ("did not find expected ',' or '}'", "a '{' that is never closed, or a missing ','", "write '{one: 1, two: 2}'"),
    ("found duplicate anchor", "an '&name' that is already taken", "give it another name"),
    ("but found another document", "a second document", "a file holds one; remove the '---'"),
    ("block sequence entries are not allowed", "a '-' that does not belong here", "begin the list on its own line"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value with the place where it stands, counted from 1; `key` is the key it stands under.

    The value of None marks what has been reported as a fault already.
    """

    value: Content
    file: str
    line: int
    column: int
    key: "Node | None" = None


class _Parser(CParser):
    """libyaml's composer, without the implicit types of YAML 1.1."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        return ""

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Nothing to do: no type depends on a path."""

    def ascend_resolver(self) -> None:
        """Nothing to do: no type depends on a path."""


def parse(file: str, text: str) -> tuple[Node | None, list[Fault]]:
    """The tree of a YAML text and the faults of its spelling; None where there is no tree at all."""
    text = text.removeprefix("\ufeff")
    faults = list(_unreadable(file, text))
    if faults:
        return None, faults
    try:
        root = _Parser(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        return None, [_syntax(file, text, error)]
    if root is None:
        return None, [Fault(file, 1, 1, "the file is empty")]
    builder = _Builder(file)
    return builder.build(root), builder.faults


def typed(text: str) -> Scalar | None:
    """A plain scalar's value as YAML 1.2 reads it, and stricter: `012`, `+49…`, `10:30`, `1_000`, `on` stay text."""
    if text in _NOTHING:
        return None
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return float(text)
    return _TRUTH.get(text, text)


def _unreadable(file: str, text: str) -> Iterator[Fault]:
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            yield Fault(file, number, line.index("\t") + 1, "a tab", "use spaces")
        if bad := _UNREADABLE.search(line):
            yield Fault(
                file, number, bad.start() + 1, f"a character that cannot be read (U+{ord(bad[0]):04X})", "remove it"
            )


def _syntax(file: str, text: str, error: yaml.MarkedYAMLError) -> Fault:
    """What libyaml says, in plain words; what is never closed is reported where it was opened."""
    problem = error.problem or "this is not YAML"
    plain = (words[1:] for words in _PLAIN_WORDS if words[0] in problem)
    found, expected = next(plain, (problem, ""))
    opened = "never closed" in found or "without" in found
    mark = error.context_mark if opened and error.context_mark else error.problem_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if found.endswith("begins with"):
        found += f" '{text.splitlines()[line - 1][column - 1]}'"
    return Fault(file, line, column, found, expected)


class _Builder:
    """Turns libyaml's nodes into ours and reports what a journey has no use for."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.room = MOST_VALUES
        self.inside: list[yaml.Node] = []

    def build(self, node: yaml.Node, key: Node | None = None) -> Node:
        """Our node for one of libyaml's."""
        self.room -= 1
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if node.tag:
            self.fault(line, column, f"the tag {node.tag}", "tags have no meaning here; remove it")
        return Node(self.content(node, key, line, column), self.file, line, column, key)

    def content(self, node: yaml.Node, key: Node | None, line: int, column: int) -> Content:
        """What a node holds; None, reported, when that is nothing or without end."""
        if isinstance(node, yaml.ScalarNode):
            value = node.value if node.style else typed(node.value)
            if value is None:
                self.nothing(node.value, key, line, column)
            return value
        if node in self.inside or len(self.inside) > DEEPEST or self.room < 0:
            self.endless(node in self.inside, line, column)
            return None
        self.inside.append(node)
        content: Content = (
            [self.build(item) for item in node.value] if isinstance(node, yaml.SequenceNode) else self.map(node)
        )
        self.inside.pop()
        return content

    def map(self, node: yaml.Node) -> dict[str, Node]:
        """A map's values by key, each key once."""
        entries: dict[str, Node] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(line, column, "a key that is a list or a map", "a key is a word")
                continue
            key = Node(key_node.value, self.file, line, column)
            if key_node.value in entries:
                first = entries[key_node.value].key or key
                self.fault(line, column, f"'{key_node.value}' is already on line {first.line}", "a key stands once")
                continue
            entries[key_node.value] = self.build(value_node, key)
        return entries

    def nothing(self, written: str, key: Node | None, line: int, column: int) -> None:
        """Report a value that is not there."""
        if key is None:
            self.fault(line, column, written or "an empty item", "write a value or remove it")
        elif written:
            self.fault(line, column, f"'{key.value}' is {written}", "write a value or remove the line")
        else:
            expected = "put text with ',' in quotes" if " " in str(key.value) else "write a value or remove the line"
            self.fault(key.line, key.column, f"'{key.value}' has no value", expected)

    def endless(self, loops: bool, line: int, column: int) -> None:
        """Report a value that holds itself, or too many; once is enough."""
        if loops:
            self.fault(line, column, "a value that holds itself", "write it out instead of '*name'")
        elif self.room < 0:
            if not any("values" in fault.found for fault in self.faults):
                self.fault(line, column, f"more than {MOST_VALUES} values", "write less, or fewer '*name'")
        else:
            self.fault(
                line, column, f"lists and maps more than {DEEPEST} deep", "make a journey of its own of the inner part"
            )

    def fault(self, line: int, column: int, found: str, expected: str) -> None:
        """Report a fault."""
        self.faults.append(Fault(self.file, line, column, found, expected))
