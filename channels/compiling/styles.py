"""CSS inlined once: css-inline says which rules reach which tag, and each tag is given its own where it stands.

css-inline writes the whole page anew, and an HTML parser moves Jinja out of tables; so it is shown the tags alone, each
with a number, and what it found is put into the author's source, of which nothing else changes. A tag's own `style`
comes last and wins, as it does in a browser.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from css_inline import CSSInliner, InlineError
from selectolax.lexbor import LexborHTMLParser

from channels.compiling.faults import TemplateFault
from channels.compiling.pieces import TOKENS, Draft
from channels.compiling.tags import ATTRIBUTE, MARKUP, Tag, outside_quotes, spliced, tag_of

_NUMBER: Final = "data-sojourn"
_INLINER: Final = CSSInliner(load_remote_stylesheets=False)
_QUOTE: Final = '"'
_JINJA: Final = re.compile(f"[{TOKENS}]")
_CLASS_RULE: Final = re.compile(r"\.[a-zA-Z_-]")
_AT_RULE: Final = re.compile(r"@[^{;]*(?:;|\{(?:[^{}]|\{[^{}]*\})*\})")
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_WITHIN_TABLE: Final = {
    **dict.fromkeys(("tr", "tbody", "thead", "tfoot", "caption"), "<table>"),
    **dict.fromkeys(("td", "th"), "<table><tr>"),
}


def stylesheet(draft: Draft) -> str:
    """The rules of a page, but for those that some screens alone follow and those that Jinja decides over."""
    sheets = (found["words"] for found in MARKUP.finditer(draft.text) if _is_sheet(found, draft))
    return "\n".join(filter(str.strip, (_AT_RULE.sub("", _COMMENT.sub("", words)) for words in sheets)))


def without_jinja(rules: str) -> str:
    """The rules that no value of Jinja's stands in."""
    return "}".join(rule for rule in rules.split("}") if not _JINJA.search(rule))


def styled(draft: Draft, rules: str) -> tuple[str, tuple[TemplateFault, ...]]:
    """The draft's text with these rules in its tags, and a warning for each tag that they may miss."""
    tags = [tag_of(found) for found in MARKUP.finditer(draft.text) if found["name"] and not found["end"]]
    try:
        page = _INLINER.inline("".join(_skeleton(draft, rules)))
    except InlineError:
        file, line = draft.place(0)
        return draft.text, (TemplateFault(file, line, "CSS that cannot be read", "CSS", is_warning=True),)
    found = {
        int(node.attributes[_NUMBER] or 0): node.attributes["style"] or ""
        for node in LexborHTMLParser(page).css(f"[{_NUMBER}][style]")
    }
    warnings = tuple(fault for tag in tags if _CLASS_RULE.search(rules) for fault in _missed(draft, tag))
    changes: dict[tuple[int, int], str] = {}
    for tag in tags:
        if tag.begin in found and not tag.attributes.keys() & {"style"} - _certain(draft, tag):
            changes |= _with_style(tag, found[tag.begin])
    return spliced(draft.text, changes), warnings


def _is_sheet(found: "re.Match[str]", draft: Draft) -> bool:
    if (found["raw"] or "").lower() != "style":
        return False
    opening = found.group().partition(">")[0]
    decided = any(piece.name for piece in draft.tokens(found.group()))
    return not decided and "media=" not in opening and 'data-css-inline="ignore"' not in opening


def _skeleton(draft: Draft, rules: str) -> Iterator[str]:
    """A page of the draft's tags alone, numbered by their places. A macro's begin anew, in a table where need be."""
    yield f"<html><head><style>{rules}</style></head><body>"
    begins = True
    for found in re.finditer(f"[{TOKENS}]|{MARKUP.pattern}", draft.text, re.DOTALL | re.IGNORECASE):
        if _JINJA.fullmatch(found.group()):
            begins = begins or draft.piece(found.group()).name in ("macro", "endmacro")
        elif found["name"] and found["end"]:
            yield f"</{found['name']}>"
        elif found["name"]:
            tag = tag_of(found)
            if begins:
                yield _WITHIN_TABLE.get(tag.name, "")
                begins = False
            yield _numbered(draft, tag)
    yield "</body></html>"


def _numbered(draft: Draft, tag: Tag) -> str:
    kept = (tag.attributes[name] for name in sorted(_certain(draft, tag) - {"style"}))
    words = (f' {one.name}="{draft.certain(one.value).replace(_QUOTE, "&quot;")}"' for one in kept)
    return f'<{tag.name}{"".join(words)} {_NUMBER}="{tag.begin}">'


def _certain(draft: Draft, tag: Tag) -> set[str]:
    """The attributes that the tag has whatever the facts may be."""
    names = {found["name"].lower() for found in ATTRIBUTE.finditer(draft.certain(tag.inside))}
    return names & tag.attributes.keys()


def _with_style(tag: Tag, style: str) -> dict[tuple[int, int], str]:
    own = tag.attributes.get("style")
    words = escape(style.strip())
    if own is None or own.begin == own.end:
        return {(tag.after_name, tag.after_name): f' style="{words}"'}
    if not own.quote:
        return {(own.begin, own.end): f'"{words}{own.value}"'}
    return {(own.begin, own.begin): f"{words} " if words.endswith(";") else f"{words}; "}


def _missed(draft: Draft, tag: Tag) -> Iterator[TemplateFault]:
    own = tag.attributes.get("class")
    if own is None:
        return
    stretch = own.value if "class" in _certain(draft, tag) else outside_quotes(tag)
    for piece in draft.tokens(stretch)[:1]:
        found = "a class that Jinja makes, which CSS is not inlined for"
        yield TemplateFault(piece.file, piece.line, found, "a class in plain words, or a style", is_warning=True)
