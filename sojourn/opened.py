"""An author's folder with its database open: what commands that look into it, or add to it, begin with."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from engine.conditions import Value
from engine.facts import Event
from engine.journey import Journey
from engine.language.faults import nearest
from engine.release import Policy, Release
from engine.words import EventKind
from records import clocks, customers, events, releases
from records.database import Database, outwait
from records.errors import Locked, RecordsError, Refused, Unreachable, Unreadable, Unstorable
from records.ledger.addresses import Hashing
from records.privacy.erased import Before, before
from records.privacy.scrubbing import file_of
from records.schema import migrate
from sojourn.errors import Mistake
from sojourn.project import find_folder, load
from sojourn.settings import STATE, Settings, load_settings
from sojourn.terminal import note
from workers.clocks import BusinessClock, RealTime, TimeLapse, Wall
from workers.links import KEPT_IN, kept_secret

_NO_URL: Final = "database: found '{}'; expected sqlite:///FILE or postgresql+psycopg://..."


@dataclass(frozen=True, slots=True)
class Opened:
    """The folder, its settings, and its database with the clock that its journeys live by."""

    root: Path
    settings: Settings
    database: Database
    business: BusinessClock

    def release(self) -> Release:
        """What is published. Raises Mistake where nothing is."""
        made = self.database.read(releases.current_release)
        if made is None:
            raise Mistake("nothing is published here yet; `sojourn publish` does it")
        return made

    def policy(self) -> Policy:
        """What holds for the whole project: as it is published, else as the files say."""
        made = self.database.read(releases.current_release) or load(self.root)[0]
        return made.policy if made else Policy()

    def journey(self, name: str) -> Journey:
        """A journey as it is live, or as it was last, where its file is gone. Raises Mistake for an unknown name."""
        live = self.release().journeys
        if name in live:
            return live[name]
        known_name(name, self.database.read(releases.kept_journeys))
        return self.database.read(lambda connection: releases.newest_version(connection, name))

    def customer_row(self, customer: str) -> int:
        """The row of a customer. Raises Mistake where nobody is called so."""
        row = self.database.read(lambda connection: customers.by_name(connection, customer))
        if row is None:
            if was := self.erased(customer):
                raise gone(customer, was)
            hint = by_address_hint(customer) or "; `sojourn import customers` and `sojourn track` make them"
            raise Mistake(f"found no customer '{customer}'{hint}")
        return row

    def erased(self, customer: str) -> Before | None:
        """The newest erasure of a customer of this id; None: there was none."""
        hashing = hashing_of(self.settings, self.root)
        return self.database.read(lambda connection: before(connection, hashing, customer))

    def tell(self, customer: str, kind: EventKind, properties: dict[str, Value], name: str = "") -> Event:
        """Store that something happens to a customer now; whoever runs the engine acts on it."""
        now = self.business.now()
        event = Event(events.fresh_id(), kind, name, now, now, properties)
        self.store(customer, event)
        return event

    def store(self, customer: str, event: Event) -> bool:
        """Store an event; False where one with its id is there already."""
        return self.database.write(lambda connection: events.ingest(connection, [(customer, event)])).new == 1


@contextmanager
def opened(folder: Path, patience: timedelta = timedelta(0)) -> Iterator[Opened]:
    """The folder's database, made or brought up to date first. Raises Mistake where it is not to be had.

    It waits for as long as `patience`, and says so, where somebody else holds it.
    """
    root = find_folder(folder)
    settings = load_settings(root)
    with mendable(settings):
        database = _database(settings.database, patience)
        try:
            yield Opened(root, settings, database, clock_of(database))
        finally:
            database.close()


def _database(url: str, patience: timedelta) -> Database:
    def held() -> None:
        note(f"{shown(url)}: somebody else holds the database; waiting for it, at most {patience.total_seconds():g} s")

    try:
        file = file_of(url)
        is_new = file is not None and not file.exists()
        outwait(lambda: migrate(url), patience, held)
        if is_new:
            note(f"made a new database, {file}")
        return Database(url)
    except (ModuleNotFoundError, ValueError):  # a driver that is not there; a port that is no number
        raise Mistake(_NO_URL.format(shown(url))) from None
    except OSError as fault:
        raise Mistake(f"{shown(url)}: {fault.strerror}; is `database` in sojourn.toml right?") from None


def secret_of(settings: Settings) -> bytes:
    """What signs the links, if it is given."""
    return settings.secret.get_secret_value().encode() if settings.secret else b""


def hashing_of(settings: Settings, root: Path) -> Hashing:
    """What makes hashes of addresses here, as every process does that uses this folder or this secret."""
    return Hashing(secret_of(settings) or kept_secret(root / STATE / KEPT_IN))


def gone(name: str, was: Before) -> Mistake:
    """That she was erased."""
    at = f"{was.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return Mistake(f"{name} was erased on {at}, and nobody of this id has come since")


def by_address_hint(name: str) -> str:
    """What to do with an address where an id was expected; nothing where it is none."""
    is_address = "@" in name or name.removeprefix("+").replace(" ", "").isdecimal()
    return f"; by an address: `sojourn customer find '{name}'`" if is_address else ""


def clock_of(database: Database) -> BusinessClock:
    """The clock of the journeys: in time-lapse where the database has ever been run so."""
    real = Wall()
    return TimeLapse(database, real) if database.read(clocks.read) else RealTime(real)


@contextmanager
def mendable(settings: Settings) -> Iterator[None]:
    """Says in a sentence what keeps the database away."""
    place = shown(settings.database)
    try:
        yield
    except Locked:
        raise Mistake(f"{place}: somebody else holds the database; try again in a moment") from None
    except Unreachable as error:
        raise Mistake(
            f"{place}: the database does not answer ({error.code}); is it up, and is `database` in sojourn.toml right?"
        ) from None
    except Unstorable as error:
        raise Mistake(f"found {error.code.replace('_', ' ')}; expected text that a database can hold") from None
    except (ArgumentError, NoSuchModuleError):
        raise Mistake(_NO_URL.format(place)) from None
    except Refused as error:
        raise Mistake(f"{place}: the database refuses ({error.code})") from None
    except Unreadable:
        raise Mistake(
            "what is live here was published by another Sojourn and no longer loads; `sojourn publish`"
        ) from None
    except RecordsError as error:
        raise Mistake(f"{place}: {error.code.replace('_', ' ')}") from None


def shown(database: str) -> str:
    """A database's URL without its password."""
    head, at, tail = database.rpartition("@")
    scheme, _, account = head.partition("://")
    return f"{scheme}://{account.partition(':')[0]}@{tail}" if at else database


def known_journey(release: Release, name: str) -> str:
    """The journey's name. Raises Mistake where there is none of this name."""
    return known_name(name, release.journeys)


def known_name(name: str, journeys: Collection[str]) -> str:
    """The name, where one of these journeys has it. Raises Mistake where none has."""
    if name in journeys:
        return name
    near = nearest(name, journeys)
    raise Mistake(f"found no journey '{name}'" + (f"; did you mean '{near}'?" if near else "; `sojourn journey list`"))
