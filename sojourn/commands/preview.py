"""`sojourn preview`: a message as its template writes it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from channels.checking import is_clipped
from channels.facts import RenderError
from channels.parts import parts_of
from channels.protocol import Channel
from channels.rendering import RenderedEmail, RenderedSms, render_sample
from channels.templates import TemplateSet
from engine.language.checking.walking import messages
from engine.language.faults import listed, nearest
from engine.release import Policy, Release
from engine.words import Purpose
from sojourn.commands.lazily import imported
from sojourn.errors import Mistake
from sojourn.posting import post
from sojourn.project import Folder, find_folder, load, load_sound, readable, templates_of
from sojourn.settings import STATE, load_settings
from sojourn.terminal import keep_page, note, print_json, say

app = typer.Typer(add_completion=False)


@app.command()
def preview(
    template: Annotated[str, typer.Argument(help="Its name: welcome, or email/welcome where there are two.")],
    to: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Send it there, by the channel in use.")] = None,
    locale: Annotated[str, typer.Option(help="The customer's locale, such as de or pt-BR.")] = "",
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the HTML goes.")] = None,
    browser: Annotated[bool, typer.Option("--open", help="Open the HTML in a browser.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Subject, text and HTML as JSON.")] = False,
    folder: Folder = Path(),
) -> None:
    """See a message as its template writes it from sample.yaml, or send it to yourself.

    \b
    sojourn preview welcome --open
    sojourn preview welcome --locale de
    sojourn preview sms/last_chance
    sojourn preview welcome --to ada@acme.example
    """
    root = find_folder(folder)
    templates = templates_of(readable(root))
    channel, name = _named(template, templates)
    words = _rendered(root, templates, channel, name, locale)
    if as_json:
        print_json(_as_json(words))
    else:
        for line in _lines(words):
            say(line)
    if isinstance(words, RenderedEmail) and words.html and (html or browser or not as_json):
        keep_page(words.html, html or root / STATE / "preview" / f"{name}.html", browser=browser)
    for remark in _remarks(words):
        note(remark)
    if to is not None:
        settings = load_settings(root)
        imported("ledger.standing").may_reach(root, settings, channel, to)
        note(post(words, to, load_sound(root).policy, f"{channel}/{name}", settings, root / STATE))


def _rendered(
    root: Path, templates: TemplateSet, channel: Channel, name: str, locale: str
) -> RenderedEmail | RenderedSms:
    release, _ = load(root)
    address = (release.policy if release else Policy()).postal_address
    facts = {"postal_address": address} if address else {}
    ending = address if release and _is_marketing(release, channel, name) else ""
    try:
        return render_sample(templates, channel, name, locale, ending, **facts)
    except RenderError as fault:
        raise Mistake(f"templates/{channel}/{name}: {fault}; `sojourn check` says more") from None


def _is_marketing(release: Release, channel: Channel, name: str) -> bool:
    """Does any journey send the template as marketing, which ends with the postal address?"""
    sent = (message for journey in release.journeys.values() for message in messages(journey))
    uses = {message.purpose for message in sent if (message.channel.value, message.template) == (channel.value, name)}
    return Purpose.MARKETING in uses


def _remarks(words: RenderedEmail | RenderedSms) -> Iterator[str]:
    """What an author wants to know of a message's size."""
    match words:
        case RenderedEmail(html=html) if is_clipped(html):
            yield f"{len(html.encode()) // 1024} KB of HTML: Gmail hides what is behind 102 KB"
        case RenderedSms(body):
            parts = parts_of(body)
            strange = f", for it has {' '.join(sorted(parts.strange))}" if parts.strange else ""
            number = f"{parts.number} part{'' if parts.number == 1 else 's'}"
            yield f"{number}: {parts.units} units of {parts.encoding.value.upper()}{strange}"


def _named(template: str, templates: TemplateSet) -> tuple[Channel, str]:
    known = {f"{channel}/{name}": (channel, name) for channel in Channel for name in templates.names(channel)}
    found = [both for full, both in known.items() if template in (full, both[1])]
    if not found:
        near = nearest(template, [*known, *(name for _, name in known.values())])
        raise Mistake(f"found no template '{template}'" + (f"; did you mean '{near}'?" if near else ""))
    if len(found) > 1:
        raise Mistake(f"found several: expected {listed([f'{channel}/{name}' for channel, name in found])}")
    return found[0]


def _lines(words: RenderedEmail | RenderedSms) -> Iterator[str]:
    match words:
        case RenderedEmail():
            yield f"Subject: {words.subject}"
            yield ""
            yield words.text.rstrip("\n")
        case RenderedSms():
            yield words.body


def _as_json(words: RenderedEmail | RenderedSms) -> Mapping[str, str | int]:
    match words:
        case RenderedEmail():
            return {"subject": words.subject, "text": words.text, "html": words.html}
        case RenderedSms():
            return {"text": words.body, "parts": parts_of(words.body).number}
