"""The terminal: results go to stdout, everything else to stderr, progress only where somebody watches."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

FINDINGS, USAGE = 1, 2
"""Exit statuses: the work was done and something is wrong; the command cannot work like this."""

QUIET_SECONDS: Final = 5
WIDE: Final = 200
"""Columns of a table that no terminal bounds."""

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(words: str) -> None:
    """One line of a result, as it is."""
    out.print(words, markup=False)


def note(words: str) -> None:
    """One line beside the result."""
    err.print(words, markup=False, style="dim")


def complain(words: str) -> None:
    """One sentence on what went wrong."""
    err.print(f"[bold red]sojourn:[/] {escape(words)}")


def clock(at: datetime | None) -> str:
    """An instant in a table, in UTC, to the minute."""
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def print_json(value: object) -> None:
    """The result where a machine reads."""
    out.print(json.dumps(value, ensure_ascii=False, indent=2), markup=False)


def print_tables(tables: Iterable[Table]) -> None:
    """Tables with a line between them; one without rows is left out."""
    for at, shown in enumerate(one for one in tables if one.row_count):
        out.print(*([""] if at else []), shown, sep="\n")


def keep_page(html: str, file: Path, *, browser: bool) -> None:
    """An HTML page as a file, and in a browser where that is wished."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(html, "utf-8")
    note(f"HTML: {file}")
    if browser:
        typer.launch(file.resolve().as_uri())


def table(title: str, heads: Iterable[str], rows: Iterable[Iterable[object]], right: Iterable[str] = ()) -> Table:
    """A table of plain words; the columns named in `right` are numbers."""
    made = Table(
        title=title, title_justify="left", title_style="bold", header_style="dim", box=None, padding=(0, 2, 0, 0)
    )
    numbers = frozenset(right)
    for head in heads:
        made.add_column(head, justify="right" if head in numbers else "left")
    for row in rows:
        made.add_row(*(escape(str(cell)) for cell in row))
    return made


def counts(title: str, head: str, counted: Mapping[str, int]) -> Table:
    """A table of how many there are of each."""
    return table(title, (head, "count"), counted.items(), right=("count",))


@contextmanager
def progress(what: str, total: float | None = None) -> Iterator["Bar"]:
    """A bar on stderr while the block runs; where stderr is no terminal a line at each tenth of what takes long."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:
        yield Bar(shown, what, total)


class Bar:
    """A progress bar and the words beside it."""

    def __init__(self, shown: Progress, what: str, total: float | None) -> None:
        self._shown = shown
        self._task = shown.add_task(what, total=total)
        self._begun, self._told = monotonic(), 0

    def advance(self, by: float = 1) -> None:
        """So much further."""
        self._shown.advance(self._task, by)

    def at(self, done: float, words: str) -> None:
        """So far in all, and what to say about it."""
        self._shown.update(self._task, completed=done, description=words)
        self._tell(done, words)

    def _tell(self, done: float, words: str) -> None:
        """Where nobody watches a bar."""
        total = self._shown.tasks[self._task].total
        tenths = int(done / total * 10) if total else 0
        if self._shown.disable and tenths > self._told and monotonic() - self._begun > QUIET_SECONDS:
            self._told = tenths
            note(f"{tenths * 10} %  {words}")

    def through(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values one after the other, counted as they go."""
        for value in values:
            yield value
            self.advance()
