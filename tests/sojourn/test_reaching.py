"""How each channel goes is told as it is set, and as an engine that runs has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.words import Channel
from sojourn.engineroom import LOCK, alone, ways_here
from sojourn.reports.reaching import Reach, written
from sojourn.settings import STATE
from tests.sojourn.calling import POLICY, call, write_folder

SENDGRID = f"{POLICY}channels: {{email: sendgrid}}\n"
DRAWER = dict.fromkeys(Channel, Reach("mailbox"))


@contextmanager
def an_engine_by_the_mailbox(folder: Path) -> Iterator[None]:
    with alone(folder / STATE / LOCK, written(DRAWER)):
        yield


def test_an_engine_leaves_how_its_channels_go_while_it_runs(tmp_path: Path) -> None:
    with alone(tmp_path / LOCK, written(DRAWER)):
        assert ways_here(tmp_path) == DRAWER
    assert ways_here(tmp_path) == {}


def test_what_it_leaves_names_nobody_of_allow() -> None:
    assert "ann@acme.example" not in written({Channel.EMAIL: Reach("smtp", "only to ann@acme.example", "localhost")})


def test_a_place_that_nobody_knows_is_not_told() -> None:
    assert str(Reach("acme", "LIVE, to everybody")) == "acme, LIVE, to everybody"
    assert str(Reach("mailbox")) == "mailbox, to nobody outside"


def test_publishing_another_adapter_tells_that_a_running_engine_keeps_the_former(folder: Path) -> None:
    assert call("publish").err.endswith(".sojourn/sojourn.db\nsojourn run lets customers in\n")
    write_folder(folder, policy=SENDGRID)
    said = call("publish", env={"SOJOURN_CHANNELS_ALLOW": "*@acme.example"})
    told = "email: mailbox -> sendgrid, only to *@acme.example, at api.sendgrid.com; start `sojourn run` again"
    assert told in said.err
    assert "sms:" not in said.err


def test_doctor_and_the_list_of_channels_tell_what_the_engine_does_otherwise(folder: Path) -> None:
    write_folder(folder, policy=SENDGRID)
    assert call("publish").status == 0
    told = "the engine that runs sends email by mailbox, to nobody outside; set is sendgrid, LIVE, to everybody"
    with an_engine_by_the_mailbox(folder):
        listed = call("channel", "list", "--json", env={"SOJOURN_CHANNELS_LIVE": "true"})
        words = call("channel", "list", env={"SOJOURN_CHANNELS_LIVE": "true"})
        found = call("doctor", "--json", env={"SOJOURN_CHANNELS_LIVE": "true"}).json
    assert [(row["adapter"], row["runs_by"]) for row in listed.json] == [
        ("sendgrid", "mailbox"),
        ("mailbox", "mailbox"),
    ]
    assert told in words.err
    assert [one["grade"] for one in found if one["found"].startswith(told)] == ["wrong"]


def test_a_stand_in_is_told_by_its_address_and_no_secret_of_a_url(folder: Path) -> None:
    environment = {
        "SOJOURN_CHANNELS_LIVE": "true",
        "SOJOURN_CHANNELS_SMS": "twilio",
        "SOJOURN_CHANNELS_TWILIO_HOST": "http://127.0.0.1:8090",
        "SOJOURN_CHANNELS_EMAIL": "webhook",
        "SOJOURN_CHANNELS_WEBHOOK_URL": "https://acme.example/in/hidden",
    }
    found = {one["what"]: one["found"] for one in call("doctor", "--json", env=environment).json}
    assert found["sms"] == "twilio, LIVE, to everybody, at http://127.0.0.1:8090"
    assert found["email"] == "webhook, LIVE, to everybody, at acme.example"
