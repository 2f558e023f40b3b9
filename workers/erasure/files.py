"""Files in the state's folder, looked through byte by byte: databases, logs, pages that somebody has opened."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from records.privacy.needles import Needle
from records.privacy.traces import Trace

CHUNK: Final = 1_000_000
OVERLAP: Final = 1_000
"""Bytes; more than any spelling of an address takes."""


def files_in(folder: Path, others: Iterable[Path | None]) -> list[Path]:
    """Every file of the folder, and these with what SQLite keeps beside them."""
    beside = [Path(f"{one}{end}") for one in others if one for end in ("", "-wal", "-journal")]
    return sorted({one.resolve() for one in (*folder.rglob("*"), *beside) if one.is_file()})


def search(files: Iterable[Path], needles: Sequence[Needle]) -> Iterator[Trace]:
    """What stands in the files of what means nobody but her."""
    telling = [one for one in needles if one.telling]
    for file in files:
        found = {one.kind for words in _pieces(file) for one in telling if one.stands_in(words)}
        yield from (Trace(file.name, kind) for kind in sorted(found))


def _pieces(file: Path) -> Iterator[str]:
    """The file in small letters, each piece beginning with the end of the one before. One that is gone is empty."""
    tail = b""
    try:
        with file.open("rb") as reading:
            while chunk := reading.read(CHUNK):
                whole = tail + chunk
                yield whole.decode("utf-8", "replace").lower()
                tail = whole[-OVERLAP:]
    except FileNotFoundError:
        return
