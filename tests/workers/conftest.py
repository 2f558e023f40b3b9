"""The databases of the records' tests."""

from tests.records.conftest import postgres_template, sqlite_template, url

__all__ = ["postgres_template", "sqlite_template", "url"]
