"""`sojourn import`: customers and events from files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from engine.customer import Customer
from engine.rows import EventReader
from engine.words import Origin
from records.database import Database
from records.events import Arrival, Ingested
from records.imports import Imported, import_customers, import_events
from sojourn.opened import opened
from sojourn.project import Folder
from sojourn.rowfiles import CUSTOMERS, EVENTS, Report, read_customers, read_events, write_events
from sojourn.settings import STATE
from sojourn.tabular import DELIMITERS, Form, parse_columns
from sojourn.terminal import FINDINGS, note, print_json, progress, say

app = typer.Typer(add_completion=False, no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines, or columns with or without a header.")]
Delimiter = Annotated[
    str | None, typer.Option(help="Between columns: one sign, or comma, semicolon, tab, pipe, space (any blanks).")
]
NoHeader = Annotated[bool, typer.Option("--no-header", help="The first line is a row already.")]
DateFormat = Annotated[str | None, typer.Option(metavar="FORM", help="How times are written, such as %Y%m%d.")]
Columns = Annotated[
    list[str] | None,
    typer.Option(metavar="FIELD=COLUMN,...", help="Which columns to take, by name or number from 1; others are left."),
]
Replay = Annotated[bool, typer.Option("--replay", help="Live through it, instead of taking it as history.")]
ReportTo = Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Where rows left out are listed.")]
AsJson = Annotated[bool, typer.Option("--json", help="The sums as JSON.")]


@app.callback()
def imports() -> None:
    """Bring in customers or events from CSV or JSON lines.

    Running an import again changes nothing. Rows that cannot be taken are left out and listed with their lines.
    Exit status: 0 all rows taken, 1 some left out, 2 wrong usage.
    """


@app.command("customers")
def take_customers(
    file: File,
    delimiter: Delimiter = None,
    no_header: NoHeader = False,
    date_format: DateFormat = None,
    columns: Columns = None,
    replay: Replay = False,
    report: ReportTo = None,
    as_json: AsJson = False,
    folder: Folder = Path(),
) -> None:
    """Bring in customers: id, email, phone, zone, stage, created_at, consent.email, consent.sms, and attributes.

    A customer who is there already is told what the file says of her. A column that is none of these fields is an
    attribute. Marketing goes only to customers whose consent is stated.

    \b
    sojourn import customers customers.jsonl
    sojourn import customers crm.csv --columns id=Number,email=Mail,consent.email=Topics,plan=Plan
    {"id": "c1", "email": "ada@acme.example", "zone": "Europe/Berlin", "consent": {"email": ["offers"]},
     "attributes": {"plan": "pro"}}
    """
    form = _form(CUSTOMERS, delimiter, no_header, date_format, columns)
    with (
        opened(folder) as here,
        progress(f"customers of {file.name}", _size(file)) as bar,
    ):
        found, silent = Report(file), Silent()
        rows = silent.count(read_customers(found, here.release(), form, bar.advance))
        done = sum(import_customers(here.database, rows, here.business.now(), replay=replay), Imported())
    _conclude(found, report or here.root / STATE / f"{file.name}.left_out.csv", as_json=as_json, sums={
        "new": done.new, "changed": done.changed, "unchanged": done.unchanged, "without_consent": silent.customers,
    })  # fmt: skip


@app.command("events")
def take_events(
    file: File,
    name: Annotated[str | None, typer.Option(metavar="EVENT", help="The event's name where no column has it.")] = None,
    delimiter: Delimiter = None,
    no_header: NoHeader = False,
    date_format: DateFormat = None,
    columns: Columns = None,
    replay: Replay = False,
    convert: Annotated[Path | None, typer.Option(metavar="FILE", help="Only write them there, as JSON lines.")] = None,
    report: ReportTo = None,
    as_json: AsJson = False,
    folder: Folder = Path(),
) -> None:
    """Bring in events: id, customer, name, occurred_at, received_at, and properties.

    They are history: facts that start and wake nothing, so that nobody is mailed for last year. --replay lives through
    them. A time without a zone is UTC. An event without an id gets one from its content; of equal rows each counts.

    \b
    sojourn import events events.jsonl --replay
    sojourn import events orders.csv --name purchased --columns customer=Client,occurred_at=Date,amount=Total
    sojourn import events cdnow.txt --name purchased --delimiter space --no-header --date-format %Y%m%d \\
        --columns customer=1,occurred_at=3,items=4,amount=5
    {"customer": "c1", "name": "purchased", "occurred_at": "2026-03-02T09:00:00Z", "properties": {"amount": 48}}
    """
    form = _form(EVENTS, delimiter, no_header, date_format, columns)
    form = replace(form, always={"name": name} if name else {})
    with opened(folder) as here, progress(f"events of {file.name}", _size(file)) as bar:
        found = Report(file)
        reader = EventReader(Origin.REPLAY) if replay else EventReader(Origin.HISTORY, here.business.now())
        rows = read_events(found, here.release(), reader, form, bar.advance)
        done = _store(here.database, rows, convert, replay=replay)
    if done.behind:
        note(f"{done.behind} {_BEHIND}")
    found.remarks += [(0, f"event {id_} came before with other content; the first stays") for id_ in done.conflicting]
    _conclude(found, report or here.root / STATE / f"{file.name}.left_out.csv", as_json=as_json, sums={
        "new": done.new, "repeated": done.repeated, "conflicting": len(done.conflicting),
    })  # fmt: skip


_BEHIND = (
    "events are dated before what their customers have lived through already: they are acted on as of then. To live "
    "through them in order, import customers and events before the engine first runs"
)


def _store(database: Database, rows: Iterator[Arrival], convert: Path | None, *, replay: bool) -> Ingested:
    if convert is None:
        return sum(import_events(database, rows, replay=replay), Ingested())
    write_events(rows, convert)
    return Ingested()


@dataclass
class Silent:
    """Counts the customers of whom no consent is stated."""

    customers: int = 0

    def count(self, customers: Iterator[Customer]) -> Iterator[Customer]:
        """The customers, counted as they pass."""
        for customer in customers:
            self.customers += not customer.consents
            yield customer


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _form(
    form: Form, delimiter: str | None, no_header: bool, date_format: str | None, columns: list[str] | None
) -> Form:
    return replace(
        form,
        delimiter=DELIMITERS.get(delimiter, delimiter) if delimiter else None,
        header=not no_header,
        date_format=date_format,
        columns=parse_columns(columns or ()),
    )


def _conclude(found: Report, left_out: Path, *, as_json: bool, sums: dict[str, int]) -> None:
    """Print the sums, write the report, and leave with 1 where rows were left out."""
    if found.bad:
        found.write(left_out)
    if as_json:
        also = {"left_out": len(found.bad), "report": str(left_out) if found.bad else None}
        print_json({"rows": found.taken, **sums, **also})
    else:
        say(f"{found.taken} rows: " + ", ".join(f"{number} {word}" for word, number in sums.items() if word in _TOLD))
    if silent := sums.get("without_consent"):
        note(f"{silent} customers of {found.taken} state no consent: what they allow stays as it was, at first nothing")
    for sentence in found.sentences():
        note(sentence)
    if found.bad:
        note(f"{len(found.bad)} rows were left out; {left_out} lists them")
        raise typer.Exit(FINDINGS)


_TOLD = ("new", "changed", "unchanged", "repeated", "conflicting")
