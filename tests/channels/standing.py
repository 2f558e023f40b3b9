"""Calls the stand-in as the official SDKs do, and listens for its webhooks."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from time import sleep
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from sendgrid import SendGridAPIClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from channels.standin.server import Secrets, StandIn

SPECS = Path(__file__).parents[3] / "shared" / "specs"
needs_specs = pytest.mark.skipif(not SPECS.is_dir(), reason="needs the providers' descriptions in ../shared/specs")
SECRETS = Secrets("SG.right", "AC" + "1" * 32, "right-token")
SERVICE = "MG" + "2" * 32
CALLBACK = "https://acme.example/webhooks/twilio/status?sojourn_id="
OFF = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}


def a_mail(correlation: str = "m1.1", **said: Any) -> dict[str, Any]:
    """A request to mail/send with nothing wrong."""
    return {
        "personalizations": [{"to": [{"email": "ada@example.org"}], "custom_args": {"sojourn_id": correlation}}],
        "from": {"email": "hello@acme.example", "name": "Acme"},
        "subject": "Hello",
        "content": [{"type": "text/plain", "value": "Hello"}, {"type": "text/html", "value": "<p>Hello</p>"}],
        "tracking_settings": OFF,
        **said,
    }


def a_text(correlation: str = "m1.1", **said: Any) -> dict[str, Any]:
    """What the SDK's `messages.create` is called with, with nothing wrong; None leaves a name away."""
    words = {
        "to": "+4915112345678",
        "messaging_service_sid": SERVICE,
        "body": "Hello",
        "status_callback": CALLBACK + correlation,
        "validity_period": 3600,
        **said,
    }
    return {name: value for name, value in words.items() if value is not None}


def sendgrid(stand_in: StandIn, key: str = SECRETS.sendgrid_key, timeout: float = 10) -> SendGridAPIClient:
    """The SDK's client, pointed at the stand-in."""
    api = SendGridAPIClient(key, host=stand_in.url)
    api.client.timeout = timeout
    return api


class _Pointed(TwilioHttpClient):  # type: ignore[misc]
    """The SDK's transport with another host, without retries and without the pool, which would outlive its test."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(pool_connections=False, timeout=timeout)
        self._host = urlsplit(url)

    def request(self, method: str, url: str, *more: Any, **named: Any) -> Any:
        """The SDK's request, at the stand-in."""
        there = urlsplit(url)._replace(scheme=self._host.scheme, netloc=self._host.netloc)
        return super().request(method, urlunsplit(there), *more, **named)


def twilio(stand_in: StandIn, token: str = SECRETS.twilio_token, timeout: float = 10.0) -> Client:
    """The SDK's client, pointed at the stand-in."""
    return Client(SECRETS.twilio_account, token, http_client=_Pointed(stand_in.url, timeout))


@dataclass(frozen=True)
class Heard:
    """One webhook as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = json.loads(self.body)
        return events


class Listener:
    """What webhooks reach: `heard` in order, each answered with the next of `statuses`, then 200."""

    def __init__(self, url: str, heard: "Queue[Heard]", statuses: list[int]) -> None:
        self.url = url
        self.statuses = statuses
        self._heard = heard

    def next(self) -> Heard:
        """The next webhook, waited for."""
        return self._heard.get(timeout=20)


def eventually(happened: Callable[[], bool]) -> bool:
    """Whether it happens within a patience that only a failure uses up."""
    for _ in range(1000):
        if happened():
            return True
        sleep(0.02)
    return False


@contextmanager
def listening() -> Iterator[Listener]:
    """A server on 127.0.0.1 that hears webhooks."""
    heard: Queue[Heard] = Queue()
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.put(Heard(self.path, dict(self.headers.items()), body))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Listener(f"http://127.0.0.1:{server.server_port}", heard, statuses)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
