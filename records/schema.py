"""The schema of a database, brought up to date by the migrations."""

from collections.abc import Sequence
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, text

from records.database import Database
from records.errors import Unknown
from records.tables import metadata


def migrate(url: str) -> None:
    """Bring a database to the newest schema; harmless where it is there already.

    Raises Unknown where a newer Sojourn has made it.
    """
    database = Database(url)
    try:
        database.write(_upgrade)
    finally:
        database.close()


def differences(connection: Connection) -> Sequence[Any]:
    """What the schema of a database lacks, or has too much, against the models."""
    found: Sequence[Any] = compare_metadata(MigrationContext.configure(connection), metadata)
    return found


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(20261124)"))
    config = Config()
    config.set_main_option("script_location", "records:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:  # its revision is none of ours
        raise Unknown("made_by_a_newer_sojourn") from None
