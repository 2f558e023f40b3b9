"""YAML is read as text, numbers and truth, each with its place."""

from collections.abc import Iterator

import pytest

from engine.language.source import Node, parse, typed


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"), ("NO", "NO"), ("yes", "yes"), ("10:30", "10:30"), ("012", "012"), ("1_000", "1_000"),
        ("2026-12-24", "2026-12-24"), ("+4915112345678", "+4915112345678"),
        ("0x1F", "0x1F"), ("1e3", "1e3"), (".inf", ".inf"),
        ("1234567890123456", "1234567890123456"), ("18", 18), ("-3", -3), ("0", 0), ("1.50", 1.5), (".5", 0.5),
        ("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None),
    ],
)  # fmt: skip
def test_a_plain_scalar_is_what_it_looks_like(written: str, value: object) -> None:
    assert typed(written) == value
    assert type(typed(written)) is type(value)


def places(node: Node) -> Iterator[tuple[object, int, int]]:
    """Every scalar of a tree with its line and column."""
    match node.value:
        case dict(entries):
            yield from (place for inner in entries.values() for place in places(inner))
        case list(items):
            yield from (place for inner in items for place in places(inner))
        case scalar:
            yield scalar, node.line, node.column


def test_every_value_knows_its_line_and_column() -> None:
    tree, faults = parse("a.yaml", 'one: {two: [3, "ä", x]}\nthree:\n  - four: 5\n')
    assert not faults
    assert tree is not None
    assert list(places(tree)) == [(3, 1, 13), ("ä", 1, 16), ("x", 1, 21), (5, 3, 11)]
