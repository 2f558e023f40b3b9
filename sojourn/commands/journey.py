"""`sojourn journey`: the journeys, and who is in them where."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.catalog import Program
from engine.moments import utc
from engine.words import EventKind
from records import health, journal, releases
from records.journal import JourneyCount
from sojourn.errors import Mistake
from sojourn.opened import Opened, known_journey, opened
from sojourn.pairs import parse_pairs
from sojourn.project import Folder
from sojourn.reports.paused import paused_words
from sojourn.reports.steptree import step_tree
from sojourn.reports.terms import terms
from sojourn.terminal import note, out, print_json, say, table
from workers.clocks import Wall

app = typer.Typer(add_completion=False, no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="JOURNEY", help="The journey's name: that of its file.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.callback()
def journey() -> None:
    """The journeys, who is in them where; start, pause and resume them."""


@app.command("list")
def list_journeys(as_json: AsJson = False, folder: Folder = Path()) -> None:
    """Every journey that is published, with how many entered, are inside, left, and reached its goal."""
    with opened(folder) as here:
        rows = _rows(here)
    if as_json:
        print_json(rows)
        return
    heads = ("journey", "stage", "entered", "inside", "left", "goal", "")
    cells = ((*(row[head] for head in heads[:-1]), _paused(row)) for row in rows)
    out.print(table("", heads, cells, right=("entered", "inside", "left", "goal")))


@app.command("show")
def show(name: Name, as_json: AsJson = False, folder: Folder = Path()) -> None:
    """A journey as a tree of its steps, with how many wait at each, and how others left it.

    \b
    sojourn journey show trial
    """
    with opened(folder) as here:
        shown = here.journey(name)
        live = name in here.release().journeys
        counted = here.database.read(lambda connection: journal.enrollments_by_step(connection, name))
        since = here.database.read(health.paused_journeys).get(name)
        why = here.database.read(health.stopped_journeys).get(name, "")
    inside, elsewhere = _inside(counted, Program(shown))
    left = Counter({str(one.reason): 0 for one in counted if one.reason})
    left.update({str(one.reason): one.enrollments for one in counted if one.reason})
    if as_json:
        print_json({"journey": name, "version": shown.digest, "live": live, "paused": since is not None,
                    "paused_since": utc(since) if since else None, "paused_why": why, "inside": inside,
                    "older_versions": elsewhere, "left": left})  # fmt: skip
        return
    for term in terms(shown):
        say(term)
    out.print(step_tree(shown, inside))
    for where, number in elsewhere.items():
        say(f"in an older version at {where}: {number}")
    if left:
        say("left: " + ", ".join(f"{number} {reason}" for reason, number in left.most_common()))
    if not live:
        say("its file is gone: nobody enters; those inside go on")
    if since:
        say(paused_words(name, since, why))


@app.command("start")
def start(
    name: Name,
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    given: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Its entry.NAME.")] = None,
    folder: Folder = Path(),
) -> None:
    """Offer a journey to a customer. Its stage, again, holdout and permission hold as for any other entry.

    \b
    sojourn journey start open_day c1 day=2026-05-07
    """
    with opened(folder) as here:
        known_journey(here.release(), name)
        here.customer_row(customer)
        here.tell(customer, EventKind.START, {"journey": name, "with": parse_pairs(given or ())})
    say(f"{customer} is offered {name}")
    note(f"sojourn customer show {customer} tells whether she was let in, as soon as the engine runs")


@app.command("pause")
def pause(name: Name, folder: Folder = Path()) -> None:
    """Let nobody in and send nothing, until it is resumed. Goals and exits go on working."""
    with opened(folder) as here:
        here.journey(name)
        now = here.business.now()
        here.database.write(lambda connection: releases.pause(connection, name, now))
    say(f"{name} is paused")


@app.command("resume")
def resume(name: Name, folder: Folder = Path()) -> None:
    """Go on where it was paused: waits are longer by as long as it stood."""
    with opened(folder) as here:
        here.journey(name)
        if name not in here.database.read(releases.paused_journeys):
            raise Mistake(f"{name} is not paused")
        now = here.business.now()
        told = here.database.write(lambda connection: releases.resume(connection, name, now, Wall().now()))
    say(f"{name} goes on; {told} customers are inside")


def _rows(here: Opened) -> list[dict[str, Any]]:
    release = here.release()
    counted = here.database.read(journal.enrollments_by_step)
    goals = here.database.read(journal.goals)
    paused = here.database.read(releases.paused_journeys)
    stopped = here.database.read(health.stopped_journeys)
    inside = Counter[str]()
    left = Counter[str]()
    for one in counted:
        (left if one.reason else inside)[one.journey] += one.enrollments
    reached = Counter[str]()
    for goal in goals:
        reached[goal.journey] += goal.reached
    return [
        {
            "journey": one.name,
            "stage": one.stage or "any",
            "entered": inside[one.name] + left[one.name],
            "inside": inside[one.name],
            "left": left[one.name],
            "goal": reached[one.name] if one.goal else "",
            "paused": one.name in paused,
            "paused_why": stopped.get(one.name, ""),
        }
        for one in sorted(release.journeys.values(), key=lambda one: one.file)
    ]


def _paused(row: dict[str, Any]) -> str:
    why = row["paused_why"]
    return "" if not row["paused"] else f"paused: {why}" if why else "paused"


def _inside(counted: Sequence[JourneyCount], program: Program) -> tuple[dict[str, int], dict[str, int]]:
    """How many wait at each step of this version; and at steps that only older versions have."""
    here, elsewhere = Counter[str](), Counter[str]()
    for one in counted:
        if one.reason is None:
            (here if one.step in program.index or not one.step else elsewhere)[one.step] += one.enrollments
    return dict(here), dict(elsewhere)
