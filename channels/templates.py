"""Templates: the words of messages, from a folder or from published text, compiled once.

`email/<name>/` holds subject.txt, body.html, body.txt (either body may be absent) and sample.yaml; `sms/<name>/` holds
body.txt and sample.yaml. Any other file is for templates to extend, include or import, by its path:
`{% extends "email/layout.html" %}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Self

import yaml
from jinja2 import DictLoader, Template, TemplateNotFound, TemplateSyntaxError

from channels.facts import RenderError
from channels.names import Names, Use, names_of, references
from channels.protocol import Channel
from channels.sandbox import Sandbox

SUBJECT: Final = "subject.txt"
HTML: Final = "body.html"
TEXT: Final = "body.txt"
SAMPLE: Final = "sample.yaml"
FILES: Final = {
    Channel.EMAIL: (SUBJECT, HTML, TEXT, SAMPLE),
    Channel.SMS: (TEXT, SAMPLE),
}
UNSUBSCRIBE: Final = "links.unsubscribe"
_SUFFIXES: Final = (".txt", ".html", ".yaml")


class Broken(RenderError):
    """The template cannot be read, or fails on these facts."""


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """What is wrong in a template's file, and what was expected there."""

    file: str
    line: int
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.found}; expected {self.expected}"


@dataclass(frozen=True, slots=True)
class NeededName:
    """A name that a template needs, and the place where it does."""

    name: str
    file: str
    line: int


class TemplateSet:
    """All templates of one release. `texts` are its files by path, `email/welcome/subject.txt`."""

    def __init__(self, texts: Mapping[str, str], shown_as: str = "templates") -> None:
        self.texts: Mapping[str, str] = dict(sorted(texts.items()))
        self._shown_as = shown_as
        self._environment = Sandbox(DictLoader(self.texts))
        self._names: dict[str, Names] = {}

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

    def names(self, channel: Channel) -> tuple[str, ...]:
        """The templates of a channel, by name."""
        parts = (path.split("/") for path in self.texts)
        return tuple(sorted({part[1] for part in parts if len(part) == 3 and part[0] == channel}))

    def has(self, channel: Channel, name: str) -> bool:
        """Whether the template has what it cannot be sent without."""
        return self._has(channel, name, TEXT) or (channel is Channel.EMAIL and self._has(channel, name, HTML))

    def needs(self, channel: Channel, name: str) -> tuple[NeededName, ...]:
        """Every name the template needs and where, also in what it extends and includes, as far as that can be read."""
        needed = (use for path in self._own(channel, name) for use in self._needs(path, frozenset()))
        return tuple(dict.fromkeys(needed))

    def has_unsubscribe(self, name: str) -> bool:
        """Whether every body of an e-mail's template holds links.unsubscribe."""
        bodies = [path for path in self._own(Channel.EMAIL, name) if not path.endswith(SUBJECT)]
        return bool(bodies) and all(
            any(use.name == UNSUBSCRIBE for use in self._needs(path, frozenset())) for path in bodies
        )

    def sample(self, channel: Channel, name: str) -> Mapping[str, Any]:
        """The facts of sample.yaml; none where there is no such file. Raises Broken where it is no mapping."""
        try:
            facts = yaml.safe_load(self.texts.get(_path(channel, name, SAMPLE), "{}"))
        except yaml.YAMLError:
            raise Broken(f"{SAMPLE} is not YAML") from None
        if not isinstance(facts, dict):
            raise Broken(f"{SAMPLE} is not a mapping")
        return facts

    def compiled(self, channel: Channel, name: str, file: str) -> Template | None:
        """One file of a template, ready to render; None where there is none. Raises Broken."""
        path = _path(channel, name, file)
        if path not in self.texts:
            return None
        try:
            return self._environment.get_template(path)
        except TemplateSyntaxError as fault:
            raise Broken(f"{self._shown(fault.name or path)}:{fault.lineno}: cannot be read") from None

    def faults(self) -> tuple[TemplateFault, ...]:
        """Everything wrong with the files as they stand, all at once; compiles them all."""
        folders = [(channel, name) for channel in Channel for name in self.names(channel)]
        return (
            *(fault for path in self.texts for fault in self._file_faults(path)),
            *(fault for channel, name in folders for fault in self._folder_faults(channel, name)),
        )

    def _has(self, channel: Channel, name: str, file: str) -> bool:
        return _path(channel, name, file) in self.texts

    def _shown(self, path: str) -> str:
        return f"{self._shown_as}/{path}"

    def _own(self, channel: Channel, name: str) -> list[str]:
        paths = (_path(channel, name, file) for file in FILES[channel] if file != SAMPLE)
        return [path for path in paths if path in self.texts]

    def _needs(self, path: str, given: frozenset[str], within: frozenset[str] = frozenset()) -> Iterator[NeededName]:
        """The names that a file and those it refers to need, but for those `given` by the file that refers to it."""
        names = self._names_of(path)
        for use in names.uses:
            if not _is_given(use, given):
                yield NeededName(use.name, self._shown(path), use.line)
        for reference in names.references:
            if reference.path not in within | {path}:
                yield from self._needs(reference.path, given | names.declared, within | {path})

    def _names_of(self, path: str) -> Names:
        """Those of one file, read once; none where it cannot be read."""
        if path not in self._names:
            try:
                self._names[path] = names_of(self._environment.parse(self.texts.get(path, ""), path, path))
            except TemplateSyntaxError:
                self._names[path] = Names()
        return self._names[path]

    def _file_faults(self, path: str) -> Iterator[TemplateFault]:
        shown = self._shown(path)
        if path.endswith(".yaml"):
            return
        try:
            self._environment.get_template(path)
            tree = self._environment.parse(self.texts[path], path, path)
        except TemplateSyntaxError as fault:
            yield TemplateFault(shown, fault.lineno, (fault.message or "a fault").rstrip("."), "a Jinja template")
            return
        except TemplateNotFound:
            return
        for reference in references(tree):
            if reference.path not in self.texts:
                found = f"'{reference.path}'" if reference.path else "a file named by a variable"
                yield TemplateFault(shown, reference.line, found, f"a file of {self._shown_as}/ by its path")

    def _folder_faults(self, channel: Channel, name: str) -> Iterator[TemplateFault]:
        folder = f"{channel}/{name}/"
        expected = FILES[channel]
        for file in (path.removeprefix(folder) for path in self.texts if path.startswith(folder)):
            if file not in expected:
                near = get_close_matches(file, expected, n=1)
                advice = f"; did you mean {near[0]}?" if near else ""
                yield TemplateFault(self._shown(folder + file), 1, file, " ".join(expected) + advice)
        if channel is Channel.EMAIL and not self._has(channel, name, SUBJECT):
            yield TemplateFault(self._shown(folder + SUBJECT), 1, "no such file", "the subject")
        if not self.has(channel, name):
            wanted = f"{HTML} or {TEXT}" if channel is Channel.EMAIL else TEXT
            yield TemplateFault(self._shown(folder + TEXT), 1, "no such file", wanted)
        if not self._has(channel, name, SAMPLE):
            yield TemplateFault(self._shown(folder + SAMPLE), 1, "no such file", "facts that render the template")


def _path(channel: Channel, name: str, file: str) -> str:
    return f"{channel}/{name}/{file}"


def _is_given(use: Use, given: frozenset[str]) -> bool:
    return use.name.partition(".")[0] in given
