"""`sojourn init`: an author's own folder."""

import shutil
from pathlib import Path
from typing import Annotated, Final

import typer

from sojourn.errors import Mistake
from sojourn.project import JOURNEYS, TEMPLATES
from sojourn.terminal import note, say

app = typer.Typer(add_completion=False)

SHIPPED: Final = Path(__file__).parents[2]
SETTINGS: Final = """\
# What is not said here has its default. Each key can also be set in the environment: SOJOURN_DATABASE,
# SOJOURN_CHANNELS_EMAIL. Secrets stand only there: SOJOURN_CHANNELS_SMTP_PASSWORD.

# database = "sqlite:///.sojourn/sojourn.db"      # or postgresql+psycopg://...
# temporal = "127.0.0.1:7233"                     # without it, `sojourn run` brings a dev server of its own

[channels]
email = "mailbox"                                 # or smtp
sms = "mailbox"
live = false                                      # real channels write only to `allow` until this is true
allow = ["*@acme.example"]

# [channels.smtp]
# host = "smtp.acme.example"
# username = "acme"
"""
IGNORED: Final = "# State of this machine: database, mailbox, logs.\n.sojourn/\n"


@app.command()
def init(directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")]) -> None:
    """Make a folder of your own from the journeys and templates that ship.

    \b
    sojourn init acme
    cd acme && sojourn check
    """
    for room in (JOURNEYS, TEMPLATES):
        if (directory / room).exists():
            raise Mistake(f"{directory / room}: is there already; expected neither {JOURNEYS}/ nor {TEMPLATES}/")
    if directory.exists() and not directory.is_dir():
        raise Mistake(f"{directory}: is a file; expected a folder")
    for room in (JOURNEYS, TEMPLATES):
        shutil.copytree(SHIPPED / room, directory / room, ignore=shutil.ignore_patterns("__pycache__"))
    _write(directory / "sojourn.toml", SETTINGS)
    _write(directory / ".gitignore", IGNORED)
    say(str(directory))
    note(f"{_count(directory / JOURNEYS)} journeys and settings, {_count(directory / TEMPLATES)} files of templates")
    note(f"next: cd {directory} && sojourn check && sojourn publish && sojourn run")


def _write(file: Path, text: str) -> None:
    if not file.exists():
        file.write_text(text, "utf-8")


def _count(room: Path) -> int:
    return sum(path.is_file() for path in room.rglob("*"))
