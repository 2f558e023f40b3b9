"""Templates: the words of messages, from a folder or from published text, compiled once.

`email/<name>/` holds subject.txt, preheader.txt (or none), body.html or body.mjml, body.txt (either body may be absent)
and sample.yaml; `sms/<name>/` holds body.txt and sample.yaml. Beside each may lie its variants for a locale,
`body.de.html`. Any other file is for templates to extend, include or import, by its path:
`{% extends "email/layout.html" %}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

import yaml
from jinja2 import Template, TemplateSyntaxError

from channels.compiling.faults import Broken, TemplateFault
from channels.compiling.files import FILES, HTML, MJML, SAMPLE, SUBJECT, TEXT, falling_back, variants
from channels.compiling.names import Names, Use, names_of
from channels.compiling.sources import Sources
from channels.protocol import Channel
from channels.sandbox import Sandbox

UNSUBSCRIBE: Final = "links.unsubscribe"
POSTAL_ADDRESS: Final = "postal_address"
TOO_DEEP: Final = (RecursionError, SyntaxError, MemoryError)
"""What Python makes of a template that has too much within itself."""
_SUFFIXES: Final = (".txt", ".html", ".mjml", ".yaml")
_BODIES: Final = (HTML, MJML, TEXT)


@dataclass(frozen=True, slots=True)
class NeededName:
    """A name that a template needs, and the place where it does."""

    name: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Wording:
    """The files of one template that speak to a customer, by their paths; empty where there is none."""

    subject: str
    html: str
    text: str


class TemplateSet:
    """All templates of one release. `texts` are its files by path, `email/welcome/subject.txt`."""

    def __init__(self, texts: Mapping[str, str], shown_as: str = "templates") -> None:
        self.texts: Mapping[str, str] = dict(sorted(texts.items()))
        self._shown_as = shown_as
        self._sources = Sources(self.texts, self.shown)
        self.environment: Final = Sandbox(self._sources)
        self._compiled: dict[str, Template] = {}
        self._files: dict[tuple[Channel, str], Mapping[tuple[str, str], str]] = {}
        self._names: dict[str, Names] = {}
        self.wording: Final = lru_cache(maxsize=1024)(self._wording)
        self._needed: dict[str, frozenset[str]] = {}

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """The templates below `folder`. Raises OSError, and UnicodeDecodeError where a file is not UTF-8."""
        files = (file for file in folder.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
        texts = {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in files}
        return cls(texts, folder.name)

    @classmethod
    def from_texts(cls, texts: Mapping[str, str]) -> Self:
        """The templates of published text."""
        return cls(texts)

    @property
    def warnings(self) -> tuple[TemplateFault, ...]:
        """What was seen, and stands in nobody's way, in the files that have been compiled so far."""
        return tuple(fault for faults in self._sources.warnings.values() for fault in faults)

    def names(self, channel: Channel) -> tuple[str, ...]:
        """The templates of a channel, by name."""
        parts = (path.split("/") for path in self.texts)
        return tuple(sorted({part[1] for part in parts if len(part) == 3 and part[0] == channel}))

    def files(self, channel: Channel, name: str) -> Mapping[tuple[str, str], str]:
        """The paths of a template's files, by what they are and their locale: `("body.html", "de")`."""
        if (channel, name) not in self._files:
            self._files[channel, name] = variants(self.texts, f"{channel}/{name}")
        return self._files[channel, name]

    def locales(self, channel: Channel, name: str) -> tuple[str, ...]:
        """The locales that a template has files for; the default, which is empty, comes first."""
        return tuple(sorted({"", *(locale for _, locale in self.files(channel, name))}))

    def has(self, channel: Channel, name: str) -> bool:
        """Whether the template has what it cannot be sent without."""
        return any((body, "") in self.files(channel, name) for body in _BODIES if body in FILES[channel])

    def _wording(self, channel: Channel, name: str, locale: str = "") -> Wording:
        """The files for a customer's locale. Both bodies are of one language, so either may be missing."""
        files, locales = self.files(channel, name), [*falling_back(locale)]
        subject = next((files[SUBJECT, one] for one in locales if (SUBJECT, one) in files), "")
        spoken = next((one for one in locales if any((body, one) in files for body in _BODIES)), "")
        html = files.get((HTML, spoken)) or files.get((MJML, spoken), "")
        return Wording(subject, html, files.get((TEXT, spoken), ""))

    def needs(self, channel: Channel, name: str) -> tuple[NeededName, ...]:
        """Every name the template needs and where, in all its variants and also in what they extend and include."""
        needed = (use for path in self._own(channel, name) for use in self._needs(path, frozenset()))
        return tuple(dict.fromkeys(needed))

    def reached(self, channel: Channel, name: str) -> frozenset[str]:
        """The paths of a template's own files, there or not, and of all that they extend, include and import."""
        paths = {f"{channel}/{name}/{file}" for file in FILES[channel]} | {*self.files(channel, name).values()}
        waiting = [*paths]
        while waiting:
            new = {reference.path for reference in self._names_of(waiting.pop()).references} - paths
            paths |= new
            waiting += new
        return frozenset(paths)

    def needs_in(self, path: str) -> frozenset[str]:
        """Every name that one file needs, by itself or by what it extends and includes."""
        if path not in self._needed:
            self._needed[path] = frozenset(use.name for use in self._needs(path, frozenset()))
        return self._needed[path]

    def has_unsubscribe(self, name: str) -> bool:
        """Whether every body of an e-mail's template, in every language, holds links.unsubscribe."""
        bodies = [path for (file, _), path in self.files(Channel.EMAIL, name).items() if file in _BODIES]
        return bool(bodies) and all(UNSUBSCRIBE in self.needs_in(path) for path in bodies)

    def sample(self, channel: Channel, name: str) -> Mapping[str, Any]:
        """The facts of sample.yaml; none where there is no such file. Raises Broken where it is no mapping."""
        try:
            facts = yaml.safe_load(self.texts.get(f"{channel}/{name}/{SAMPLE}", "{}"))
        except yaml.YAMLError:
            raise Broken(f"{SAMPLE} is not YAML") from None
        if not isinstance(facts, dict):
            raise Broken(f"{SAMPLE} is not a mapping")
        return facts

    def compiled(self, path: str) -> Template:
        """One file, ready to render. Raises Broken, and TemplateNotFound."""
        if path not in self._compiled:
            try:
                self._compiled[path] = self.environment.get_template(path)
            except TemplateSyntaxError as fault:
                raise Broken(f"{self.shown(fault.name or path)}:{fault.lineno}: cannot be read") from None
            except TOO_DEEP:
                raise Broken(f"{self.shown(path)}: too deep, or too long") from None
        return self._compiled[path]

    def shown(self, path: str) -> str:
        """A file's path as people are told it."""
        return f"{self._shown_as}/{path}"

    def _own(self, channel: Channel, name: str) -> list[str]:
        kinds = {kind: place for place, kind in enumerate(FILES[channel]) if kind != SAMPLE}
        found = (
            (kinds[kind], locale, path) for (kind, locale), path in self.files(channel, name).items() if kind in kinds
        )
        return [path for _, _, path in sorted(found)]

    def _needs(self, path: str, given: frozenset[str], within: frozenset[str] = frozenset()) -> Iterator[NeededName]:
        """The names that a file and those it refers to need, but for those `given` by the file that refers to it."""
        names = self._names_of(path)
        for use in names.uses:
            if not _is_given(use, given):
                yield NeededName(use.name, self.shown(path), use.line)
        for reference in names.references:
            if reference.path not in within | {path}:
                yield from self._needs(reference.path, given | names.declared, within | {path})

    def _names_of(self, path: str) -> Names:
        """Those of one file, read once; none where it cannot be read."""
        if path not in self._names:
            try:
                self._names[path] = names_of(self.environment.parse(self.texts.get(path, ""), path, path))
            except (TemplateSyntaxError, *TOO_DEEP):
                self._names[path] = Names()
        return self._names[path]


def _is_given(use: Use, given: frozenset[str]) -> bool:
    return use.name.partition(".")[0] in given
