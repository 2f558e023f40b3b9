"""Which names a template needs, read from its tree without rendering it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jinja2 import meta, nodes

_REFERENCES: Final = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
GLOBALS: Final = frozenset({"range"})


@dataclass(frozen=True, slots=True)
class Use:
    """A name, `customer.first_name`, where a template needs it."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Reference:
    """Another file that a template extends, includes or imports; `path` is empty where it is not a plain text."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Names:
    """What a template has to do with names: those it needs, those it gives, and the other files it needs."""

    uses: tuple[Use, ...] = ()
    declared: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()


def names_of(tree: nodes.Template) -> Names:
    """All of them."""
    return Names(uses(tree), declared(tree), references(tree))


def uses(tree: nodes.Template) -> tuple[Use, ...]:
    """Every outside name in the tree, as far down as it is spelled out, in the order of the text."""
    roots = meta.find_undeclared_variables(tree) - GLOBALS - imported(tree)
    return tuple(_uses(tree, roots))


def declared(tree: nodes.Template) -> frozenset[str]:
    """The names that the template itself gives: loop variables, `set`, macros' parameters."""
    return frozenset(name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param"))


def imported(tree: nodes.Template) -> frozenset[str]:
    """The names under which it imports; Jinja takes those that blocks use for outside names."""
    targets = (node.target for node in tree.find_all(nodes.Import))
    names = (name for node in tree.find_all(nodes.FromImport) for name in node.names)
    return frozenset(targets) | frozenset(name if isinstance(name, str) else name[1] for name in names)


def references(tree: nodes.Template) -> tuple[Reference, ...]:
    """The other files it needs."""
    return tuple(
        Reference(_constant(node.template), node.lineno)
        for node in tree.find_all(_REFERENCES)
        if isinstance(node, _REFERENCES)
    )


def _constant(node: nodes.Node) -> str:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""


def _uses(node: nodes.Node, roots: set[str]) -> Iterator[Use]:
    name, line = _path(node)
    if name.partition(".")[0] in roots:
        yield Use(name, line)
        return
    for child in node.iter_child_nodes():
        yield from _uses(child, roots)


def _path(node: nodes.Node) -> tuple[str, int]:
    """`a.b.c` and `a["b"].c` alike; empty where the node is no such chain."""
    match node:
        case nodes.Name(ctx="load"):
            return node.name, node.lineno
        case nodes.Getattr():
            head, line = _path(node.node)
            return (f"{head}.{node.attr}", line) if head else ("", 0)
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str() as attribute)):
            head, line = _path(inner)
            return (f"{head}.{attribute}", line) if head else ("", 0)
        case _:
            return "", 0
