"""A business of one's own for every test."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from records.database import Database
from records.schema import migrate
from tests.api.business import Business


@pytest.fixture(scope="session")
def opened_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a business where Ada has signed up."""
    file = tmp_path_factory.mktemp("business") / "sojourn.db"
    migrate(f"sqlite:///{file}")
    with closing(Database(f"sqlite:///{file}")) as database:
        Business(database).open()
    return file


@pytest.fixture
def business(opened_file: Path, tmp_path: Path) -> Iterator[Business]:
    """Its copy."""
    file = tmp_path / "sojourn.db"
    shutil.copy(opened_file, file)
    with closing(Database(f"sqlite:///{file}")) as database:
        yield Business(database)
