"""`sojourn init`: an author's own folder."""

from pathlib import Path
from typing import Annotated

import typer

from sojourn.project import JOURNEYS, TEMPLATES
from sojourn.starter import make_folder
from sojourn.terminal import note, say

app = typer.Typer(add_completion=False)


@app.command()
def init(directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")]) -> None:
    """Make a folder of your own from the journeys and templates that ship.

    \b
    sojourn init acme
    cd acme && sojourn check
    """
    make_folder(directory)
    say(str(directory))
    note(f"{_count(directory / JOURNEYS)} journeys and settings, {_count(directory / TEMPLATES)} files of templates")
    note(f"next: cd {directory} && sojourn check && sojourn publish && sojourn run")


def _count(room: Path) -> int:
    return sum(path.is_file() for path in room.rglob("*"))
