"""`sojourn demo`: a year of a sample customer base, lived through on the real engine."""

import asyncio
import shutil
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Annotated, Final

import typer

from engine.rows import EventReader
from engine.words import Origin
from records import health, journal, releases
from records.imports import import_customers, import_events
from sojourn.engineroom import Engine, engine, quiet_logs, until_stopped
from sojourn.errors import Mistake
from sojourn.lapse import parse_lapse
from sojourn.opened import Opened, mendable, opened
from sojourn.project import load_sound
from sojourn.reports.pulse import BEAT_SECONDS, take_pulse
from sojourn.reports.summary import summary
from sojourn.rowfiles import Report, read_customers, read_events
from sojourn.sample.files import YEAR, write_sample
from sojourn.settings import STATE
from sojourn.starter import make_folder
from sojourn.terminal import err, note, print_tables, progress, say
from workers.clocks import BusinessClock

app = typer.Typer(add_completion=False)

START: Final = date(2025, 11, 1)
AFTERWARDS: Final = timedelta(days=7)
FOLDER: Final = Path(STATE) / "demo"
MARK: Final = ".sojourn-demo"
PATIENCE_SECONDS: Final = 30


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", "-C", help="Where it is made, anew each time.")] = Path(STATE)
    / "demo",
    customers: Annotated[int, typer.Option(min=1, help="How many customers.")] = 150,
    seed: Annotated[int, typer.Option(help="Another seed is another year.")] = 7,
    time_lapse: Annotated[str, typer.Option(metavar="1d=0.3s", help="How fast the year goes by.")] = "1d=0.3s",
    stay: Annotated[
        bool | None, typer.Option(help="Go on afterwards, to be looked at.", show_default="on a terminal")
    ] = None,
) -> None:
    """Live through a year of a sample customer base, on a real Temporal server.

    Makes a folder with the shipped journeys, publishes them, invents customers and their year, lives through it in
    time-lapse, and shows what became of them.

    \b
    sojourn demo
    sojourn demo --customers 100 --seed 11
    """
    quiet_logs()
    begun = monotonic()
    _make(folder)
    with opened(folder) as here, mendable(here.settings):
        _fill(here, customers, seed)
        asyncio.run(_live(here, parse_lapse(time_lapse), begun, stay=err.is_terminal if stay is None else stay))


def _make(folder: Path) -> None:
    if folder.exists() and not (folder / MARK).exists():
        raise Mistake(f"{folder}: is there already and is no demo; name another with --folder")
    shutil.rmtree(folder, ignore_errors=True)
    make_folder(folder)
    (folder / MARK).touch()


def _fill(here: Opened, customers: int, seed: int) -> None:
    """Publish, and take in the customers and their year, which is still to be lived."""
    release = load_sound(here.root)
    now = here.business.now()
    here.database.write(lambda connection: releases.publish(connection, release, now))
    sample = here.root / STATE / "sample"
    written = write_sample(sample, customers, seed, START)
    cast = read_customers(Report(sample / "customers.jsonl"), release)
    year = read_events(Report(sample / "events.jsonl"), release, EventReader(Origin.REPLAY))
    for _ in (
        *import_customers(here.database, cast, now, replay=True),
        *import_events(here.database, year, replay=True),
    ):
        pass
    note(f"{written.customers} customers, {written.events} events between {START} and {START + YEAR}")


async def _live(here: Opened, lapse: timedelta, begun: float, *, stay: bool) -> None:
    async with engine(here, lapse) as live:
        await _live_through(here, live.running.parts.business)
        took = monotonic() - begun
        print_tables(here.database.read(lambda connection: list(summary(connection, here.release()))))
        _conclude(here, live, took, stays=stay)
        if stay:
            note("the engine still runs, so that you can look; Ctrl-C ends it")
            await until_stopped()


async def _live_through(here: Opened, business: BusinessClock) -> None:
    """Until the year and a little more are over, and everything that is due has gone out."""
    first, end = business.now(), datetime.combine(START, datetime.min.time(), business.now().tzinfo) + YEAR + AFTERWARDS
    with progress("", (end - first).days) as bar:
        while (pulse := await asyncio.to_thread(take_pulse, here.database, business)).at < end:
            bar.at((pulse.at - first).days, str(pulse))
            await asyncio.sleep(BEAT_SECONDS)
        for _ in range(PATIENCE_SECONDS):
            if not await asyncio.to_thread(_unfinished, here):
                return
            await asyncio.sleep(BEAT_SECONDS)


def _unfinished(here: Opened) -> int:
    return here.database.read(health.bells).number + here.database.read(health.unsent).number


def _conclude(here: Opened, live: Engine, took: float, *, stays: bool) -> None:
    pulse = take_pulse(here.database, live.running.parts.business)
    say("")
    say(f"{pulse.customers} customers, {pulse.entered} enrollments, {pulse.sent} messages in {took:.0f} s")
    if stays:
        say(f"Temporal UI  {live.running.ui_url}")
        say(f"mailbox      {live.mailbox_url}")
    command, told = (shutil.which("sojourn") and "sojourn") or sys.argv[0], here.database.read(journal.most_written_to)
    say(f"the mailbox  {command} mailbox -C {here.root}")
    say(f"a customer   {command} customer show {told} -C {here.root}")
    say(f"go on        {command} run -C {here.root}  with Temporal's UI and the mailbox's pages")
