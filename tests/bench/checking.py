"""Checking many journeys, against PyYAML's C loader on the same files."""

import shutil
from itertools import cycle, islice
from pathlib import Path

import yaml

from engine.language.faults import Severity
from sojourn.project import load
from tests.bench.carrying import HOME
from tests.bench.figures import Figure, Sizes
from tests.bench.machine import working


def measure(sizes: Sizes, folder: Path) -> list[Figure]:
    """The shipped journeys, again and again under other names, until there are enough."""
    files = _write(folder, sizes.journeys)
    watch = working()
    _, faults = load(folder)
    ours = watch.seconds
    watch = working()
    for file in files:
        yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    baseline = watch.seconds
    wrong = [str(fault) for fault in faults if fault.severity is Severity.FAULT]
    if wrong:
        raise ValueError("\n".join(wrong[:5]))
    return [Figure(f"check of {len(files)} journeys", "s of work", ours, baseline, "CSafeLoader on the same files")]


def _write(folder: Path, number: int) -> list[Path]:
    shutil.copytree(HOME / "templates", folder / "templates")
    shutil.copytree(HOME / "journeys", folder / "journeys")
    shipped = sorted(folder.glob("journeys/*/*.yaml"))
    more = list(islice(cycle(shipped), max(number - len(shipped), 0)))
    made = [file.with_stem(f"{file.stem}_{place}") for place, file in enumerate(more)]
    for file, copy in zip(more, made, strict=True):
        copy.write_text(file.read_text("utf-8"), "utf-8")
    return [*shipped, *made]
