"""`sojourn customer export`: everything of a person out."""

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
from records.privacy import exporting, person
from records.privacy.person import Person
from sojourn.commands.privacy.who import Name, known, nobody
from sojourn.opened import Opened, hashing_of, opened
from sojourn.project import Folder
from sojourn.reports.person import decisions_in_words, document, messages_in_words
from sojourn.settings import STATE
from sojourn.terminal import note
from workers.clocks import Wall

app = typer.Typer(add_completion=False)


@app.command()
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
            known(here, name)
            if output is None:
                _export(here, name, mailbox, sys.stdout)
                return
            with output.open("w", encoding="utf-8") as file:
                _export(here, name, mailbox, file)
    note(f"written to {output}; it holds personal data")


def _export(here: Opened, name: str, mailbox: Mailbox, to: TextIO) -> None:
    hashing = hashing_of(here.settings, here.root)

    def work(connection: Connection) -> None:
        her = person.find(connection, name)
        if her is None:
            raise nobody(name)
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
