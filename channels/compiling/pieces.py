"""A template's source taken apart into words and Jinja, and put together again byte for byte."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from jinja2 import Environment

from channels.compiling.faults import Broken, TemplateFault

FIRST: Final = 0xF0000
"""Where Unicode's plane for private use begins: each piece of Jinja is one of its characters while HTML is read."""
TOKENS: Final = "\U000f0000-\U000ffffd"
REFERENCES: Final = frozenset({"include", "import", "from"})
_TOKEN: Final = re.compile(f"[{TOKENS}]")
_ENDS: Final = {"variable_end", "block_end"}
_CLOSING: Final = re.compile(r"end[a-z]+")
_OPENING: Final = frozenset({"if", "for", "block", "macro", "with", "raw"})


class Kind(StrEnum):
    """What a piece of source is."""

    WORDS = "words"
    VALUE = "value"  # {{ ... }}
    TAG = "tag"  # {% ... %}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of source and where it stands; of a tag also its name, and the first name or text behind that."""

    kind: Kind
    source: str
    file: str
    line: int
    name: str = ""
    argument: str = ""

    @property
    def opens(self) -> bool:
        """Whether a tag of this kind waits for its end."""
        return self.name in _OPENING

    @property
    def closes(self) -> bool:
        """Whether this is such an end."""
        return bool(_CLOSING.fullmatch(self.name))

    @property
    def refers(self) -> bool:
        """Whether the tag puts in another file."""
        return self.name in REFERENCES

    def refers_to(self, path: str) -> "Piece":
        """The same tag with another file for its argument."""
        return replace(self, source=self.source.replace(self.argument, path, 1), argument=path)


def pieces_of(environment: Environment, source: str, path: str, shown: str) -> tuple[Piece, ...]:
    """All pieces of a file in order; comments are gone. Raises TemplateSyntaxError."""
    return tuple(_pieces(environment.lex(source, path, path), shown))


def _pieces(tokens: Iterable[tuple[int, str, str]], file: str) -> Iterator[Piece]:
    within: list[tuple[int, str, str]] = []
    for token in tokens:
        line, kind, text = token
        if kind.startswith("comment"):
            continue
        if kind == "data":
            yield Piece(Kind.WORDS, text, file, line)
        elif kind.startswith("raw"):
            yield Piece(Kind.TAG, text, file, line, "raw" if kind == "raw_begin" else "endraw")
        else:
            within.append(token)
            if kind in _ENDS:
                yield _jinja(within, file)
                within = []


def _jinja(tokens: Sequence[tuple[int, str, str]], file: str) -> Piece:
    line, begin, _ = tokens[0]
    source = "".join(text for _, _, text in tokens)
    if begin == "variable_begin":
        return Piece(Kind.VALUE, source, file, line)
    words = [text for _, kind, text in tokens if kind not in ("block_begin", "block_end", "whitespace")]
    argument = words[1].strip("\"'") if len(words) > 1 else ""
    return Piece(Kind.TAG, source, file, line, words[0] if words else "", argument)


class Draft:
    """Source in which every piece of Jinja is one character, so that HTML can be read and added to around it."""

    def __init__(self, pieces: Sequence[Piece] = ()) -> None:
        self._pieces: list[Piece] = []
        self._file = pieces[0].file if pieces else ""
        self.text = self.put(pieces)

    def put(self, pieces: Iterable[Piece]) -> str:
        """The text that stands for these pieces in this draft. Raises Broken where words hold a private character."""
        return "".join(self._put(piece) for piece in pieces)

    def exchange(self, change: Callable[[Piece], Piece]) -> None:
        """Puts another piece in each one's place."""
        self._pieces = [change(piece) for piece in self._pieces]

    def piece(self, token: str) -> Piece:
        """The piece that a character stands for."""
        return self._pieces[ord(token) - FIRST]

    def tokens(self, text: str) -> list[Piece]:
        """All pieces of Jinja in a stretch of the text."""
        return [self.piece(token) for token in _TOKEN.findall(text)]

    def certain(self, text: str) -> str:
        """The words of a stretch that no branch or loop decides over, without any Jinja."""
        depth, words = 0, []
        for part in re.split(f"([{TOKENS}])", text):
            if not _TOKEN.fullmatch(part):
                words.append("" if depth else part)
            elif self.piece(part).opens:
                depth += 1
            elif self.piece(part).closes:
                depth -= 1
        return "".join(words)

    def place(self, at: int) -> tuple[str, int]:
        """The file and the line of a position in the text, as the last piece of Jinja before it tells them."""
        before = [*_TOKEN.finditer(self.text, 0, at)]
        if not before:
            return self._file, self.text.count("\n", 0, at) + 1
        last = before[-1]
        piece = self.piece(last.group())
        lines = piece.source.count("\n") + self.text.count("\n", last.end(), at)
        return piece.file, piece.line + lines

    def source(self) -> str:
        """The text as a template again."""
        return _TOKEN.sub(lambda token: self.piece(token.group()).source, self.text)

    def _put(self, piece: Piece) -> str:
        if piece.kind is Kind.WORDS:
            if _TOKEN.search(piece.source):
                found = "a character of Unicode's plane for private use"
                raise Broken(TemplateFault(piece.file, piece.line, found, "characters that fonts know"))
            return piece.source
        self._pieces.append(piece)
        return chr(FIRST + len(self._pieces) - 1)
