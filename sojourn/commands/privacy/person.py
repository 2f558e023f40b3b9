"""`sojourn customer export` and `erase`: everything of a person out, and everything of her away."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from sqlalchemy import Connection

from channels.mailbox.store import Mailbox
from channels.outbound.mailbox import FILE
from engine.moments import utc
from records.errors import Unknown
from records.privacy import exporting, person
from records.privacy.erased import erased_at
from records.privacy.person import Person
from sojourn.adapters import lacking
from sojourn.commands.privacy.temporal import reached
from sojourn.doors import PORT, hashing_of
from sojourn.engineroom import options_of, other_secret, quiet_logs
from sojourn.errors import Mistake
from sojourn.opened import Opened, opened
from sojourn.project import Folder
from sojourn.reports.person import decisions_in_words, document, lines, messages_in_words
from sojourn.settings import STATE
from sojourn.terminal import FINDINGS, note, print_json, say
from workers.clocks import Wall
from workers.erasure.report import Report
from workers.wiring import AnotherKey, parts

Name = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")]


def export(
    name: Name,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there.")] = None,
    folder: Folder = Path(),
) -> None:
    """Everything that is kept about a customer, as JSON: docs/privacy.md tells its form.

    \b
    sojourn customer export c1 --output c1.json
    """
    with opened(folder) as here:
        box = here.root / STATE / FILE
        with closing(Mailbox(box)) as mailbox:
            if output is None:
                _export(here, name, mailbox, sys.stdout)
                return
            _known(here, name)
            with output.open("w", encoding="utf-8") as file:
                _export(here, name, mailbox, file)
    note(f"written to {output}; it holds personal data")


def erase(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
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
    """
    quiet_logs()
    with opened(folder) as here:
        was = _erased_before(here, name)
        if not was:
            _known(here, name)
        if not (yes or was) and not typer.confirm(f"Erase {name} for good? There is no way back", err=True):
            raise Mistake("nothing was erased")
        report = asyncio.run(_erase(here, name, address))
    if as_json:
        print_json({"customer": name, **_plain(asdict(report)), "is_whole": report.is_whole})
    else:
        for line in lines(name, report):
            say(line)
    if not report.is_whole:
        raise typer.Exit(FINDINGS)


def _export(here: Opened, name: str, mailbox: Mailbox, to: TextIO) -> None:
    hashing = hashing_of(here.settings, here.root)

    def work(connection: Connection) -> None:
        her = person.find(connection, name)
        if her is None:
            raise _nobody(name)
        told = exporting.parts(connection, her)
        parts = {
            **told,
            "suppressed_addresses": lambda: exporting.held_addresses(connection, her, hashing),
            "decisions": lambda: decisions_in_words(told["decisions"]()),
            "messages": lambda: messages_in_words(told["messages"]()),
            "mailbox": lambda: _arrived(connection, her, mailbox),
        }
        to.writelines(document(exporting.of_customer(connection, her), parts, Wall().now()))

    here.database.read(work)


def _arrived(connection: Connection, her: Person, mailbox: Mailbox) -> Iterator[dict[str, Any]]:
    """What lies in the development mailbox of her messages, and for addresses that are hers alone."""
    alone = {*her.emails, *her.phones} - person.shared(connection, her)
    messages = {one.id for one in person.carried(connection, her)}
    for number in mailbox.belonging(messages, alone):
        if (found := mailbox.open(number)) is not None:
            yield {**asdict(found.arrival), "text": found.text, "html": found.html}


def _known(here: Opened, name: str) -> None:
    """Raises Mistake where nobody is called so."""
    if here.database.read(lambda connection: person.find(connection, name)) is None:
        raise _nobody(name)


def _nobody(name: str) -> Mistake:
    return Mistake(f"found no customer '{name}', and nobody of this id was ever erased here")


def _erased_before(here: Opened, name: str) -> bool:
    """She was, and nobody of her id has come since."""
    hashing = hashing_of(here.settings, here.root)

    def work(connection: Connection) -> bool:
        gone = person.find(connection, name) is None
        return gone and erased_at(connection, hashing, name) is not None

    return here.database.read(work)


async def _erase(here: Opened, name: str, address: str | None) -> Report:
    policy = here.policy()
    if lacks := [str(lack) for lack in lacking(here.settings, policy, here.root / STATE)]:
        raise Mistake("\n".join(lacks))
    made = parts(options_of(here, policy, None, f"http://127.0.0.1:{PORT}"))
    try:
        made.check_key()
        async with reached(here, address) as temporal:
            return await made.erasing(temporal.client, temporal.patience).erase(name)
    except AnotherKey as fault:
        raise Mistake(other_secret(fault)) from None
    except Unknown:
        raise _nobody(name) from None
    finally:
        await made.close()


def _plain(report: dict[str, Any]) -> dict[str, Any]:
    before = report["before"]
    return {**report, "before": utc(before) if before else None}
