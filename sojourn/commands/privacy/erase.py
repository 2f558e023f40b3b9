"""`sojourn customer erase`: everything of a person away."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.moments import utc
from records.errors import Unknown
from records.privacy import person
from sojourn.adapters import lacking
from sojourn.commands.privacy.temporal import reached
from sojourn.commands.privacy.who import Name, known, nobody
from sojourn.doors import PORT
from sojourn.engineroom import options_of, other_secret, quiet_logs
from sojourn.errors import Mistake
from sojourn.opened import Opened, opened
from sojourn.project import Folder
from sojourn.reports.person import lines
from sojourn.settings import STATE
from sojourn.terminal import FINDINGS, print_json, say
from workers.erasure.report import Report
from workers.wiring import AnotherKey, parts

app = typer.Typer(add_completion=False)


@app.command()
def erase(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    seen_to: Annotated[
        bool, typer.Option("--seen-to", help="What an erasure of hers before has left was dealt with by hand.")
    ] = False,
    go_on: Annotated[
        bool, typer.Option("--go-on", help="Remove her here although a provider does not forget her.")
    ] = False,
    address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="The Temporal server, where `sojourn run` was told one.")
    ] = None,
    folder: Folder = Path(),
) -> None:
    """Remove a customer from everywhere, for good, and prove it by looking everywhere. It may be repeated at will.

    Exit status: 0 nothing of hers is left, 1 something is, 2 it could not be done.

    \b
    sojourn customer export c1 --output c1.json
    sojourn customer erase c1
    sojourn customer erase c1 --seen-to      what it has found is removed by hand
    """
    quiet_logs()
    with opened(folder) as here:
        was = _erased_before(here, name)
        if not was:
            known(here, name)
        if not (yes or was) and not typer.confirm(f"Erase {name} for good? There is no way back", err=True):
            raise Mistake("nothing was erased")
        report = asyncio.run(_erase(here, name, address, seen_to=seen_to, go_on=go_on))
    if as_json:
        print_json({"customer": name, **_plain(asdict(report)), "is_whole": report.is_whole})
    else:
        for line in lines(name, report):
            say(line)
    if not report.is_whole:
        raise typer.Exit(FINDINGS)


def _erased_before(here: Opened, name: str) -> bool:
    """She was, and nobody of her id has come since."""
    gone = here.database.read(lambda connection: person.find(connection, name)) is None
    return gone and here.erased(name) is not None


async def _erase(here: Opened, name: str, address: str | None, *, seen_to: bool, go_on: bool) -> Report:
    policy = here.policy()
    if lacks := [str(lack) for lack in lacking(here.settings, policy, here.root / STATE)]:
        raise Mistake("\n".join(lacks))
    made = parts(options_of(here, policy, None, f"http://127.0.0.1:{PORT}"))
    try:
        made.check_key()
        async with reached(here, address) as temporal:
            return await made.erasing(temporal.client, temporal.patience).erase(name, seen_to=seen_to, go_on=go_on)
    except AnotherKey as fault:
        raise Mistake(other_secret(fault)) from None
    except Unknown:
        raise nobody(name) from None
    finally:
        await made.close()


def _plain(report: dict[str, Any]) -> dict[str, Any]:
    before = report["before"]
    return {**report, "before": {**before, "at": utc(before["at"])} if before else None}
