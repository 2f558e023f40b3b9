"""The catalog of this moment: the live release, loaded once, and the journeys that are paused now."""

from dataclasses import dataclass, field
from threading import Lock

from sqlalchemy import Connection

from channels.numbers import zones_of
from engine.catalog import Catalog
from engine.journey import Journey
from engine.release import Lifecycle, Release
from records import releases
from records.database import Database

UNPUBLISHED = Release(Lifecycle("", ()))


@dataclass(slots=True)
class LiveCatalogs:
    """Keeps the release at hand until another is published, and every version that somebody is inside of."""

    database: Database
    _release: Release = UNPUBLISHED
    _versions: dict[str, Journey] = field(default_factory=dict)
    _catalogs: dict[tuple[str, frozenset[str]], Catalog] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def current(self, connection: Connection) -> Catalog:
        """The catalog as the transaction sees it."""
        digest, paused = releases.live(connection)
        with self._lock:
            if digest is not None and digest != self._release.digest:
                self._release = releases.current_release(connection) or UNPUBLISHED
                self._catalogs.clear()
            key = (self._release.digest, paused)
            if key not in self._catalogs:
                self._catalogs[key] = Catalog(self._release, self._find, paused, zones_of)
            return self._catalogs[key]

    def _find(self, digest: str) -> Journey:
        if digest not in self._versions:
            self._versions[digest] = self.database.read(lambda connection: releases.version(connection, digest))
        return self._versions[digest]
