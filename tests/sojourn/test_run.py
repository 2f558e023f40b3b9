"""`sojourn run`, as a process of its own on a real Temporal server."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.sojourn.calling import a_customer, an_event, call, write_lines

PATIENCE_SECONDS = 120
WRITE_KEY = "the-write-key-of-acme"


@contextmanager
def running(folder: Path, *words: str, command: str = "run") -> Iterator[subprocess.Popen[str]]:
    """The engine, or the API alone, while the block runs; then Ctrl-C."""
    line = [sys.executable, "-c", "from sojourn.cli import main; main()", command, *words]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with (folder / "run.log").open("a") as log:
        process = subprocess.Popen(line, cwd=folder, stdout=log, stderr=log, text=True, env=environment)
        try:
            yield process
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
            process.wait()


def until(done: Callable[[], bool], folder: Path) -> None:
    """Returns when it is done; fails with what the engine has said when that takes too long."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < ends_at, (folder / "run.log").read_text()
        time.sleep(0.5)


def sent() -> list[tuple[str, str]]:
    """What lies in the mailbox, the oldest first."""
    return [(one["to"], one["template"]) for one in reversed(call("mailbox", "--json").json)]


def test_what_is_replayed_is_lived_through_stopped_cleanly_continued_and_equal_to_the_simulation(folder: Path) -> None:
    cast = write_lines(folder / "customers.jsonl", [a_customer("c1"), a_customer("c2", consent={})])
    bought = {"amount": 12}
    year = write_lines(folder / "events.jsonl", [
        an_event("signed_up", "2026-03-03T08:00:00Z", "c1"),
        an_event("signed_up", "2026-03-03T09:00:00Z", "c2"),
        an_event("purchased", "2026-03-20T09:00:00Z", "c2", properties=bought),
    ])  # fmt: skip
    for words in (["publish"], ["import", "customers", cast, "--replay"], ["import", "events", year, "--replay"]):
        assert call(*words).status == 0
    with running(folder, "--time-lapse", "1d=1s") as first:
        until(lambda: ("c1@post.example", "hello") in sent(), folder)
    assert first.returncode == 0, (folder / "run.log").read_text()
    with running(folder, "--time-lapse", "1d=1s") as second:
        until(lambda: ("c2@post.example", "receipt") in sent(), folder)
    assert second.returncode == 0
    assert sorted(sent()) == [
        ("c1@post.example", "hello"), ("c1@post.example", "reminder"), ("c2@post.example", "receipt"),
    ]  # fmt: skip
    call("simulate", "--customers", cast, "--events", year, "--until", "2026-03-20T12:00:00Z", "--log", "log.jsonl")
    assert call("log").out == (folder / "log.jsonl").read_text()
    shown = call("customer", "show", "c2").out
    assert "does not enter welcome: none of its messages may reach her" in shown
    assert "email receipt: accepted" in shown


def test_what_comes_in_by_http_is_acted_upon_and_the_link_in_its_mail_ends_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOJOURN_WRITE_KEY", WRITE_KEY)
    call("publish")
    with running(folder) as engine:
        api = api_of(folder)
        known = {"email": "c9@post.example", "consent": {"email": ["tips"]}}
        calls = [{"type": "identify", "userId": "c9", "traits": known, "timestamp": "2026-03-02T09:00:00Z"},
                 {"type": "track", "userId": "c9", "event": "signed_up"}]  # fmt: skip
        answer = httpx.post(f"{api}/v1/batch", json={"batch": calls}, auth=(WRITE_KEY, ""))
        assert answer.json()["new"] == 2
        until(lambda: sent() == [("c9@post.example", "hello")], folder)
        words = call("mailbox", 1, "--json").json["text"].split()
        link = next(word for word in words if "/u/" in word)
        assert link.startswith(f"{api}/u/")
        assert httpx.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        until(lambda: "no_permission" in call("log").out, folder)
    assert engine.returncode == 0, (folder / "run.log").read_text()


def test_the_api_alone_stores_what_comes_in_and_stops_cleanly(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_WRITE_KEY", WRITE_KEY)
    call("publish")
    with running(folder, "--port", "0", command="api") as process:
        api = api_of(folder)
        answer = httpx.post(f"{api}/v1/track", json={"userId": "c9", "event": "signed_up"}, auth=(WRITE_KEY, ""))
        assert answer.json()["new"] == 1
        assert httpx.get(f"{api}/health").json()["events_to_settle"]["number"] == 1
    assert process.returncode == 0, (folder / "run.log").read_text()


def api_of(folder: Path) -> str:
    """Where the API of a process listens, as it says itself."""
    said = re.compile(r"API +(http://\S+)/docs")
    until(lambda: said.search((folder / "run.log").read_text()) is not None, folder)
    found = said.search((folder / "run.log").read_text())
    assert found is not None
    return found[1]


def engine_by_the_doctor() -> object:
    return {one["what"]: one["found"] for one in call("doctor", "--json").json}["engine"]


def test_a_second_engine_in_the_same_folder_is_refused_and_the_first_goes_on(folder: Path) -> None:
    call("publish")
    with running(folder) as first:
        until(lambda: "mailbox" in (folder / "run.log").read_text(), folder)
        said = call("run")
        assert (said.status, first.poll()) == (2, None)
        assert "runs in this folder already" in said.err
        assert engine_by_the_doctor() == "runs in this folder"
    assert first.returncode == 0
    assert engine_by_the_doctor() == "does not run: nobody gets on"


def test_a_temporal_server_that_is_down_is_told_in_a_sentence(folder: Path) -> None:
    call("publish")
    said = call("run", "--address", "127.0.0.1:1")
    assert said.status == 2
    assert "127.0.0.1:1: no Temporal server answers" in said.err
