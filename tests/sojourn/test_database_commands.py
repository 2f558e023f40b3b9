"""The commands that look into the database, or add to it."""

import csv
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from sojourn.errors import Mistake
from sojourn.opened import opened
from tests.sojourn.calling import RECEIPT, WELCOME, a_customer, an_event, call, write_folder, write_lines

SALES = " 00004 0001 19970101  2   29.33\r\n 00004 0001 19970101  2   29.33\r\n 00021 0002 19970118  9   x\r\n"
SALES_FORM = ("--name", "purchased", "--delimiter", "space", "--no-header", "--date-format", "%Y%m%d",
              "--columns", "customer=1,occurred_at=3,items=4,amount=5")  # fmt: skip


@pytest.fixture
def published(folder: Path) -> Path:
    assert call("publish").status == 0
    return folder


def test_publish_tells_what_is_new_changed_and_gone(folder: Path) -> None:
    assert call("publish", "--json").json["added"] == ["receipt", "welcome"]
    assert call("publish", "--json").json["changed"] is False
    write_folder(folder, welcome=WELCOME.replace("  - wait: 2 days\n", ""))
    (folder / "journeys/any/receipt.yaml").unlink()
    (folder / "templates/email/receipt/sample.yaml").write_text("entry: {amount: 12}")
    said = call("publish", "--json").json
    assert (said["renewed"], said["gone"]) == (["welcome"], ["receipt"])
    assert said["step_ids"] == {"welcome": {"gone": ["hello.wait1"], "new": []}}


def test_journeys_with_faults_are_not_published(folder: Path) -> None:
    (folder / "journeys/any/receipt.yaml").write_text("steps: []\n")
    said = call("publish")
    assert said.status == 2
    assert "the journeys have faults" in said.err


def test_who_has_patience_waits_for_a_database_that_is_held_and_says_so(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [file] = published.rglob("*.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Mistake, match="somebody else holds the database"), opened(published, timedelta(seconds=3)):
            pass
    assert "waiting for it, at most 3 s" in " ".join(capsys.readouterr().err.split())


def test_without_a_release_an_import_says_what_to_do(folder: Path) -> None:
    said = call("import", "customers", write_lines(folder / "c.jsonl", [a_customer()]))
    assert said.status == 2
    assert "sojourn publish" in said.err


def test_an_import_can_be_repeated(published: Path) -> None:
    cast = write_lines(published / "c.jsonl", [a_customer("c1"), a_customer("c2", consent={})])
    year = write_lines(published / "e.jsonl", [an_event("signed_up", "2026-03-03")] * 2)
    first = call("import", "customers", cast, "--json").json
    assert (first["new"], first["without_consent"]) == (2, 1)
    assert call("import", "customers", cast, "--json").json["unchanged"] == 2
    assert call("import", "events", year, "--json").json["new"] == 2
    again = call("import", "events", year, "--json").json
    assert (again["new"], again["repeated"]) == (0, 2)


def test_a_file_with_columns_between_blanks_is_taken_and_its_bad_rows_are_listed(published: Path) -> None:
    file = published / "sales.txt"
    file.write_bytes((SALES + " 00050 0003 1997-01-01 1 5.00\n 00051 0004\n").encode())
    said = call("import", "events", file, *SALES_FORM, "--report", "bad.csv", "--json")
    assert said.status == 1
    assert (said.json["new"], said.json["left_out"]) == (3, 2)
    with (published / "bad.csv").open(newline="") as report:
        assert list(csv.reader(report)) == [
            ["line", "reason"],
            ["4", "occurred_at: found '1997-01-01'; expected a time written as %Y%m%d"],
            ["5", "found 2 columns; expected 5 at least"],
        ]


def test_tracking_the_same_id_twice_counts_once(published: Path) -> None:
    said = call("track", "c1", "signed_up", "source=search", "visits=3", "--id", "e1", "--json").json
    assert (said["id"], said["customer"], said["new"]) == ("e1", "c1", True)
    assert call("track", "c1", "signed_up", "--id", "e1", "--json").json["new"] is False
    timeline = call("customer", "show", "c1", "--json").json["timeline"]
    assert [(one["what"], one["detail"]["properties"]) for one in timeline] == [
        ("signed_up", {"source": "search", "visits": 3})
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["track", "c1", "signed_up", "source"], "found 'source'; expected NAME=VALUE"),
        (["track", "c1", "signed_up", "--at", "soon"], "occurred_at: found 'soon'"),
        (["customer", "show", "nobody"], "found no customer 'nobody'"),
        (["customer", "exit", "nobody"], "found no customer 'nobody'"),
        (["consent", "set", "nobody", "email", "tips", "yes"], "found no customer 'nobody'"),
        (["journey", "show", "welcom"], "did you mean 'welcome'?"),
        (["journey", "resume", "welcome"], "welcome is not paused"),
        (["log", "nobody"], "found no customer 'nobody'"),
        (["run", "--time-lapse", "fast"], "--time-lapse: found 'fast'"),
        (["run", "--time-lapse", f"{'9' * 30}d=1s"], "--time-lapse: found '999"),
        (["run", "--address", "no address"], "no address: no Temporal server answers"),
        (["import", "customers", ".", "--report", "/proc/no/report"], ".: cannot be read: Is a directory"),
        (["import", "events", "/dev/null", "--convert", "/proc/no/events"], "/proc/no/events: No such file"),
        (["init", "/proc/no"], "/proc/no: No such file or directory"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_2(published: Path, words: list[str], told: str) -> None:
    said = call(*words)
    assert said.status == 2
    assert said.err.startswith("sojourn: ")
    assert told in said.err
    assert "Traceback" not in said.err


def test_consent_is_an_event_with_its_wording(published: Path) -> None:
    call("track", "c1", "signed_up")
    said = call("consent", "set", "c1", "email", "all", "no", "--source", "phone")
    assert said.out.splitlines() == ["c1: email offers no", "c1: email tips no"]
    assert "did you mean 'offers'?" in call("consent", "set", "c1", "email", "ofers", "no").err


TERMS = """\
again    never
goal     purchased within 14 days
purpose  marketing, topic tips
welcome on signed_up
├── email hello
├── wait 2 days"""


def test_a_journey_is_shown_as_a_tree_and_can_be_paused(published: Path) -> None:
    tree = call("journey", "show", "welcome").out
    assert TERMS in tree
    assert (
        tree.index("email hello") < tree.index("wait 2 days") < tree.index("email reminder") < tree.index("exit done")
    )
    assert call("journey", "pause", "welcome").status == 0
    rows = {row["journey"]: row for row in call("journey", "list", "--json").json}
    assert rows["welcome"]["paused"] is True
    assert rows["welcome"]["stage"] == "onboarding"
    assert "by hand: nobody enters" in call("journey", "show", "welcome").out
    assert call("journey", "resume", "welcome").status == 0


def test_the_doctor_says_what_to_do(folder: Path) -> None:
    assert call("doctor").status == 1
    assert "`sojourn publish`" in call("doctor").out
    call("publish")
    found = {one["what"]: one for one in call("doctor", "--json").json}
    assert found["journeys"]["grade"] == "well"
    (folder / "journeys/any/receipt.yaml").write_text("steps: []\n")
    assert {one["what"]: one for one in call("doctor", "--json").json}["journeys"]["grade"] == "wrong"


@pytest.mark.parametrize(
    ("database", "told"),
    [
        (
            "postgresql+psycopg://ada:secret@127.0.0.1:1/sojourn",
            "postgresql+psycopg://ada@127.0.0.1:1/sojourn: the database",
        ),
        ("sqlite:////proc/no/sojourn.db", "sqlite:////proc/no/sojourn.db"),
        ("mysterious://x", "database: found 'mysterious://x'; expected sqlite:///FILE or postgresql+psycopg://"),
        ("nonsense", "database: found 'nonsense'"),
        (
            "postgresql+psycopg://ada:secret@127.0.0.1:x/sojourn",
            "database: found 'postgresql+psycopg://ada@127.0.0.1:x",
        ),
        (
            "mysql://ada:secret@127.0.0.1/sojourn",
            "database: found 'mysql://ada@127.0.0.1/sojourn'; expected sqlite:///",
        ),
    ],
)
def test_a_database_that_is_not_to_be_had_is_told_without_its_password(folder: Path, database: str, told: str) -> None:
    said = call("journey", "list", env={"SOJOURN_DATABASE": database})
    assert said.status == 2
    assert told in said.err
    assert "secret" not in said.err


def test_events_are_converted_to_lines_that_import_and_simulate_read_alike(published: Path) -> None:
    file = published / "sales.txt"
    file.write_bytes(SALES.encode())
    assert call("import", "events", file, *SALES_FORM, "--convert", "sales.jsonl").status == 0
    assert call("import", "events", "sales.jsonl", "--json").json["new"] == 3
    assert call("import", "events", file, *SALES_FORM, "--json").json["new"] == 0
    said = call("simulate", "--events", "sales.jsonl", "--until", "1998-01-01", "--json")
    assert (said.status, set(said.json["stages"])) == (0, {"00004", "00021"})


@pytest.mark.parametrize("command", [["mailbox"], ["run"]])
def test_a_mailbox_that_is_none_is_told_in_a_sentence(published: Path, command: list[str]) -> None:
    (published / ".sojourn" / "mailbox.db").write_text("no database\n" * 100)
    said = call(*command)
    assert said.status == 2
    assert said.err == "sojourn: the mailbox is not to be had: file is not a database\n"


def test_numbers_that_no_mailbox_reaches_are_a_wrong_usage(published: Path) -> None:
    assert call("mailbox", "9" * 20).status == 2
    assert call("mailbox", "--limit", "9" * 20).status == 2


def test_a_row_that_is_too_deep_is_left_out(published: Path) -> None:
    deep = write_lines(published / "deep.jsonl", ['{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"])
    said = call("import", "events", deep)
    assert said.status == 1
    assert "deep.jsonl:1: left out: is no JSON" in said.err


def test_an_event_that_a_journey_does_not_wait_for_is_told_with_what_it_waits_for(tmp_path: Path) -> None:
    receipt = RECEIPT.replace("{event: purchased}", "{event: purchased, where: {amount: {at_least: 10}}}")
    folder = write_folder(tmp_path, receipt=receipt)
    call("publish", "-C", folder)
    call("track", "c1", "purchased", "amount=9", "-C", folder)
    call("track", "c1", "purchased", "amount=10", "-C", folder)
    told = [line for line in call("customer", "show", "c1", "-C", folder).out.splitlines() if "receipt" in line]
    assert len(told) == 1
    assert told[0].endswith("does not enter receipt: this is not the event it waits for (amount at least 10)")
