"""`make bench`: what Sojourn costs, each measure beside a baseline of the same run."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sojourn.terminal import note, out
from tests.bench import checking, enrollments, importing, providers, rendering, sending, simulating, waiting
from tests.bench.figures import Figure, Sizes, shown, write
from workers.devserver import DevServer


class Measure(StrEnum):
    """What can be measured."""

    ENROLLMENTS = "enrollments"
    WAITING = "waiting"
    SIMULATE = "simulate"
    CHECK = "check"
    IMPORT = "import"
    RENDER = "render"
    SEND = "send"
    PROVIDERS = "providers"


Served = Callable[[Sizes, Path, DevServer], Awaitable[list[Figure]]]
ALONE: Mapping[Measure, Callable[[Sizes, Path], list[Figure]]] = {
    Measure.SIMULATE: simulating.measure,
    Measure.CHECK: checking.measure,
    Measure.IMPORT: importing.measure,
    Measure.RENDER: rendering.measure,
    Measure.SEND: lambda sizes, folder: asyncio.run(sending.measure(sizes, folder)),
    Measure.PROVIDERS: lambda sizes, folder: asyncio.run(providers.measure(sizes, folder)),
}
SERVED: Mapping[Measure, Served] = {
    Measure.ENROLLMENTS: enrollments.measure,
    Measure.WAITING: waiting.measure,
}
FULL_WAITING = 10_000
USUAL = Sizes()


def bench(
    only: Annotated[list[Measure] | None, typer.Option(help="What to measure; everything unless named.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the figures there, too.")] = None,
    enrollments: Annotated[int, typer.Option(help="Enrollments a round.")] = USUAL.enrollments,
    rounds: Annotated[int, typer.Option(help="Rounds of each side.")] = USUAL.rounds,
    waiting: Annotated[int, typer.Option(help="Enrollments that wait while memory is weighed.")] = USUAL.waiting,
    full: Annotated[bool, typer.Option("--full", help=f"{FULL_WAITING:,} waiting enrollments: minutes.")] = False,
    customers: Annotated[int, typer.Option(help="Sample customers to simulate.")] = USUAL.customers,
    events: Annotated[int, typer.Option(help="Events to import.")] = USUAL.events,
    cdnow: Annotated[Path | None, typer.Option(metavar="DIR", help="A folder with CDNOW_sample.txt.")] = None,
) -> None:
    """Measure what Sojourn costs. PostgreSQL is measured where SOJOURN_TEST_POSTGRES names one."""
    sizes = Sizes(
        enrollments=enrollments,
        rounds=rounds,
        waiting=FULL_WAITING if full else waiting,
        customers=customers,
        events=events,
        cdnow=cdnow,
        postgres=os.environ.get("SOJOURN_TEST_POSTGRES"),
    )
    with tempfile.TemporaryDirectory(prefix="sojourn-bench-") as folder:
        figures = _measure(only or list(Measure), sizes, Path(folder))
    out.print(shown(figures))
    if json is not None:
        write(figures, json)


def _measure(names: list[Measure], sizes: Sizes, folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        note(f"{name} ...")
        own = folder / name
        own.mkdir()
        figures += ALONE[name](sizes, own) if name in ALONE else asyncio.run(_served(SERVED[name], sizes, own))
    return figures


async def _served(measure: Served, sizes: Sizes, folder: Path) -> list[Figure]:
    async with DevServer(db_file=folder / "temporal.db") as server:
        return await measure(sizes, folder, server)


if __name__ == "__main__":
    typer.run(bench)
