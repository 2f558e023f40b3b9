"""`sojourn log`: the decision log."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from records import journal
from sojourn.opened import opened
from sojourn.project import Folder
from sojourn.terminal import out

app = typer.Typer(add_completion=False)


@app.command()
def log(
    customer: Annotated[str | None, typer.Argument(help="Of this customer alone.")] = None,
    folder: Folder = Path(),
) -> None:
    """The decision log as JSON lines, by customer and in her own order.

    What was decided, when, by which cause and why; `sojourn simulate --log` writes the same for the same events.

    \b
    sojourn log > live.jsonl
    sojourn log c1
    """

    def write(connection: Connection) -> None:
        for line in journal.export_log(connection, customer):
            out.file.write(f"{line}\n")

    with opened(folder) as here:
        if customer is not None:
            here.customer_row(customer)
        here.database.read(write)
