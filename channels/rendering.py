"""A template and the facts of one customer become the words of one message."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import Any, Final

from jinja2 import Template, TemplateError

from channels.compiling.faults import Broken
from channels.compiling.links import written
from channels.facts import Facts, RenderError
from channels.filters import TooMuch
from channels.plain import text_of
from channels.protocol import Channel
from channels.sandbox import MAX_STEPS, steps_left
from channels.templates import POSTAL_ADDRESS, TemplateSet
from channels.tracking import AS_WRITTEN, Tracking

MAX_BODY: Final = 500_000
MAX_SUBJECT: Final = 500
MAX_SMS: Final = 1_600
SAMPLE_FACTS: Final[Mapping[str, Any]] = {
    "journey": {"name": "sample"},
    "round": 1,
    "postal_address": "Example Ltd, 1 High Street, Springfield",
    "links": {
        "unsubscribe": "https://example.org/unsubscribe",
        "preferences": "https://example.org/preferences",
        "confirm": "https://example.org/confirm",
    },
}
"""What every message is given, for samples and previews."""

_AT_ONCE: Final = 64
"""Pieces of a body made before they are measured; each has MAX_TEXT signs at most, or is the author's own words."""
_LINE_BREAKS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_FAILURES: Final = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError)
_PICTURE: Final = '<img src="{}" alt="" width="1" height="1" style="border:0">'
_FOOTER: Final = '<p style="margin:24px 0 0;font-size:12px;text-align:center">{}</p>'


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """The words of one e-mail; `text` is never absent, `html` may be empty."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class RenderedSms:
    """The words of one text message."""

    body: str


def render_email(
    templates: TemplateSet, name: str, facts: Mapping[str, Any], tracking: Tracking = AS_WRITTEN, address: str = ""
) -> RenderedEmail:
    """The e-mail that template `name` makes of the facts, in the language of the customer's `locale`.

    Both bodies end with the postal `address` where they do not say it. Raises RenderError: withhold it.
    """
    wording, known = templates.wording(Channel.EMAIL, name, _locale(facts)), _known(templates, facts)
    subject = _filled(templates, wording.subject, known, MAX_SUBJECT)
    marked = _filled(templates, wording.html, known, MAX_BODY)
    text = _filled(templates, wording.text, known, MAX_BODY)
    if not wording.subject or not (marked or text):
        raise Broken(f"email/{name} has no {'body' if wording.subject else 'subject'}")
    html, kept = written(marked, None if tracking.is_idle else tracking.link)
    if not wording.text:
        text = text_of(html if tracking.is_idle else written(marked)[0])
    text = tracking.text(text, kept)
    if address and html and not _tells(templates, wording.html, escape(address), html):
        html = _signed(html, address)
    if address and not _tells(templates, wording.text, address, text):
        text = f"{text.rstrip()}\n\n{address}\n"
    if tracking.picture and html:
        html = _ended(html, _PICTURE.format(escape(tracking.picture)))
    return RenderedEmail(one_line(subject), html, text)


def render_sms(
    templates: TemplateSet,
    name: str,
    facts: Mapping[str, Any],
    tracking: Tracking = AS_WRITTEN,
    channel: Channel = Channel.SMS,
) -> RenderedSms:
    """The text that template `name` of a channel without pages makes of the facts. Raises RenderError: withhold it."""
    wording = templates.wording(channel, name, _locale(facts))
    body = _filled(templates, wording.text, _known(templates, facts), MAX_SMS).strip()
    if not body:
        raise Broken(f"{channel}/{name} has no words")
    return RenderedSms(tracking.text(body))


def render_sample(
    templates: TemplateSet, channel: Channel, name: str, locale: str = "", address: str = "", **facts: Any
) -> RenderedEmail | RenderedSms:
    """The message that the template makes of its sample.yaml, for a locale, and of `facts`. Raises RenderError.

    An e-mail ends with the postal `address` as `render_email` says.
    """
    sample = {**SAMPLE_FACTS, **templates.sample(channel, name), **facts}
    if locale:
        known = sample.get("customer")
        sample["customer"] = {**(known if isinstance(known, Mapping) else {}), "locale": locale}
    if channel is Channel.EMAIL:
        return render_email(templates, name, sample, address=address)
    return render_sms(templates, name, sample, channel=channel)


def one_line(words: str) -> str:
    """The words on one line: no line break from a customer's data reaches a header."""
    return _LINE_BREAKS.sub(" ", words).strip()


def _locale(facts: Mapping[str, Any]) -> str:
    customer = facts.get("customer")
    locale = customer.get("locale") if isinstance(customer, Mapping) else None
    return locale if isinstance(locale, str) else ""


def _known(templates: TemplateSet, facts: Mapping[str, Any]) -> dict[str, Any]:
    """All that the files of a template may name."""
    known = Facts(facts)
    return {**templates.environment.globals, **{name: known.at(name) for name in known}}


def _filled(templates: TemplateSet, path: str, known: dict[str, Any], most: int) -> str:
    """What the file makes of the facts; nothing where there is no file."""
    if not path:
        return ""
    steps_left.set([MAX_STEPS])
    try:
        return "".join(_measured(templates.compiled(path), known, most))
    except RenderError:
        raise
    except _FAILURES as failure:
        raise Broken(f"{path} fails with {type(failure).__name__}") from None


def _measured(template: Template, known: dict[str, Any], most: int) -> Iterator[str]:
    """The pieces as they are made, so that a flood ends early."""
    made, length = template.root_render_func(template.new_context(known, shared=True)), 0
    while pieces := [*islice(made, _AT_ONCE)]:
        words = "".join(pieces)
        length += len(words)
        if length > most:
            raise TooMuch(f"more than {most} signs")
        yield words


def _tells(templates: TemplateSet, path: str, address: str, body: str) -> bool:
    """Whether a body says where we are, by the name for it or in plain words."""
    return bool(path and POSTAL_ADDRESS in templates.needs_in(path)) or address in body


def _signed(html: str, address: str) -> str:
    """The page with the postal address as its last words."""
    return _ended(html, _FOOTER.format("<br>".join(escape(line) for line in address.splitlines())))


def _ended(html: str, last: str) -> str:
    """The page with this as the last that its body holds."""
    before, end, after = html.rpartition("</body>")
    return f"{before}{last}{end}{after}" if end else f"{html}{last}"
