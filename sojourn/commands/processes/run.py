"""`sojourn run`: the engine in one process."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from records import clocks, releases
from records.database import START
from sojourn.engineroom import Engine, engine, quiet_logs, until_stopped
from sojourn.lapse import DAY, parse_lapse
from sojourn.opened import Opened, clock_of, mendable, opened
from sojourn.project import Folder
from sojourn.reports.pulse import show_pulse
from sojourn.terminal import clock, note, say

app = typer.Typer(add_completion=False)


@app.command()
def run(
    time_lapse: Annotated[str | None, typer.Option(metavar="1d=0.3s", help="Live this much faster.")] = None,
    address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="A Temporal server that runs already.")
    ] = None,
    folder: Folder = Path(),
) -> None:
    """Run the engine: Temporal's dev server, worker, relay and API in one process, until Ctrl-C.

    What was going on goes on at the next start, which waits a minute for a database that somebody else holds. In
    time-lapse the clock begins at the earliest event that is still to be lived through, halts with the engine, and goes
    on from there.

    \b
    sojourn run
    sojourn run --time-lapse 1d=0.3s
    sojourn run --address temporal.acme.example:7233
    """
    quiet_logs()
    with opened(folder, START) as here:
        if here.database.read(releases.current_digest) is None:
            note("nothing is published here yet; `sojourn publish` does it, now or while this runs")
        used = here.settings.model_copy(update={"temporal": address or here.settings.temporal})
        told = Opened(here.root, used, here.database, here.business)
        with suppress(KeyboardInterrupt), mendable(used):
            asyncio.run(_run(told, _lapse(told, time_lapse)))


def _lapse(here: Opened, typed: str | None) -> timedelta | None:
    """What a business day takes; where time was lapsed before it goes on from there, as fast as real time."""
    wished = typed or here.settings.time_lapse
    if wished:
        return parse_lapse(wished)
    return DAY if here.database.read(clocks.read) else None


async def _run(here: Opened, lapse: timedelta | None) -> None:
    async with engine(here, lapse) as live:
        _welcome(live)
        _tell_clock(here, lapse)
        pulse = asyncio.create_task(show_pulse(here.database, live.running.parts.business))
        await until_stopped()
        pulse.cancel()
        note("stopping")


def _tell_clock(here: Opened, lapse: timedelta | None) -> None:
    """Time that was lapsed once cannot be real time again, since it never goes back."""
    if lapse is not None:
        speed = "as fast as real time" if lapse == DAY else f"a day in {lapse.total_seconds():g} s"
        say(f"clock        time-lapse, {speed}, from {clock(clock_of(here.database).now())} on")
        note("a folder that has lived in time-lapse goes on where its clock stands; real time needs a new database")


def _welcome(live: Engine) -> None:
    if live.running.ui_url:
        say(f"Temporal UI  {live.running.ui_url}")
    for channel, way in live.reaches.items():
        say(f"{channel:<13}{way}")
    if any(way.is_mailbox for way in live.reaches.values()):
        say(f"mailbox      {live.mailbox_url}")
    say(f"API          {live.api_url}/docs")
    note("Ctrl-C stops it; what was going on goes on at the next start")
