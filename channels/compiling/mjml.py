"""MJML becomes HTML, once; needs the extra `mjml`."""

import re
from collections.abc import Iterator
from typing import Final

from channels.compiling.faults import Broken, TemplateFault
from channels.compiling.pieces import FIRST, TOKENS, Draft
from channels.compiling.tags import MARKUP

try:
    import mrml
except ModuleNotFoundError:
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

_WORDY: Final = frozenset(
    {
        *("mj-text", "mj-button", "mj-table", "mj-raw", "mj-title", "mj-preview", "mj-style", "mj-navbar-link"),
        *("mj-social-element", "mj-accordion-title", "mj-accordion-text"),
    }
)
"""The elements that hold words; between all others words have no place, so Jinja stands there in an `mj-raw`."""
_PAGE: Final = re.compile(r"<mjml\b.*</mjml\s*>", re.DOTALL | re.IGNORECASE)
_TOKEN: Final = re.compile(f"[{TOKENS}]")
_STEP: Final = re.compile(rf"{MARKUP.pattern}|[^<{TOKENS}]+|.", re.DOTALL | re.IGNORECASE)
_WORD: Final = re.compile(r"jinja-(\d{5})-jinja")


def html_of(draft: Draft, file: str) -> str:
    """The draft's text as HTML. Raises Broken where it is no MJML, and where the extra is not installed."""
    if not IS_INSTALLED:
        raise Broken(TemplateFault(file, 1, "MJML", "the extra that reads it: pip install 'sojourn[mjml]'"))
    if not _PAGE.search(draft.text):
        raise Broken(TemplateFault(file, 1, "no page of MJML", "<mjml> to </mjml>"))
    return _PAGE.sub(lambda page: _rendered(page.group(), file), draft.text)


def _rendered(page: str, file: str) -> str:
    try:
        html = mrml.to_html("".join(_placed(page)), render_options=mrml.RenderOptions(fonts={})).content
    except OSError as fault:
        raise Broken(TemplateFault(file, 1, str(fault), "MJML")) from None
    return _WORD.sub(lambda word: chr(FIRST + int(word[1])), html)


def _placed(page: str) -> Iterator[str]:
    """The page with each piece of Jinja as a word that MJML lets stand."""
    within: list[str] = []
    for found in _STEP.finditer(page):
        name, is_token = (found["name"] or "").lower(), _TOKEN.fullmatch(found.group())
        words = _TOKEN.sub(_worded, found.group())
        yield f"<mj-raw>{words}</mj-raw>" if is_token and not _WORDY & {*within} else words
        if found["end"] and name in within:
            del within[within.index(name) :]
        elif name.startswith("mj") and not found["end"] and not found["inside"].endswith("/"):
            within.append(name)


def _worded(token: "re.Match[str]") -> str:
    return f"jinja-{ord(token.group()) - FIRST:05}-jinja"
