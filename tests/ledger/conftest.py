"""The databases of the records' tests."""

from tests.records.conftest import database, postgres_template, sqlite_template, url

__all__ = ["database", "postgres_template", "sqlite_template", "url"]
