"""`sojourn stand-in`: SendGrid and Twilio for staging, where nothing reaches a customer."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from channels.standin.server import LOOPBACK, Secrets, StandIn
from channels.standin.webhooks import Webhooks
from sojourn.errors import Mistake
from sojourn.terminal import note, say

app = typer.Typer(add_completion=False)

STOPS: Final = (signal.SIGINT, signal.SIGTERM)
DEFAULTS: Final = Secrets()


def _url(given: str) -> str:
    if given and not given.startswith(("http://", "https://")):
        raise typer.BadParameter(f"found '{given}'; expected a URL such as http://127.0.0.1:8026")
    return given


ListenedAt = Annotated[
    str,
    typer.Option(metavar="URL", callback=_url, help="Send webhooks to Sojourn, which listens there; none without it."),
]
CalledAt = Annotated[
    str,
    typer.Option(
        metavar="URL", callback=_url, help="What Sojourn calls itself in `public_url`, where that is another URL."
    ),
]


@app.command("stand-in")
def stand_in(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 is any free port.")] = 8090,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="At which address. Nothing guards its pages.")
    ] = LOOPBACK,
    specs: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Hold requests to the providers' OpenAPI descriptions in this folder."),
    ] = None,
    sojourn: ListenedAt = "",
    public: CalledAt = "",
    sendgrid_key: Annotated[
        str, typer.Option(envvar="SOJOURN_STAND_IN_SENDGRID_KEY", help="The API key to be let in with.")
    ] = DEFAULTS.sendgrid_key,
    twilio_account: Annotated[str, typer.Option(metavar="SID", help="The account.")] = DEFAULTS.twilio_account,
    twilio_token: Annotated[
        str, typer.Option(envvar="SOJOURN_STAND_IN_TWILIO_TOKEN", help="The token to be let in with, and to sign with.")
    ] = DEFAULTS.twilio_token,
) -> None:
    """Stand in for SendGrid and Twilio until Ctrl-C: staging, and faults on command, without a customer.

    It speaks their HTTP, refuses what they or we would not have, keeps what it took, and sends their signed webhooks.
    It says on which settings Sojourn uses it. All it does is asked for under /stand-in; docs/stand-in.md has the list.

    \b
    sojourn stand-in --sojourn http://127.0.0.1:8080
    curl localhost:8090/stand-in/accepted
    curl localhost:8090/stand-in/faults --json '{"kind": "accept_and_lose", "times": 3}'
    curl localhost:8090/stand-in/inbound --json '{"from": "+4915112345678", "body": "STOP"}'
    """
    running = _built(Secrets(sendgrid_key, twilio_account, twilio_token), host, port, specs)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # before any thread, so that they wait for sigwait
    with running:
        running.listen(Webhooks(url=sojourn, public=public))
        _welcome(running, public or sojourn)
        signal.sigwait(STOPS)


def _built(secrets: Secrets, host: str, port: int, specs: Path | None) -> StandIn:
    try:
        return StandIn(secrets, host=host, port=port, specs=specs)
    except ValueError:
        raise Mistake(f"{specs}: found a file that is no OpenAPI description") from None
    except OSError as fault:
        if fault.filename is not None:
            raise
        raise Mistake(f"port {port} of {host} is not to be had: {fault.strerror}; --port takes another") from None


def _welcome(running: StandIn, public: str) -> None:
    say(f"stand-in     {running.url}/stand-in/accepted")
    note("Sojourn uses it with these settings; nobody is reached, so `live` is safe as long as both hosts are set:")
    for name, value in _settings(running, public):
        say(f"SOJOURN_CHANNELS_{name}={value}")
    if not public:
        note("no webhooks go out; --sojourn URL says where Sojourn listens")
    note("Ctrl-C stops it, and what it knows is gone")


def _settings(running: StandIn, public: str) -> Iterator[tuple[str, str]]:
    """By name; a key or a token that was given is known to who gave it, and is not shown."""
    yield "EMAIL", "sendgrid"
    yield "SENDGRID_HOST", running.url
    if running.secrets.sendgrid_key == DEFAULTS.sendgrid_key:
        yield "SENDGRID_API_KEY", DEFAULTS.sendgrid_key
    yield "SENDGRID_WEBHOOK_KEY", running.public_key
    yield "SMS", "twilio"
    yield "TWILIO_HOST", running.url
    yield "TWILIO_ACCOUNT_SID", running.secrets.twilio_account
    if running.secrets.twilio_token == DEFAULTS.twilio_token:
        yield "TWILIO_AUTH_TOKEN", DEFAULTS.twilio_token
    yield "TWILIO_PUBLIC_URL", public or "http://127.0.0.1:8080"
    yield "LIVE", "true"
