"""The arrows between the rooms are held: each forbidden import, tried in a house of cards, is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import HOME

GOOD = {
    "sojourn": "import workers, channels, records, engine",
    "workers": "import records, channels, engine, temporalio",
    "records": "import engine, sqlmodel",
    "channels": "import aiosmtplib",
    "engine": "import pydantic",
}
WORKFLOW = {"workers.enrollment": "import temporalio, workers.moves", "workers.moves": "import engine"}

FORBIDDEN = [
    ("engine", "temporalio"),
    ("engine", "sqlalchemy"),
    ("engine", "random"),
    ("engine", "channels"),
    ("engine", "records"),
    ("channels", "engine"),
    ("channels", "records"),
    ("channels", "temporalio"),
    ("records", "workers"),
    ("records", "channels"),
    ("workers", "sojourn"),
]


def lint(house: Path, imports: dict[str, str], workflow: dict[str, str] = WORKFLOW) -> subprocess.CompletedProcess[str]:
    """Builds rooms of one module each, and the workflow's own, and asks import-linter with the real contracts."""
    (house / "pyproject.toml").write_text((HOME / "pyproject.toml").read_text())
    for room, text in imports.items():
        (house / room).mkdir()
        (house / room / "__init__.py").touch()
        (house / room / "noun.py").write_text(f"{text}\n")
    for module, text in workflow.items():
        (house / module.replace(".", "/")).with_suffix(".py").write_text(f"{text}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=house, capture_output=True, text=True)


def test_the_allowed_arrows_are_allowed(tmp_path: Path) -> None:
    asked = lint(tmp_path, GOOD)
    assert asked.returncode == 0, asked.stdout


@pytest.mark.parametrize(("room", "package"), FORBIDDEN)
def test_an_arrow_the_wrong_way_is_refused(room: str, package: str, tmp_path: Path) -> None:
    asked = lint(tmp_path, {**GOOD, room: f"{GOOD[room]}, {package}"})
    assert asked.returncode == 1, asked.stdout
    assert f"{room}.noun -> {package}" in asked.stdout


@pytest.mark.parametrize("package", ["records", "channels", "random", "time"])
def test_the_workflow_has_nothing_but_the_sdk(package: str, tmp_path: Path) -> None:
    loop = "workers.enrollment"
    asked = lint(tmp_path, GOOD, {**WORKFLOW, loop: f"{WORKFLOW[loop]}, {package}"})
    assert asked.returncode == 1, asked.stdout
    assert f"{loop} -> {package}" in asked.stdout
