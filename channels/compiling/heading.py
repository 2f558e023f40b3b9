"""What a page of HTML is given at its head: the preheader, and the colours it was made for."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Final

from channels.compiling.faults import Broken, TemplateFault
from channels.compiling.pieces import Draft, Kind, Piece
from channels.compiling.tags import start_tags

_HIDDEN: Final = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">'
_SCHEME: Final = re.compile(r"color-scheme\b", re.IGNORECASE)
_DARK: Final = re.compile(r"prefers-color-scheme\s*:\s*dark", re.IGNORECASE)


def with_preheader(draft: Draft, preheader: Sequence[Piece]) -> str:
    """The draft's text with the preheader as its first words, hidden: mail programs show them beside the subject."""
    for piece in preheader:
        if piece.refers or piece.name == "extends":
            raise Broken(TemplateFault(piece.file, piece.line, piece.source.strip(), "a line that needs no other file"))
    words = (
        replace(piece, source=escape(piece.source.strip("\n"))) if piece.kind is Kind.WORDS else piece
        for piece in preheader
    )
    return _after(draft.text, "body", f"{_HIDDEN}{draft.put(words)}</div>", at_worst=0)


def with_colour_scheme(text: str) -> str:
    """The text with a `color-scheme`, where it has a head and says none: `light`, unless it has rules for the dark."""
    if _SCHEME.search(_DARK.sub("", text)):
        return text
    schemes = "light dark" if _DARK.search(text) else "light"
    return _after(text, "head", f'<meta name="color-scheme" content="{schemes}">')


def _after(text: str, name: str, words: str, at_worst: int | None = None) -> str:
    """The text with these words behind the start tag of this name; where there is none, at `at_worst`, if anywhere."""
    at = next((tag.end for tag in start_tags(text) if tag.name == name), at_worst)
    return text if at is None else f"{text[:at]}{words}{text[at:]}"
