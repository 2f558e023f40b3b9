"""The command `sojourn`: which commands there are. Only the one that is called is imported."""

import sqlite3
from importlib.metadata import version
from typing import Annotated, Any, ClassVar, Final

import typer

from sojourn.commands.lazily import LazyGroup, Listed
from sojourn.errors import Mistake
from sojourn.terminal import USAGE, complain, say

WRITE, RUN, LOOK = "Write", "Run", "Look"
COMMANDS: Final[Listed] = {
    "init": ("init", WRITE, "Make a folder of your own from the journeys and templates that ship."),
    "check": ("check", WRITE, "Find every fault in the journeys, with its place and what was expected."),
    "preview": ("preview", WRITE, "See a message as its template writes it, or send it to yourself."),
    "simulate": ("simulate", WRITE, "Live through customers and events without a database or a server."),
    "publish": ("publish", RUN, "Make the journeys of this folder live for newcomers."),
    "run": ("processes.run", RUN, "Run the engine: Temporal, worker, relay and API in one process."),
    "api": ("processes.api", RUN, "Listen alone: events, webhooks and the pages that customers meet."),
    "import": ("imports", RUN, "Bring in customers or events from CSV or JSON lines."),
    "track": ("track", RUN, "Record that a customer did something."),
    "consent": ("consent", RUN, "Record what a customer allows."),
    "demo": ("demo", RUN, "Live through a year of a sample customer base in two minutes."),
    "stand-in": ("processes.standin", RUN, "Stand in for SendGrid and Twilio: staging and faults without a customer."),
    "customer": ("customer", LOOK, "A customer's whole story, with why and why not; her data out, and away."),
    "journey": ("journey", LOOK, "The journeys, who is in them where; start, pause and resume them."),
    "message": ("ledger.message", LOOK, "Messages by state, with their evidence; resolve what is uncertain."),
    "channel": ("ledger.channel", LOOK, "What carries messages; pause and resume it."),
    "mailbox": ("mailbox", LOOK, "Read what was sent in development."),
    "log": ("log", LOOK, "The decision log as JSON lines."),
    "doctor": ("doctor", LOOK, "What is missing, stuck or overdue, and what to do about it."),
}


class Commands(LazyGroup):
    """The root command."""

    LISTED: ClassVar[Listed] = COMMANDS

    def invoke(self, ctx: Any) -> Any:
        """Run it; a mistake becomes one sentence and exit status 2, and so does a file that is not to be had."""
        try:
            return super().invoke(ctx)
        except Mistake as mistake:
            complain(str(mistake))
        except sqlite3.Error as fault:  # the records have errors of their own
            complain(f"the mailbox is not to be had: {fault}")
        except OSError as fault:
            if fault.filename is None:  # a pipe that was closed: the framework knows what to do
                raise
            complain(f"{fault.filename}: {fault.strerror}")
        raise typer.Exit(USAGE) from None


app = typer.Typer(cls=Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


def _version(asked: bool) -> None:
    if asked:
        say(f"sojourn {version('sojourn')}")
        raise typer.Exit


@app.callback()
def root(
    shown: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Which it is.")] = False,
) -> None:
    """Journeys for customers, written in YAML and carried by Temporal.

    A new folder: sojourn init acme, then cd acme, sojourn check, sojourn publish, sojourn run.
    Every command explains itself: sojourn check --help.
    """


def main() -> None:
    """The entry point."""
    app(prog_name="sojourn")
