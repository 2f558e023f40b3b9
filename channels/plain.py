"""An HTML body as plain text, for authors who wrote no body.txt."""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

_PARAGRAPHS: Final = (
    "address article blockquote dl figure footer form h1 h2 h3 h4 h5 h6 header hr main ol p pre table ul"
)
_LINES: Final = {
    **dict.fromkeys(_PARAGRAPHS.split(), 2),
    **dict.fromkeys(("li", "tr", "div", "section", "dt", "dd"), 1),
}
"""The line breaks before and after an element."""
_SILENT: Final = frozenset(["head", "script", "style", "title", "template", "noscript"])
_SPACES: Final = re.compile(r"[ \t\r\n\f\u00a0]+")
_INVISIBLE: Final = re.compile("[\u200b\u200c\u200d\u2007\ufeff\u034f\u00ad]+")
_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)


class _Page:
    """Text as it grows; line breaks wait until words follow, so that the larger of two neighbours counts."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._breaks = 0

    def say(self, words: str) -> None:
        if self._breaks and words.strip():
            self.words.append("\n" * self._breaks if self.words else "")
            self._breaks = 0
            words = words.lstrip()
        if not self._breaks:
            self.words.append(words)

    def part(self, lines: int) -> None:
        self._breaks = max(self._breaks, lines)


def text_of(html: str) -> str:
    """The words of a page in reading order: links as `words (address)`, list items after a dash, paragraphs apart."""
    body = LexborHTMLParser(html).body
    page = _Page()
    if body is not None:
        _write(body, page)
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(page.words).split("\n"))
    return "\n".join(lines).strip() + "\n"


def _write(node: LexborNode, page: _Page) -> None:
    tag = node.tag or ""
    if tag == "-text":
        page.say(_SPACES.sub(" ", _INVISIBLE.sub("", node.text_content or "")))
    elif tag == "br":
        page.part(1)
    elif tag == "img":
        page.say((node.attributes.get("alt") or "").strip())
    elif tag not in _SILENT and not _HIDDEN.search(node.attributes.get("style") or ""):
        _write_element(node, tag, page)


def _write_element(node: LexborNode, tag: str, page: _Page) -> None:
    lines = _LINES.get(tag, 0)
    page.part(lines)
    if tag == "li":
        page.say("- ")
    for child in node.iter(include_text=True):
        _write(child, page)
    href = (node.attributes.get("href") or "").strip() if tag == "a" else ""
    if href and not href.startswith("#") and href not in node.text():
        page.say(f" ({href.removeprefix('mailto:')})")
    if tag in ("td", "th"):
        page.say(" ")
    page.part(lines)
