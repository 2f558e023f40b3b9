"""`extends` resolved in the source: a template and its layouts become one page, which CSS can be inlined in."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from channels.compiling.pieces import Kind, Piece

Read: TypeAlias = Callable[[str], tuple[Piece, ...]]
"""The pieces of a file by its path. Raises KeyError where there is no such file."""
DEEPEST: Final = 10
_SUPER: Final = re.compile(r"\{\{-?\s*super\(\)\s*-?\}\}\s*")
_MENTIONS_SUPER: Final = re.compile(r"\bsuper\s*\(")
_REQUIRED: Final = re.compile(r"\s+required\b")


class Unjoinable(Exception):
    """The layout cannot be put around its template, and why."""


def joined(read: Read, path: str, deepest: int = DEEPEST) -> tuple[Piece, ...]:
    """The file's pieces with those of all it extends. Raises Unjoinable."""
    own = read(path)
    extends = next((piece for piece in own if piece.name == "extends"), None)
    if extends is None:
        return own
    try:
        layout = joined(read, extends.argument, deepest - 1) if deepest else ()
    except KeyError:
        layout = ()
    if not layout:
        raise Unjoinable(f"no layout '{extends.argument}'")
    return (*_head(own), *_filled(layout, dict(_blocks(own))))


def _head(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """What a template does outside its blocks: imports, `set`, macros; its words there are never written."""
    blocks = macros = 0
    for piece in pieces:
        blocks += piece.name == "block"
        macros += piece.name == "macro"
        if not blocks and piece.name != "extends" and (macros or piece.kind is Kind.TAG):
            yield piece
        blocks -= piece.name == "endblock"
        macros -= piece.name == "endmacro"


def _blocks(pieces: Sequence[Piece]) -> Iterator[tuple[str, Sequence[Piece]]]:
    for at, piece in enumerate(pieces):
        if piece.name == "block":
            yield piece.argument, pieces[at + 1 : _end(pieces, at)]


def _end(pieces: Sequence[Piece], begin: int) -> int:
    """Where the block that begins there ends."""
    depth = 0
    for at in range(begin, len(pieces)):
        depth += (pieces[at].name == "block") - (pieces[at].name == "endblock")
        if not depth:
            return at
    raise Unjoinable("a block without an end")


def _filled(layout: Sequence[Piece], blocks: Mapping[str, Sequence[Piece]]) -> Iterator[Piece]:
    """The layout with these in place of its blocks of the same names."""
    at = 0
    while at < len(layout):
        piece = layout[at]
        if piece.name == "block" and piece.argument in blocks:
            end = _end(layout, at)
            yield replace(piece, source=_REQUIRED.sub("", piece.source))
            yield from _above(blocks[piece.argument], layout[at + 1 : end])
            at = end
        else:
            yield piece
            at += 1


def _above(block: Sequence[Piece], below: Sequence[Piece]) -> Iterator[Piece]:
    """The block with the layout's own in place of `{{ super() }}`."""
    for piece in block:
        if _SUPER.fullmatch(piece.source):
            yield from below
        elif piece.kind is not Kind.WORDS and _MENTIONS_SUPER.search(piece.source):
            raise Unjoinable("super() within an expression")
        else:
            yield piece
