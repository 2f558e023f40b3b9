"""The databases of the records' tests, and a message."""

import pytest

from records.database import Database
from records.messages import Message
from tests.ledger.hearings import planned
from tests.records.conftest import database, postgres_template, sqlite_template, url

__all__ = ["database", "postgres_template", "sqlite_template", "url"]


@pytest.fixture
def ada(database: Database) -> Message:
    """The message of a customer in a trial."""
    return planned(database, "ada")[0]
