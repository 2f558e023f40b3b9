"""`sojourn customer export` and `erase`, as they are typed where the engine does not run."""

import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from typer.testing import CliRunner

from engine.facts import Event
from engine.words import Channel, EventKind
from records import events
from records.database import Database
from records.ledger import addresses
from records.ledger.addresses import Scope
from records.privacy import exporting, person
from records.tables import customer
from sojourn.cli import app
from sojourn.opened import hashing_of
from sojourn.reports.person import FORM, document
from sojourn.settings import load_settings
from tests.sojourn.calling import a_customer, an_event, call, write_lines

LEFT = "c1@post.example " * 300
"""More than a page, so that whole pages are freed."""
DAY = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def database(folder: Path) -> Iterator[Database]:
    """A published folder with a customer in it and something that she did."""
    assert call("publish").status == 0
    write_lines(
        folder / "customers.jsonl",
        [a_customer(phone="+491700000042", attributes={"first_name": "Zoë"}), a_customer("c2")],
    )
    write_lines(folder / "events.jsonl", [an_event("signed_up", "2026-03-01T08:00:00Z")])
    assert call("import", "customers", "customers.jsonl").status == 0
    assert call("import", "events", "events.jsonl").status == 0
    opened = Database(f"sqlite:///{folder / '.sojourn' / 'sojourn.db'}")
    yield opened
    opened.close()


def test_an_export_is_one_json_document_with_everything(database: Database, folder: Path) -> None:
    said = call("customer", "export", "c1")
    assert said.status == 0
    assert said.json["form"] == FORM
    assert said.json["customer"]["email"] == "c1@post.example"
    assert [one["name"] for one in said.json["events"]] == ["signed_up"]
    assert set(said.json) == {
        "form", "exported_at", "customer", "stage_history", "consent_log", "suppressions", "reviews", "events",
        "enrollments", "decisions", "messages", "suppressed_addresses", "mailbox", "known_as",
        "links",
    }  # fmt: skip
    assert call("customer", "export", "c1", "--output", "c1.json").out == ""
    written = json.loads((folder / "c1.json").read_text())
    assert {**written, "exported_at": ""} == {**said.json, "exported_at": ""}


def test_an_export_tells_what_must_not_go_to_an_address_of_hers(database: Database, folder: Path) -> None:
    hashed = hashing_of(load_settings(folder), folder).of(Channel.SMS, "0049 1700 000042")
    dead = Scope(Channel.SMS, everything=True)
    database.write(lambda connection: addresses.suppress(connection, hashed, dead, "bounced", DAY))
    assert call("customer", "export", "c1").json["suppressed_addresses"] == [
        {"address": "+491700000042", "channel": "sms", "topic": "", "everything": True, "reason": "bounced"}
        | {"at": "2026-03-02T08:00:00Z"}
    ]
    assert call("customer", "export", "c2").json["suppressed_addresses"] == []


def test_she_is_found_by_an_address_and_named_by_her_id(database: Database) -> None:
    assert call("customer", "find", "C1@Post.example").out == "c1  c1@post.example\n"
    assert call("customer", "find", "0170 0000042", "--json").json == [
        {"id": "c1", "address": "+491700000042", "today": True}
    ]
    said = call("customer", "find", "nobody@post.example")
    assert (said.status, "found nobody who is reached by 'nobody@post.example'" in said.err) == (2, True)
    for command in ("show", "export", "erase"):
        assert "sojourn customer find 'c1@post.example'" in " ".join(
            call("customer", command, "c1@post.example").err.split()
        )


def test_an_export_of_nobody_writes_no_file(database: Database, folder: Path) -> None:
    said = call("customer", "export", "nobody", "--output", "nobody.json")
    assert (said.status, "found no customer 'nobody'" in said.err) == (2, True)
    assert call("customer", "erase", "c1", "--yes").status == 0
    for command in (("customer", "export"), ("customer", "show"), ("consent", "show")):
        assert "c1 was erased on " in call(*command, "c1").err
    assert not (folder / "nobody.json").exists()


def test_an_export_of_many_events_takes_little_memory(database: Database) -> None:
    for batch in range(20):
        many = [("c1", an_old_event(batch * 1000 + number)) for number in range(1000)]
        database.write(partial(events.ingest, arrivals=many))

    def work(connection: Connection) -> tuple[int, int]:
        her = person.find(connection, "c1")
        assert her is not None
        tracemalloc.start()
        parts = exporting.parts(connection, her)
        size = sum(len(piece) for piece in document(exporting.of_customer(connection, her), parts, DAY))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, peak

    size, peak = database.read(work)
    assert size > 8_000_000
    assert peak < size / 2


def test_an_erasure_asks_first_and_a_no_leaves_everything(database: Database) -> None:
    asked = CliRunner().invoke(app, ["customer", "erase", "c1"], input="n\n")
    assert (asked.exit_code, "There is no way back" in asked.output) == (2, True)
    assert call("customer", "export", "c1").status == 0
    assert CliRunner().invoke(app, ["customer", "erase", "c1"], input="y\n").exit_code == 0
    assert call("customer", "export", "c1").status == 2


def test_an_erasure_says_where_it_has_looked_and_may_be_repeated(database: Database, folder: Path) -> None:
    said = call("customer", "erase", "c1", "--yes", "--json")
    assert said.status == 0
    assert (said.json["is_whole"], said.json["removed"]["customer"], said.json["proof"]["traces"]) == (True, 1, [])
    assert said.json["proof"]["tables"] >= 20
    again = call("customer", "erase", "c1", "--yes")
    assert (again.status, "was erased already" in again.out) == (0, True)
    assert "her id alone is known" in again.out
    left = database.read(lambda connection: connection.execute(select(customer.c.external_id)).scalars().all())
    assert left == ["c2"]
    for file in (folder / ".sojourn").iterdir():
        assert b"c1@post.example" not in file.read_bytes(), file


def test_what_is_found_in_a_log_is_told_by_place_and_ends_in_1(database: Database, folder: Path) -> None:
    (folder / ".sojourn" / "my.log").write_text("wrote to C1@post.example today")
    said = call("customer", "erase", "c1", "--yes")
    assert said.status == 1
    assert "FOUND       email in my.log" in said.out
    assert "c1@post.example" not in said.out.lower()


def test_what_an_erasure_has_left_is_no_nothing_for_a_later_one_until_somebody_says_so(
    database: Database, folder: Path
) -> None:
    log = folder / ".sojourn" / "my.log"
    log.write_text("wrote to C1@post.example today")
    assert call("customer", "erase", "c1", "--yes").status == 1
    again = call("customer", "erase", "c1", "--yes")
    assert (again.status, "LEFT        email in my.log, by that erasure" in again.out) == (1, True)
    log.unlink()
    assert call("customer", "erase", "c1", "--yes", "--json").json["before"]["left"] == ["email in my.log"]
    assert call("customer", "erase", "c1", "--seen-to").status == 0
    assert call("customer", "erase", "c1").status == 0


def test_what_an_erasure_has_left_is_carried_on_though_somebody_comes_under_her_id(
    database: Database, folder: Path
) -> None:
    log = folder / ".sojourn" / "my.log"
    log.write_text("wrote to C1@post.example today")
    assert call("customer", "erase", "c1", "--yes").status == 1
    assert call("track", "c1", "signed_up").status == 0
    again = call("customer", "erase", "c1", "--yes")
    assert (again.status, "LEFT        email in my.log, of an erasure before" in again.out) == (1, True)
    assert call("customer", "erase", "c1").status == 1
    log.unlink()
    assert call("track", "c1", "signed_up").status == 0
    assert call("customer", "erase", "c1", "--yes", "--seen-to").status == 0
    assert call("customer", "erase", "c1").status == 0


def test_an_id_that_is_found_is_looked_for_by_a_later_erasure_itself(database: Database, folder: Path) -> None:
    write_lines(folder / "more.jsonl", [a_customer("customer-3")])
    assert call("import", "customers", "more.jsonl").status == 0
    log = folder / ".sojourn" / "my.log"
    log.write_text("customer-3 was here")
    assert call("customer", "erase", "customer-3", "--yes").status == 1
    log.unlink()
    assert call("customer", "erase", "customer-3").status == 0


@pytest.mark.parametrize(
    "written",
    [
        "+49 170 000-00-42",
        "(49) 1700.0000 42",
        "00491700000042",
        "+49 (0)170 / 000 00 42",
        "49 – 170\u00a00000042",
    ],
)
def test_a_number_is_found_however_its_digits_are_set_apart(database: Database, folder: Path, written: str) -> None:
    (folder / ".sojourn" / "my.log").write_text(f"rang {written} today")
    told = call("track", "c2", "noted", f"note=ring {written}")
    assert told.status == 0
    said = call("customer", "erase", "c1", "--yes", "--json")
    assert said.json["proof"]["traces"] == [
        {"where": "event.properties", "kind": "phone"},
        {"where": "my.log", "kind": "phone"},
        {"where": "sojourn.db", "kind": "phone"},
    ]


def test_what_was_freed_without_zeros_is_written_anew(database: Database, folder: Path) -> None:
    file = folder / ".sojourn" / "sojourn.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as careless:
        careless.execute("PRAGMA secure_delete = OFF")
        careless.execute("UPDATE customer SET attributes = ? WHERE external_id = 'c1'", (f'{{"old": "{LEFT}"}}',))
        careless.execute("UPDATE customer SET attributes = '{}' WHERE external_id = 'c1'")
        careless.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"c1@post.example" in file.read_bytes()
    assert LEFT[:500].encode() in file.read_bytes()
    assert call("customer", "erase", "c1", "--yes").status == 0
    assert b"c1@post.example" not in file.read_bytes()


def test_another_secret_than_that_of_an_erasure_is_noticed(database: Database) -> None:
    assert call("customer", "erase", "c1", "--yes").status == 0
    other = {"SOJOURN_SECRET": "quite another secret"}
    assert "by another secret than this" in call("doctor", env=other).out
    refused = call("customer", "erase", "c2", "--yes", env=other)
    assert (refused.status, "found another than the one" in refused.err) == (2, True)
    assert call("customer", "export", "c2").status == 0


def test_a_story_says_what_stands_at_her_address_whoever_had_it(database: Database, folder: Path) -> None:
    assert call("customer", "erase", "c1", "--yes").status == 0
    hashed = hashing_of(load_settings(folder), folder).of(Channel.SMS, "+491700000099")
    database.write(lambda connection: addresses.suppress(connection, hashed, Scope(Channel.SMS), "stop", DAY))
    again = a_customer("c3", email="C1@post.example", phone="+491700000099")
    assert call("import", "customers", write_lines(folder / "again.jsonl", [again])).status == 0
    told = call("customer", "show", "c3").out
    assert "  suppressed   email: somebody who had this address was erased, and it is never written to\n" in told
    assert "  suppressed   sms all topics\n" in told
    said = call("customer", "show", "c3", "--json").json
    assert (said["erased"], [one["channel"] for one in said["suppressions"]]) == (["email"], ["email", "sms"])


def test_doctor_names_who_is_half_erased(database: Database) -> None:
    def close(connection: Connection) -> None:
        connection.execute(customer.update().where(customer.c.external_id == "c1").values(erased_at=DAY))

    database.write(close)
    said = call("doctor")
    assert (said.status, "her erasure did not come to its end" in said.out) == (1, True)
    assert call("customer", "show", "c1").status == 2
    assert call("customer", "erase", "c1", "--yes").status == 0


def an_old_event(number: int) -> Event:
    at = DAY + timedelta(seconds=number)
    return Event(f"e{number}", EventKind.TRACK, "seen", at, at, {"page": "x" * 200})
