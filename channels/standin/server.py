"""The stand-in as a server in a thread of its own."""

import socket
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Final, Self

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol

from channels.standin.app import build
from channels.standin.descriptions import Descriptions
from channels.standin.faults import Fault, Faults
from channels.standin.postman import Postman
from channels.standin.sendgrid.dialect import SendGrid
from channels.standin.signing import SendGridKey
from channels.standin.truth import Accepted, Requested, Truth
from channels.standin.twilio.dialect import Twilio
from channels.standin.webhooks import Webhooks

LOOPBACK: Final = "127.0.0.1"
_POLL: Final = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class Secrets:
    """What callers have to know: SendGrid's API key, Twilio's account and token. Nothing shows them."""

    sendgrid_key: str = field(default="SG.stand-in", repr=False)
    twilio_account: str = "AC" + "0" * 32
    twilio_token: str = field(default="stand-in", repr=False)


class StandIn:
    """The server: `with StandIn() as stand_in: stand_in.url`.

    `specs` is a folder with the providers' OpenAPI descriptions. Its methods may be called from any thread; so may its
    own pages under /stand-in, which say and do the same.
    """

    def __init__(
        self,
        secrets: Secrets = Secrets(),
        *,
        host: str = LOOPBACK,
        port: int = 0,
        specs: Path | None = None,
    ) -> None:
        """Takes the port at once. Raises OSError where it is taken, or a description is missing."""
        descriptions = Descriptions(specs) if specs is not None else None
        self.secrets = secrets
        self._key = SendGridKey()
        self._truth = Truth()
        self._faults = Faults()
        self._postman = Postman(self._truth, self._key, secrets.twilio_account, secrets.twilio_token)
        sendgrid = SendGrid(secrets.sendgrid_key, descriptions)
        twilio = Twilio(secrets.twilio_account, secrets.twilio_token, self._truth, descriptions)
        parts = (self._truth, self._faults, self._postman, self._key, sendgrid, twilio, descriptions, self._hang_up)
        app = build(*parts)
        if host == LOOPBACK:  # else a foreign page could read this one by DNS rebinding
            app.add_middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK, "localhost"])
        settings = uvicorn.Config(
            app, http="h11", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(settings)
        self._socket = socket.create_server((host, port), backlog=512)
        self._thread = Thread(target=self._server.run, args=([self._socket],), name="stand-in", daemon=True)

    @property
    def url(self) -> str:
        host, port = self._socket.getsockname()[:2]
        return f"http://{host}:{port}"

    @property
    def public_key(self) -> str:
        """SendGrid's verification key, as its settings show it."""
        return self._key.public

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            sleep(_POLL)

    def stop(self) -> None:
        """Answers no more; what it knew is still told."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def misbehave(self, *faults: Fault) -> None:
        """Puts faults at the end of the queue."""
        self._faults.order(*faults)

    def behave(self) -> None:
        """Empties the queue of faults."""
        self._faults.clear()

    def listen(self, webhooks: Webhooks) -> None:
        """Sends webhooks like this from now on."""
        self._postman.webhooks = webhooks

    def lag(self, seconds: float) -> None:
        """Look-ups are so far behind from now on."""
        self._truth.set_lag(seconds)

    def accepted(self, message: str = "") -> tuple[Accepted, ...]:
        """What was taken; of one message, by its id or its correlation, where it is named."""
        return self._truth.accepted(message)

    def requests(self) -> tuple[Requested, ...]:
        """What it was asked and answered."""
        return tuple(self._truth.requests)

    @property
    def pending(self) -> int:
        """Messages of which webhooks are still to be sent."""
        return self._postman.pending

    def _hang_up(self, client: tuple[str, int]) -> None:
        for line in self._server.server_state.connections:
            if isinstance(line, H11Protocol) and line.client == client:
                line.transport.abort()
