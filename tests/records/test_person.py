"""A person's data: told whole, and not left in the bytes of a file."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from engine.ids import message_id
from engine.words import EventKind
from records.database import Database
from records.events import ingest
from records.privacy import exporting, person, traces
from records.privacy.needles import Kind, Needle
from records.privacy.scrubbing import file_of, scrub
from tests.records.living import an_event
from tests.records.two_lives import FACTS, ZOE, erase, live


@pytest.fixture
def lived(database: Database) -> Database:
    """A database in which Zoe and Ada have lived."""
    live(database)
    return database


def test_the_bytes_of_the_file_hold_nothing_of_her(lived: Database) -> None:
    file = file_of(lived.url)
    if file is None:
        pytest.skip("no file of our own")
    secrets = (b"zoe.marker", b"Zoe.Marker", b"491700000042", "Zoë".encode(), b"Elmstreet", b"Zoe wants no more")
    assert scrub(file)
    assert all(secret in file.read_bytes() for secret in secrets)
    erase(lived)
    assert scrub(file)
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    kept = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    assert [secret for secret in secrets if secret in kept] == []


def test_an_export_tells_everything_a_part_at_a_time(lived: Database) -> None:
    def work(connection: Connection) -> dict[str, list[exporting.Row]]:
        her = person.find(connection, ZOE)
        assert her is not None
        parts = {name: list(part()) for name, part in exporting.parts(connection, her).items()}
        return {"customer": [exporting.of_customer(connection, her)], **parts}

    told = lived.read(work)
    assert told["customer"][0]["attributes"] == FACTS["attributes"]
    assert [one["id"] for one in told["events"]][:2] == [f"1-{ZOE}", f"2-{ZOE}"]
    assert {one["kind"] for one in told["events"]} >= {EventKind.TRACK}
    (sent,) = told["messages"]
    assert sent["public_id"] == message_id(sent["enrollment"], sent["step"], sent["visit"], sent["channel"])
    assert [one["kind"] for one in sent["told"]] == ["opened", "delivered"]
    assert [one["provider_id"] for one in sent["attempts"]] == ["sg-1"]
    assert told["reviews"][0]["words"] == "please, Zoe wants no more"
    assert told["enrollments"][0]["journey"] == "trial"
    assert all(told[name] for name in ("stage_history", "decisions"))


@pytest.mark.parametrize(
    ("kind", "value"), [(Kind.ID, "Ömer-1234567"), (Kind.ID, "ИВАН-12345"), (Kind.EMAIL, "JÖRG@example.com")]
)
def test_letters_beyond_ascii_are_found_however_the_database_makes_them_small(
    lived: Database, kind: Kind, value: str
) -> None:
    refers = an_event("referred", timedelta(hours=2), "refers", by=value)
    lived.write(lambda connection: ingest(connection, [("ada", refers)]))
    found = lived.read(lambda connection: traces.search(connection, [Needle(kind, value, telling=True)]))
    assert [one.where for one in found.traces] == ["event.properties"]
