"""The tags of a draft's HTML, read where they stand: nothing is moved, mended or written anew."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from channels.compiling.pieces import TOKENS

_NAME: Final = rf"[a-zA-Z][^\s/<>{TOKENS}]*"
_INSIDE: Final = r"""(?:[^<>"']|"[^"]*"|'[^']*')*"""
TAG: Final = re.compile(rf"<(?P<end>/?)(?P<name>{_NAME})(?P<inside>{_INSIDE})>")
ATTRIBUTE: Final = re.compile(
    rf"""(?P<name>[^\s"'<>/={TOKENS}]+)(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'=<>`{TOKENS}]+)))?"""
)
_QUOTED: Final = re.compile(r""""[^"]*"|'[^']*'""")
MARKUP: Final = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(?P<raw>style|script|title|textarea)\b{_INSIDE}>(?P<words>.*?)(?:</(?P=raw)\s*>|\Z)"
    rf"|{TAG.pattern}",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a tag: its value as written and where that stands, and its quotes, if it has any."""

    name: str
    value: str
    begin: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag: where it stands, and its attributes by their names in small letters."""

    name: str
    begin: int
    end: int
    inside: str
    attributes: Mapping[str, Attribute]

    @property
    def after_name(self) -> int:
        """Where its attributes begin."""
        return self.begin + 1 + len(self.name)


def start_tags(text: str) -> Iterator[Tag]:
    """Every start tag, those inside comments too: some mail programs read them."""
    for found in TAG.finditer(text):
        if not found["end"]:
            yield tag_of(found)


def tag_of(found: "re.Match[str]") -> Tag:
    """The start tag that was found."""
    attributes: dict[str, Attribute] = {}
    for one in ATTRIBUTE.finditer(found.string, found.start("inside"), found.end("inside")):
        kind = next((kind for kind in ("double", "single", "bare") if one[kind] is not None), None)
        begin, end = one.span(kind) if kind else (one.end(), one.end())
        quote = {"double": '"', "single": "'"}.get(kind or "", "")
        attributes.setdefault(
            one["name"].lower(), Attribute(one["name"], one[kind] or "" if kind else "", begin, end, quote)
        )
    return Tag(found["name"].lower(), found.start(), found.end(), found["inside"], attributes)


def spliced(text: str, changes: Mapping[tuple[int, int], str]) -> str:
    """The text with other words from one position to another."""
    parts, at = [], 0
    for (begin, end), words in sorted(changes.items()):
        parts += [text[at:begin], words]
        at = end
    return "".join([*parts, text[at:]])


def outside_quotes(tag: Tag) -> str:
    """A tag's attributes without their quoted values."""
    return _QUOTED.sub("", tag.inside)
