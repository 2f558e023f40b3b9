"""An author's folder for every test that wants one."""

from pathlib import Path

import pytest

from tests.sojourn.calling import write_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small folder of an author's own, in which the test runs."""
    made = write_folder(tmp_path / "acme")
    monkeypatch.chdir(made)
    return made
