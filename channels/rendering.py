"""A template and the facts of one customer become the words of one message."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Template, TemplateError
from selectolax.lexbor import LexborHTMLParser

from channels.facts import Facts, MissingVariable, RenderError
from channels.filters import TooMuch
from channels.plain import text_of
from channels.protocol import Channel
from channels.sandbox import MAX_STEPS, Forbidden, steps_left
from channels.templates import HTML, SAMPLE, SUBJECT, TEXT, Broken, TemplateFault, TemplateSet

MAX_BODY: Final = 500_000
MAX_SUBJECT: Final = 500
MAX_SMS: Final = 1_600
SAMPLE_FACTS: Final[Mapping[str, Any]] = {
    "journey": {"name": "sample"},
    "round": 1,
    "links": {
        "unsubscribe": "https://example.org/unsubscribe",
        "preferences": "https://example.org/preferences",
        "confirm": "https://example.org/confirm",
    },
}
"""What every message is given, for samples and previews."""

_LINE_BREAKS: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SCHEME: Final = re.compile(r"[\x00-\x20]*([a-z][a-z0-9+.-]*)[\x00-\x20]*:", re.IGNORECASE)
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "sms", "cid"})
_LINKS: Final = ("href", "src", "action", "formaction", "background", "poster")
_IGNORED: Final = re.compile(r"[\t\r\n]")  # as browsers do, wherever it stands
_FAILURES: Final = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


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


def render_email(templates: TemplateSet, name: str, facts: Mapping[str, Any]) -> RenderedEmail:
    """The e-mail that template `name` makes of the facts. Raises RenderError: withhold it."""
    subject = _written(templates, Channel.EMAIL, name, SUBJECT, facts, MAX_SUBJECT)
    html = _written(templates, Channel.EMAIL, name, HTML, facts, MAX_BODY) or ""
    text = _written(templates, Channel.EMAIL, name, TEXT, facts, MAX_BODY)
    if html:
        _hold_links(html)
    if subject is None or not (html or text):
        raise Broken(f"email/{name} has no {'body' if subject is not None else 'subject'}")
    return RenderedEmail(one_line(subject), html, text if text is not None else text_of(html))


def render_sms(templates: TemplateSet, name: str, facts: Mapping[str, Any]) -> RenderedSms:
    """The text message that template `name` makes of the facts. Raises RenderError: withhold it."""
    body = (_written(templates, Channel.SMS, name, TEXT, facts, MAX_SMS) or "").strip()
    if not body:
        raise Broken(f"sms/{name} has no words")
    return RenderedSms(body)


def sample_faults(templates: TemplateSet) -> tuple[TemplateFault, ...]:
    """A fault for each template that does not render its own sample.yaml."""
    return tuple(
        fault
        for channel in Channel
        for name in templates.names(channel)
        for fault in _sample_faults(templates, channel, name)
    )


def render_sample(templates: TemplateSet, channel: Channel, name: str) -> RenderedEmail | RenderedSms:
    """The message that the template makes of its sample.yaml. Raises RenderError."""
    facts = {**SAMPLE_FACTS, **templates.sample(channel, name)}
    return (render_email if channel is Channel.EMAIL else render_sms)(templates, name, facts)


def one_line(words: str) -> str:
    """The words on one line: no line break from a customer's data reaches a header."""
    return _LINE_BREAKS.sub(" ", words).strip()


def _sample_faults(templates: TemplateSet, channel: Channel, name: str) -> Iterator[TemplateFault]:
    try:
        render_sample(templates, channel, name)
    except MissingVariable as lack:
        places = (need for need in templates.needs(channel, name) if lack.name.startswith(need.name))
        place = next(places, None)
        file, line = (place.file, place.line) if place else (f"templates/{channel}/{name}", 1)
        yield TemplateFault(file, line, f"{lack.name} has no value", f"one in {SAMPLE}, or a default")
    except RenderError as fault:
        yield TemplateFault(f"templates/{channel}/{name}/{SAMPLE}", 1, str(fault), "facts that render the template")


def _written(
    templates: TemplateSet, channel: Channel, name: str, file: str, facts: Mapping[str, Any], most: int
) -> str | None:
    template = templates.compiled(channel, name, file)
    if template is None:
        return None
    steps_left.set([MAX_STEPS])
    try:
        return "".join(_measured(template, facts, most))
    except RenderError:
        raise
    except _FAILURES as failure:
        raise Broken(f"{channel}/{name}/{file} fails with {type(failure).__name__}") from None


def _measured(template: Template, facts: Mapping[str, Any], most: int) -> Iterator[str]:
    """The pieces as they are made, so that a flood ends early."""
    known = Facts(facts)
    length = 0
    for piece in template.generate({name: known[name] for name in known}):
        length += len(piece)
        if length > most:
            raise TooMuch(f"more than {most} signs")
        yield piece


def _hold_links(html: str) -> None:
    """Raises Forbidden where a link, by an author's slip with a customer's data, would run a script or read a file."""
    for node in LexborHTMLParser(html).css(",".join(f"[{attribute}]" for attribute in _LINKS)):
        for attribute in _LINKS:
            scheme = _SCHEME.match(_IGNORED.sub("", node.attributes.get(attribute) or ""))
            if scheme and scheme.group(1).lower() not in _SCHEMES:
                raise Forbidden("a link's scheme is closed to messages")
