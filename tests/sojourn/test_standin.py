"""`sojourn stand-in` as a process: it says how Sojourn uses it, answers, and stops when it is told to."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
from sendgrid.helpers.eventwebhook import EventWebhook

from tests.sojourn.calling import call

SCRIPT = "from sojourn.cli import main; main()"
LAST = "SOJOURN_CHANNELS_LIVE=true"


@contextmanager
def standing_in(*options: str) -> Iterator[dict[str, str]]:
    """The settings that it says, while it runs; then it is told to stop, and does so in peace."""
    command = [sys.executable, "-c", SCRIPT, "stand-in", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        while LAST not in lines:
            lines.append(process.stdout.readline().strip())
            assert lines[-1], "it said no more"
        yield dict(line.split("=", 1) for line in lines if line.startswith("SOJOURN_"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_it_says_the_settings_by_which_it_is_used() -> None:
    with standing_in("--sojourn", "http://127.0.0.1:9000") as said:
        answer = httpx.get(f"{said['SOJOURN_CHANNELS_SENDGRID_HOST']}/stand-in/keys").json()
        hooks = httpx.get(f"{said['SOJOURN_CHANNELS_TWILIO_HOST']}/stand-in/webhooks").json()["webhooks"]
    assert answer["sendgrid_public_key"] == said["SOJOURN_CHANNELS_SENDGRID_WEBHOOK_KEY"]
    assert EventWebhook(said["SOJOURN_CHANNELS_SENDGRID_WEBHOOK_KEY"]).public_key.key_size == 256
    assert said["SOJOURN_CHANNELS_TWILIO_ACCOUNT_SID"] == answer["twilio_account"]
    assert said["SOJOURN_CHANNELS_TWILIO_PUBLIC_URL"] == hooks["url"] == "http://127.0.0.1:9000"
    assert said["SOJOURN_CHANNELS_SENDGRID_API_KEY"] == "SG.stand-in"


def test_a_key_and_a_token_that_were_given_are_not_shown() -> None:
    with standing_in("--sendgrid-key", "hunter-2", "--twilio-token", "hunter-3") as said:
        assert "hunter" not in "".join(said.values())


def test_a_port_that_is_taken_is_a_mistake_with_advice() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        said = call("stand-in", "--port", str(taken.getsockname()[1]))
    assert said.status == 2
    assert "--port takes another" in said.err


def test_a_folder_without_descriptions_is_a_mistake() -> None:
    said = call("stand-in", "--port", "0", "--specs", "/nowhere")
    assert said.status == 2
    assert "/nowhere" in said.err
