"""Where the API listens and who may come in, by the settings."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm

from api.served import Doors
from api.serving import listen
from channels.inbound.sendgrid import SendGridEvents
from channels.inbound.twilio import TwilioHooks
from sojourn.errors import Mistake
from sojourn.settings import Settings

PORT: Final = 8026
EVERYWHERE: Final = ("0.0.0.0", "::", "")  # noqa: S104  they are looked for, not listened at


def doors_of(settings: Settings) -> Doors:
    """A door for each key that there is. Raises Mistake for one that is none."""
    key = settings.write_key
    return Doors(
        write_key=key.get_secret_value() if key else "",
        sendgrid=_sendgrid(settings),
        twilio=_twilio(settings),
        help_words=settings.sms_help,
    )


@contextmanager
def listen_at(settings: Settings, port: int | None = None) -> Iterator[socket.socket]:
    """The socket of the API, while the block runs. Raises Mistake where a port that was asked for is not to be had."""
    with _taken(settings.api_host, settings.api_port if port is None else port) as listening:
        yield listening


def url_of(listening: socket.socket) -> str:
    """Where this machine reaches it."""
    host, port = listening.getsockname()[:2]
    host = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _sendgrid(settings: Settings) -> SendGridEvents | None:
    key = str(settings.channels.own("sendgrid").get("webhook_key", ""))
    try:
        return SendGridEvents(key) if key else None
    except (ValueError, UnsupportedAlgorithm):
        raise Mistake(
            "sojourn.toml: [channels.sendgrid]: webhook_key: found no public key; expected it as SendGrid's page for "
            "the signed event webhook shows it"
        ) from None


def _twilio(settings: Settings) -> TwilioHooks | None:
    """Its signature covers the URL, so it needs that too, as a setting; a key's secret signs nothing."""
    own = settings.channels.own("twilio")
    token, url = str(own.get("auth_token", "")), str(own.get("public_url", settings.public_url or ""))
    return TwilioHooks(token, url) if token and url else None


def _taken(host: str, port: int | None) -> socket.socket:
    try:
        return listen(host, PORT if port is None else port)
    except OSError as fault:
        if port is None:
            return listen(host, 0)
        raise Mistake(f"api_port: {host}:{port} is not to be had: {fault.strerror}") from None
