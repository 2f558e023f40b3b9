"""`sojourn track`: a customer did something."""

from pathlib import Path
from typing import Annotated

import typer

from engine.declared import strange_event
from engine.facts import Event
from engine.moments import utc
from engine.rows import BadRow, EventReader
from engine.words import Origin
from records import customers, events
from sojourn.errors import Mistake
from sojourn.opened import opened
from sojourn.pairs import parse_pairs
from sojourn.project import Folder
from sojourn.terminal import note, print_json, say

app = typer.Typer(add_completion=False)


@app.command()
def track(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    event: Annotated[str, typer.Argument(help="What happened, in the past tense.")],
    properties: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Its properties.")] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it happened, if not now.")] = None,
    id_: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Its message id; the same twice counts once.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What was stored, as JSON.")] = False,
    folder: Folder = Path(),
) -> None:
    """Record that a customer did something.

    The engine acts on it as soon as it runs. An event that is more than a day old is a fact, but starts nothing.

    \b
    sojourn track c1 purchased amount=48.50 items='["rose", "spade"]'
    sojourn track c1 trial_started plan=plus --at 2026-03-02T09:00:00Z
    """
    with opened(folder) as here:
        now = here.business.now()
        row = {
            "customer": customer,
            "name": event,
            "occurred_at": at or now,
            "properties": parse_pairs(properties or ()),
        }
        try:
            known, told = EventReader(Origin.LIVE, now).read({**row, "id": id_ or events.fresh_id()})
        except BadRow as bad:
            raise Mistake(str(bad)) from None
        for remark in strange_event(here.release().declared, told):
            note(remark)
        stranger = here.database.read(lambda connection: customers.by_name(connection, known)) is None
        new = here.store(known, told)
        if stranger:
            note(f"{known} is a new customer, of whom nothing else is known")
    _report(known, told, new=new, as_json=as_json)


def _report(customer: str, event: Event, *, new: bool, as_json: bool) -> None:
    if as_json:
        print_json({"id": event.id, "customer": customer, "occurred_at": utc(event.occurred_at), "new": new})
    else:
        say(f"{event.name} of {customer} at {utc(event.occurred_at)}" + ("" if new else ": was there already"))
