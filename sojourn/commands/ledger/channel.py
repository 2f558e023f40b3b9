"""`sojourn channel`: what carries messages, and whether anything goes over it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.moments import utc
from engine.words import Channel
from records.ledger import channels
from sojourn.adapters import chosen
from sojourn.engineroom import ways_here
from sojourn.errors import Mistake, reasoned
from sojourn.opened import Opened, opened
from sojourn.project import Folder
from sojourn.reports.reaching import AGAIN, Reach, differing, reaches
from sojourn.settings import STATE
from sojourn.terminal import note, out, print_json, say, table
from workers.clocks import Wall

app = typer.Typer(add_completion=False, no_args_is_help=True)

Name = Annotated[Channel, typer.Argument(metavar="CHANNEL", help="email or sms.")]


@app.callback()
def channel() -> None:
    """What carries messages; pause and resume it."""


@app.command("list")
def list_channels(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False, folder: Folder = Path()
) -> None:
    """Every channel with its adapter, the rate it may send at, and whether it is paused."""
    with opened(folder) as here:
        runs = ways_here(here.root / STATE)
        rows = list(_rows(here, runs))
        unlike = list(differing(runs, reaches(here.settings, here.policy())))
    if as_json:
        print_json(rows)
        return
    heads = ("channel", "adapter", "runs by", "per second", "paused since", "why")
    out.print(table("", heads, (("" if cell is None else cell for cell in row.values()) for row in rows)))
    for line in unlike:
        note(f"{line}; {AGAIN}")


@app.command("pause")
def pause(
    name: Name,
    why: Annotated[str, typer.Option(help="Why, for those who look at it.")] = "paused by hand",
    folder: Folder = Path(),
) -> None:
    """Let nothing go over a channel. Messages wait, and expire where that lasts too long.

    \b
    sojourn channel pause sms --why "the number is being moved"
    """
    reasoned(why)
    if why.startswith(channels.DENIED):
        raise Mistake(f"--why: found '{why}'; expected other words than those of a provider's refusal")
    with opened(folder) as here:
        here.database.write(lambda connection: channels.pause(connection, name, why, Wall().now()))
    say(f"{name} is paused")


@app.command("resume")
def resume(name: Name, folder: Folder = Path()) -> None:
    """Let a channel go on, also one that was paused because its provider refused the key.

    \b
    sojourn channel resume email
    """
    with opened(folder) as here:
        if not here.database.write(lambda connection: channels.resume(connection, name)):
            raise Mistake(f"{name} is not paused")
    say(f"{name} goes on")
    note("what waits goes within half a minute, if the engine runs")


def _rows(here: Opened, runs: Mapping[Channel, Reach]) -> Iterator[dict[str, Any]]:
    policy = here.policy()
    paused = {one.channel: one for one in here.database.read(channels.paused)}
    for name in Channel:
        adapter, rate = chosen(name, here.settings, policy).name, here.settings.channels.rate(name)
        one = paused.get(name)
        since, why = (utc(one.since), one.reason) if one else (None, None)
        now = {"adapter": adapter, "runs_by": runs[name].adapter if name in runs else None, "per_second": rate}
        yield {"channel": name.value, **now, "paused_since": since, "why": why}
