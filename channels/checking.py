"""Everything wrong with templates as they stand: what `check` tells of them, all at once."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from jinja2 import TemplateSyntaxError

from channels.compiling.faults import Broken, TemplateFault
from channels.compiling.files import FILES, HTML, MJML, SAMPLE, SUBJECT, TEXT, plain
from channels.compiling.names import references
from channels.facts import MissingVariable, RenderError
from channels.protocol import Channel
from channels.rendering import RenderedEmail, render_sample
from channels.templates import TOO_DEEP, TemplateSet

CLIPPED: Final = 102 * 1024
"""Bytes of HTML beyond which Gmail hides the rest of a message, the unsubscribe link included."""


def faults(templates: TemplateSet) -> tuple[TemplateFault, ...]:
    """Every fault and warning of the files; a template whose files are sound must write its sample in each language."""
    folders = [(channel, name) for channel in Channel for name in templates.names(channel)]
    found = [
        *(fault for path in templates.texts for fault in _file_faults(templates, path)),
        *(fault for channel, name in folders for fault in _folder_faults(templates, channel, name)),
    ]
    faulty = {fault.file for fault in found if not fault.is_warning}
    for channel, name in folders:
        if not faulty & {templates.shown(path) for path in templates.reached(channel, name)}:
            found += _sample_faults(templates, channel, name)
    return tuple(dict.fromkeys([*found, *templates.warnings]))


def is_clipped(html: str) -> bool:
    """Whether Gmail would hide a part of it."""
    return len(html.encode("utf-8", "replace")) > CLIPPED


def _file_faults(templates: TemplateSet, path: str) -> Iterator[TemplateFault]:
    shown, environment = templates.shown(path), templates.environment
    if path.endswith(".yaml"):
        return
    try:
        environment.compile(templates.texts[path], path, path)
        tree = environment.parse(templates.texts[path], path, path)
    except TemplateSyntaxError as fault:
        yield TemplateFault(shown, fault.lineno, (fault.message or "a fault").rstrip("."), "a Jinja template")
        return
    except TOO_DEEP:
        yield TemplateFault(shown, 1, "too deep, or too long", "less within one another")
        return
    for reference in references(tree):
        if reference.path not in templates.texts:
            found = f"'{reference.path}'" if reference.path else "a file named by a variable"
            yield TemplateFault(shown, reference.line, found, f"a file of {templates.shown('')} by its path")


def _folder_faults(templates: TemplateSet, channel: Channel, name: str) -> Iterator[TemplateFault]:
    folder, files = f"{channel}/{name}/", templates.files(channel, name)
    for file in (path.removeprefix(folder) for path in templates.texts if path.startswith(folder)):
        yield from _name_faults(templates.shown(folder + file), file, FILES[channel])
    if channel is Channel.EMAIL and (SUBJECT, "") not in files:
        yield TemplateFault(templates.shown(folder + SUBJECT), 1, "no such file", "the subject")
    if not templates.has(channel, name):
        wanted = f"{HTML}, {MJML} or {TEXT}" if channel is Channel.EMAIL else TEXT
        yield TemplateFault(templates.shown(folder + TEXT), 1, "no such file", wanted)
    if (SAMPLE, "") not in files:
        yield TemplateFault(templates.shown(folder + SAMPLE), 1, "no such file", "facts that render the template")
    for locale in templates.locales(channel, name):
        yield from _variant_faults(templates, channel, name, locale)


def _name_faults(shown: str, file: str, expected: Sequence[str]) -> Iterator[TemplateFault]:
    if plain(file) not in expected or (plain(file) == SAMPLE and file != SAMPLE):
        near = get_close_matches(file, expected, n=1)
        advice = f"; did you mean {near[0]}?" if near else ""
        yield TemplateFault(shown, 1, file, " ".join(expected) + advice)


def _variant_faults(templates: TemplateSet, channel: Channel, name: str, locale: str) -> Iterator[TemplateFault]:
    files = {file: path for (file, own), path in templates.files(channel, name).items() if own == locale}
    if HTML in files and MJML in files:
        yield TemplateFault(templates.shown(files[MJML]), 1, f"{MJML} beside {HTML}", "one of them")
    bodies = [files[body] for body in (HTML, MJML, TEXT) if body in files]
    if locale and channel is Channel.EMAIL and bool(bodies) != (SUBJECT in files):
        there = bodies[0] if bodies else next(iter(files.values()))
        wanted = SUBJECT if bodies else "body"
        expected = f"a {wanted.partition('.')[0]} in the same language"
        yield TemplateFault(templates.shown(there), 1, f"a variant for {locale} alone", expected, is_warning=True)


def _sample_faults(templates: TemplateSet, channel: Channel, name: str) -> Iterator[TemplateFault]:
    for locale in templates.locales(channel, name):
        yield from _sample_faults_in(templates, channel, name, locale)


def _sample_faults_in(templates: TemplateSet, channel: Channel, name: str, locale: str) -> Iterator[TemplateFault]:
    sample = templates.shown(f"{channel}/{name}/{SAMPLE}")
    try:
        words = render_sample(templates, channel, name, locale)
    except MissingVariable as lack:
        places = (need for need in templates.needs(channel, name) if lack.name.startswith(need.name))
        place = next(places, None)
        file, line = (place.file, place.line) if place else (templates.shown(f"{channel}/{name}"), 1)
        yield TemplateFault(file, line, f"{lack.name} has no value", f"one in {SAMPLE}, or a default")
    except Broken as broken:
        yield broken.fault or TemplateFault(sample, 1, str(broken), "facts that render the template")
    except RenderError as fault:
        yield TemplateFault(sample, 1, str(fault), "facts that render the template")
    else:
        if isinstance(words, RenderedEmail) and is_clipped(words.html):
            path = templates.shown(templates.wording(channel, name, locale).html)
            found = f"{len(words.html.encode()) // 1024} KB of HTML"
            yield TemplateFault(path, 1, found, "at most 102 KB, for Gmail hides what is behind", is_warning=True)
