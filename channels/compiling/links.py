"""Links found in the source once, so that no message has to be read as HTML before it goes.

What stands in an attribute that leads somewhere is put between two marks, which are taken away again when the message
is written: there the address is known, is held to the schemes that are open, and may be led through another.
The marks cannot be told beforehand, so no data forges one.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from html import escape, unescape
from secrets import token_hex
from typing import Final

from channels.compiling.faults import Broken, TemplateFault
from channels.compiling.pieces import TOKENS, Draft, Kind
from channels.compiling.tags import MARKUP, Attribute, Tag, outside_quotes, spliced, start_tags
from channels.facts import Forbidden

LINKS: Final = frozenset({"href", "src", "action", "formaction", "background", "poster"})
NO_TRACK: Final = "data-notrack"
_OPEN: Final = f"\x02{token_hex(8)}"
_CLOSE: Final = f"\x03{token_hex(8)}"
_SCHEME: Final = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.-]*)[\x00-\x20]*:", re.IGNORECASE)
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid"})
_IGNORED: Final = re.compile(r"[\t\r\n]")  # as browsers do, wherever it stands
_HAS_JINJA: Final = re.compile(f"[{TOKENS}]")
_BEGINS: Final = re.compile(f"</?[a-zA-Z{TOKENS}]")
_BRANCHES: Final = frozenset({"if", "elif", "else", "endif", "for", "endfor"})
_ESCAPED: Final = ".html"


class Link(StrEnum):
    """What a marked address is for."""

    FOLLOWED = "f"  # by a click: it may be led through another
    KEPT = "k"  # by a click, and the author keeps it as it is
    LOADED = "l"  # by the mail program itself


def marked(draft: Draft) -> str:
    """The draft's text with marks around its links. Raises Broken where Jinja stands where data could become HTML."""
    _hold_closed(draft)
    changes: dict[tuple[int, int], str] = {}
    for tag in start_tags(draft.text):
        _hold_in_quotes(draft, tag)
        for name in LINKS & tag.attributes.keys():
            attribute = tag.attributes[name]
            if attribute.end > attribute.begin:
                changes |= _marked(attribute, _kind(tag, name))
    return spliced(draft.text, changes)


def written(html: str, follow: Callable[[str], str] | None = None) -> tuple[str, frozenset[str]]:
    """The message without marks, its links led by `follow`; and the links that their author keeps as they are.

    Raises Forbidden where a link would run a script or read a file.
    """
    first, *rest = html.split(_OPEN)
    parts, kept = [first], set()
    for piece in rest:
        marked, closed, words = piece.partition(_CLOSE)
        if not closed:
            raise Broken("a link stands within a link")
        kind, link, address = _read(marked)
        if kind is Link.KEPT:
            kept.add(address)
        elif follow and kind is Link.FOLLOWED and (led := follow(address)) != address:
            link = escape(led)
        parts.append(link)
        parts.append(words)
    return "".join(parts), frozenset(kept)


@lru_cache(maxsize=4096)
def _read(marked: str) -> tuple[Link, str, str]:
    """What stands between two marks: what it is for, the link, and the address that it says. Raises Forbidden."""
    address = unescape(marked[1:]).strip()
    hold(address)
    return Link(marked[0]), marked[1:], address


def hold(address: str) -> None:
    """Raises Forbidden where an address, by an author's slip with a customer's data, runs a script or reads a file."""
    scheme = _SCHEME.match(_IGNORED.sub("", address))
    if scheme and scheme.group(1).lower() not in _SCHEMES:
        raise Forbidden("a link's scheme is closed to messages")


def _kind(tag: Tag, name: str) -> Link:
    if name != "href" or not (tag.name in ("a", "area") or tag.name.startswith("v:")):
        return Link.LOADED
    return Link.KEPT if NO_TRACK in tag.attributes else Link.FOLLOWED


def _marked(attribute: Attribute, kind: Link) -> dict[tuple[int, int], str]:
    """Its value between marks; what is known already and only loaded is looked at now and needs none."""
    is_known = not _HAS_JINJA.search(attribute.value)
    if is_known:
        hold(unescape(attribute.value))
    if is_known and kind is Link.LOADED:
        return {}
    quote = "" if attribute.quote else '"'
    return {(attribute.begin, attribute.end): f"{quote}{_OPEN}{kind}{attribute.value}{_CLOSE}{quote}"}


def _hold_closed(draft: Draft) -> None:
    """Holds every tag to end where its file does, and every file that is put in to be escaped."""
    torn = _BEGINS.search(MARKUP.sub(lambda tag: " " * len(tag.group()), draft.text))
    if torn:
        file, line = draft.place(torn.start())
        raise Broken(TemplateFault(file, line, "a tag without an end", "'>' in the same file, and quotes in pairs"))
    for piece in draft.tokens(draft.text):
        if (piece.refers or piece.name == "extends") and not piece.argument.endswith(_ESCAPED):
            found = f"'{piece.argument}' in HTML"
            raise Broken(TemplateFault(piece.file, piece.line, found, "a file whose values are escaped: .html"))


def _hold_in_quotes(draft: Draft, tag: Tag) -> None:
    """Holds values to a tag's quotes, and branches to end where they began."""
    for piece in draft.tokens(outside_quotes(tag)):
        if piece.kind is Kind.VALUE or piece.name not in _BRANCHES:
            raise Broken(TemplateFault(piece.file, piece.line, f"{piece.source.strip()} in a tag", "quotes around it"))
    for stretch in (outside_quotes(tag), *(one.value for one in tag.attributes.values())):
        depth = 0
        for piece in draft.tokens(stretch):
            depth += piece.opens - piece.closes
            if depth < 0 or (depth == 0 and piece.name in ("else", "elif")):
                raise Broken(
                    TemplateFault(piece.file, piece.line, piece.source.strip(), "its beginning in the same tag")
                )
        if depth:
            file, line = draft.place(tag.begin)
            raise Broken(TemplateFault(file, line, "a tag that ends within a branch", "the branch's end in the tag"))
