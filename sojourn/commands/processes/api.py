"""`sojourn api`: the API in a process of its own."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from api.app import build_app
from api.served import Served, served
from api.serving import serving
from records.database import START
from sojourn.doors import doors_of, listen_at, url_of
from sojourn.engineroom import quiet_logs, until_stopped
from sojourn.opened import Opened, mendable, opened, secret_of
from sojourn.project import Folder
from sojourn.settings import STATE
from sojourn.terminal import note, say
from workers.clocks import Wall
from workers.links import KEPT_IN, Links, Targets, kept_secret

app = typer.Typer(add_completion=False)


@app.command()
def api(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Listen here, not at api_port.")] = None,
    folder: Folder = Path(),
) -> None:
    """Listen alone, beside other processes that run the engine: events, webhooks and the pages that customers meet.

    What comes in is stored, and acted upon by whoever runs the engine on the same database.

    \b
    sojourn api
    sojourn api --port 8027
    """
    quiet_logs()
    with opened(folder, START) as here, suppress(KeyboardInterrupt), mendable(here.settings):
        asyncio.run(_serve(here, port))


async def _serve(here: Opened, port: int | None) -> None:
    with listen_at(here.settings, port) as listening:
        url = url_of(listening)
        async with serving(build_app(_served(here, url)), listening):
            say(f"API          {url}/docs")
            note("Ctrl-C stops it")
            await until_stopped()
            note("stopping")


def _served(here: Opened, url: str) -> Served:
    settings = here.settings
    secret = secret_of(settings) or kept_secret(here.root / STATE / KEPT_IN)
    links = Links(settings.public_url or url, secret, Targets(here.database))
    return served(here.database, here.business, Wall(), links, doors_of(settings))
