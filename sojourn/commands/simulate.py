"""`sojourn simulate`: live through customers and events without a database or a server."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO, TypeAlias

import typer

from channels.numbers import zones_of
from engine.catalog import Catalog
from engine.customer import Customer
from engine.facts import Event
from engine.release import Release
from engine.rows import EventReader
from engine.simulate import log, simulate
from engine.words import Origin
from sojourn.errors import Mistake
from sojourn.project import Folder, find_folder, load_sound
from sojourn.reports.outcome import Outcome
from sojourn.rowfiles import Report, read_customers, read_events
from sojourn.terminal import FINDINGS, note, print_json, print_tables, progress

Life: TypeAlias = tuple[Customer, list[Event]]

app = typer.Typer(add_completion=False)


@app.command("simulate")
def simulate_files(
    events: Annotated[Path, typer.Option(help="Events, as JSON lines or CSV.")],
    until: Annotated[str, typer.Option(metavar="TIME", help="Where to stop: 2026-06-01 or 2026-06-01T08:00:00Z.")],
    customers: Annotated[Path | None, typer.Option(help="Customers, as JSON lines or CSV.")] = None,
    log_file: Annotated[Path | None, typer.Option("--log", help="Write the decision log there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything that happened, as JSON.")] = False,
    folder: Folder = Path(),
) -> None:
    """Live through customers and events without a database or a server.

    The journeys of this folder decide exactly as they would live; every message counts as delivered. A time without a
    zone is UTC. An event with received_at arrives then.

    \b
    sojourn simulate --customers customers.jsonl --events events.jsonl --until 2026-06-01
    customers: {"id": "c1", "email": "ada@acme.example", "zone": "Europe/Berlin", "consent": {"email": ["offers"]}}
    events:    {"customer": "c1", "name": "signed_up", "occurred_at": "2026-03-02T09:00:00Z", "properties": {}}
    """
    end, release = _time(until), load_sound(find_folder(folder))
    reports = [Report(path) for path in (customers, events) if path is not None]
    cast = _cast(reports[0] if customers else None, reports[-1], release)
    outcome = Outcome(release.lifecycle.start)
    with log_file.open("w", encoding="utf-8", newline="\n") if log_file else nullcontext() as log_to:
        catalog = Catalog(release, zones_of=zones_of)
        for customer in _watched(simulate(_one_by_one(cast), catalog, end), len(cast)):
            outcome.add(customer)
            _write_log(customer, log_to)
    for sentence in (sentence for report in reports for sentence in report.sentences()):
        note(sentence)
    if as_json:
        print_json(outcome.as_json())
    else:
        print_tables(outcome.tables())
    if any(report.bad for report in reports):
        raise typer.Exit(FINDINGS)


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Mistake(f"--until: found '{text}'; expected a time such as 2026-06-01 or 2026-06-01T08:00:00Z") from None


def _cast(customers: Report | None, events: Report, release: Release) -> dict[str, Life]:
    """Every customer with her events, by her id. Of events with one id the first counts."""
    cast = {one.id: (one, list[Event]()) for one in (read_customers(customers, release) if customers else ())}
    seen: set[str] = set()
    for customer, event in read_events(events, release, EventReader(Origin.LIVE)):
        if event.id not in seen:
            seen.add(event.id)
            cast.setdefault(customer, (Customer(customer), []))[1].append(event)
    return cast


def _one_by_one(cast: dict[str, Life]) -> Iterator[Life]:
    """By id; each is let go of when she has been lived."""
    for name in sorted(cast):
        yield cast.pop(name)


def _watched(customers: Iterable[Customer], total: int) -> Iterator[Customer]:
    with progress("living", total) as bar:
        yield from bar.through(customers)


def _write_log(customer: Customer, to: TextIO | None) -> None:
    if to is not None:
        to.writelines(f"{line}\n" for line in log(customer))
