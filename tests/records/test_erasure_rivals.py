"""Two erasures of one customer, side by side."""

from dataclasses import replace

import pytest

from records.database import Database
from records.errors import Unknown
from records.privacy import person, removing
from tests.records.living import row_of
from tests.records.two_lives import LATER, MADE, ZOE, live


@pytest.fixture
def lived(database: Database) -> Database:
    """A database in which Zoe and Ada have lived."""
    live(database)
    return database


def test_a_run_that_comes_too_late_removes_nobody_who_has_her_row_or_her_id_by_now(lived: Database) -> None:
    her = lived.read(lambda connection: person.find(connection, ZOE))
    ada = lived.read(lambda connection: person.find(connection, "ada"))
    assert her is not None
    assert ada is not None
    stale = replace(her, row=ada.row)
    for step in (removing.close, removing.remove):
        with pytest.raises(Unknown):
            lived.write(lambda connection: step(connection, stale, MADE, LATER, LATER))  # noqa: B023
    with pytest.raises(Unknown):  # nobody has closed her: she came anew
        lived.write(lambda connection: removing.remove(connection, her, MADE, LATER, LATER))
    assert row_of(lived, "ada") == ada.row
