"""SQLite files: what was deleted is not to stay in the bytes."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

PATIENCE: Final = 5.0
"""Seconds to wait for others who read or write."""


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None where it is none."""
    made = make_url(url)
    return Path(made.database) if made.get_backend_name() == "sqlite" and made.database else None


def scrub(file: Path, *, rewrite: bool = False) -> bool:
    """Empty the write-ahead log into the file, whose freed pages are zeros. False: somebody was in the way.

    With `rewrite` the whole file is written anew, for what was freed before Sojourn wrote zeros.
    """
    try:
        with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            if rewrite:
                connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError:
        return False
    return bool(busy == 0)
