"""The author's folder: journeys/, templates/ and sojourn.toml."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from channels.checking import faults as faults_of
from channels.compiling.faults import TemplateFault
from channels.protocol import Channel
from channels.registry import ADAPTERS
from channels.templates import UNSUBSCRIBE, TemplateSet
from engine.language.faults import Fault, Severity
from engine.language.project import load_release
from engine.release import Release
from sojourn.errors import Mistake

JOURNEYS: Final = "journeys"
TEMPLATES: Final = "templates"
SUFFIXES: Final = (".yaml", ".yml", ".txt", ".html", ".mjml")
_ESCAPED: Final = re.compile("[\udc80-\udcff]")

Folder = Annotated[
    Path,
    typer.Option("--folder", "-C", envvar="SOJOURN_FOLDER", help="The folder that holds journeys/ and templates/."),
]


def find_folder(path: Path) -> Path:
    """The author's folder that `path` is, or lies in. Raises Mistake."""
    if not path.exists():
        raise Mistake(f"{path}: there is no such file or folder")
    resolved = path.resolve()
    for folder in (resolved, *resolved.parents):
        if folder.name != JOURNEYS and (folder / JOURNEYS).is_dir():
            return folder
    raise Mistake(f"{path}: found no folder journeys/ here or above; `sojourn init DIR` makes one to start from")


def read_texts(folder: Path) -> dict[str, str]:
    """Every file of the journeys and templates, by its path; bytes that are not UTF-8 are escaped. Raises Mistake."""
    return {path.relative_to(folder).as_posix(): _text(path) for path in sorted(_files(folder))}


def load(folder: Path) -> tuple[Release | None, list[Fault]]:
    """The release that the folder makes, None where it has a fault; and every fault and warning, in order."""
    read = read_texts(folder)
    undecodable = {fault.file: fault for file, text in read.items() for fault in _undecodable(file, text)}
    texts = {file: _ESCAPED.sub("\ufffd", text) for file, text in read.items()}
    templates = templates_of(texts)
    release, faults = load_release(texts, _names(templates), {one.value: named for one, named in ADAPTERS.items()})
    readable = {fault for fault in (*faults, *map(_fault, faults_of(templates))) if fault.file not in undecodable}
    faults = sorted({*readable, *undecodable.values()})
    sound = all(fault.severity is not Severity.FAULT for fault in faults)
    return (release if sound else None), faults


def readable(folder: Path) -> dict[str, str]:
    """Every file's text, as read_texts gives it. Raises Mistake where one is not UTF-8."""
    texts = read_texts(folder)
    for fault in (fault for file, text in texts.items() for fault in _undecodable(file, text)):
        raise Mistake(str(fault))
    return texts


def templates_of(texts: Mapping[str, str]) -> TemplateSet:
    """The templates among a folder's texts."""
    return TemplateSet.from_texts(
        {path.removeprefix(f"{TEMPLATES}/"): text for path, text in texts.items() if path.startswith(f"{TEMPLATES}/")}
    )


def load_sound(folder: Path) -> Release:
    """The release that the folder makes. Raises Mistake where it has a fault."""
    release, faults = load(folder)
    if release is None:
        wrong = [str(fault) for fault in faults if fault.severity is Severity.FAULT]
        more = f"\n... and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise Mistake("the journeys have faults; `sojourn check` explains them:\n" + "\n".join(wrong[:5]) + more)
    return release


def _files(folder: Path) -> Iterator[Path]:
    for room in (JOURNEYS, TEMPLATES):
        yield from (path for path in (folder / room).rglob("*") if path.suffix in SUFFIXES and path.is_file())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except OSError as fault:
        raise Mistake(f"{path}: cannot be read: {fault.strerror}") from None


def _undecodable(file: str, text: str) -> Iterator[Fault]:
    """Where a file stops being UTF-8."""
    if found := _ESCAPED.search(text):
        line, column = text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start())
        byte = f"byte 0x{ord(found.group()) - 0xDC00:02x} is not UTF-8"
        yield Fault(file, line, column, byte, "save the file as UTF-8")


def _names(templates: TemplateSet) -> dict[str, frozenset[str]]:
    """What each template needs; a way out only where every body in every language has one."""
    without = frozenset({UNSUBSCRIBE})
    return {
        f"{channel}/{name}": frozenset(need.name for need in templates.needs(channel, name))
        - (without if channel is Channel.EMAIL and not templates.has_unsubscribe(name) else frozenset())
        for channel in Channel
        for name in templates.names(channel)
    }


def _fault(one: TemplateFault) -> Fault:
    severity = Severity.WARNING if one.is_warning else Severity.FAULT
    return Fault(one.file, one.line, 1, one.found, f"expected {one.expected}", severity=severity)
