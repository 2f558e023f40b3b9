"""`sojourn check`: every fault of every file."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.language.faults import Fault, Severity
from sojourn.project import find_folder, load
from sojourn.terminal import FINDINGS, note, out, print_json, say

app = typer.Typer(add_completion=False)


class Form(StrEnum):
    """How faults are written."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="The folder, or a file or folder in it to look at alone.")] = Path(),
    form: Annotated[Form | None, typer.Option("--format", help="How faults are written.", show_default="full")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    strict: Annotated[bool, typer.Option(help="Warnings count as faults.")] = False,
) -> None:
    """Find every fault in the journeys, with its place and what was expected.

    All files are read and all faults told at once. Exit status: 0 clean, 1 faults, 2 wrong usage.

    \b
    sojourn check                                   this folder
    sojourn check journeys/onboarding/trial.yaml    one file, held against the others
    sojourn check --format github --strict          in continuous integration
    """
    folder = find_folder(path)
    faults = [fault for fault in load(folder)[1] if _lies_in(folder / fault.file, path.resolve())]
    _print(faults, Form.JSON if as_json else form or Form.FULL, folder)
    if any(strict or fault.severity is Severity.FAULT for fault in faults):
        raise typer.Exit(FINDINGS)


def _lies_in(file: Path, path: Path) -> bool:
    return file == path or path in file.parents


def _print(faults: list[Fault], form: Form, folder: Path) -> None:
    match form:
        case Form.FULL:
            for fault in faults:
                _print_full(fault, folder)
            _sum_up(faults)
        case Form.CONCISE:
            for fault in faults:
                say(str(fault))
            _sum_up(faults)
        case Form.JSON:
            print_json([asdict(fault) for fault in faults])
        case Form.GITHUB:
            for fault in faults:
                say(_annotation(fault, folder))


def _print_full(fault: Fault, folder: Path) -> None:
    say(str(fault))
    file = folder / fault.file
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    if 0 < fault.line <= len(lines):
        text = lines[fault.line - 1].replace("\t", " ")
        out.print(f"  {fault.line:>4} | {text}", markup=False, style="dim")
        out.print(f"       | {' ' * (fault.column - 1)}^", markup=False, style="dim")


def _sum_up(faults: list[Fault]) -> None:
    wrong = sum(fault.severity is Severity.FAULT for fault in faults)
    warned = len(faults) - wrong
    also = f", {_many(warned, 'warning')}" if warned else ""
    note(f"{_many(wrong, 'fault') if wrong else 'no fault'}{also}")


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _annotation(fault: Fault, folder: Path) -> str:
    """A line that GitHub shows beside the file it names; its paths count from where the command runs."""
    kind = "error" if fault.severity is Severity.FAULT else "warning"
    file, here = folder / fault.file, Path.cwd()
    shown = file.relative_to(here) if here in file.parents else file
    words = str(fault).partition(": ")[2].replace("%", "%25").replace("\n", "%0A")
    return f"::{kind} file={shown},line={fault.line},col={fault.column}::{words}"
