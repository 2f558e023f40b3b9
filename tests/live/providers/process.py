"""A Sojourn as in tests.live.process, with its API: the providers of its options are heard at its public URL."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import structlog

from api.app import build_app
from api.served import Doors, served
from api.serving import listen, serving
from channels.inbound.sendgrid import SendGridEvents
from channels.inbound.twilio import TwilioHooks
from engine.words import Channel
from tests.live.process import OPTIONS
from workers.running import Running, running
from workers.wiring import Options


async def live(options: Options) -> None:
    """Until somebody ends it."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with running(options) as run, answering(run):
        print("running", flush=True)
        await stopped.wait()


@asynccontextmanager
async def answering(run: Running) -> AsyncIterator[None]:
    """The API at the public URL, while the block runs."""
    parts, loop, here = run.parts, asyncio.get_running_loop(), urlsplit(run.parts.options.public_url)

    def nudge() -> None:
        loop.call_soon_threadsafe(run.relay.nudge)

    app = build_app(
        served(parts.database, parts.business, parts.settlement.real, parts.links, doors(parts.options), nudge)
    )
    async with serving(app, listen(here.hostname or "", here.port or 0)):
        yield


def doors(options: Options) -> Doors:
    """A door for each provider."""
    by_mail, by_text = (options.carrier(channel).options for channel in (Channel.EMAIL, Channel.SMS))
    return Doors(
        sendgrid=SendGridEvents(str(by_mail["webhook_key"])),
        twilio=TwilioHooks(str(by_text["auth_token"]), str(by_text["public_url"])),
    )


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(live(OPTIONS.validate_json(sys.stdin.read())))
