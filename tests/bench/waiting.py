"""Memory of a worker process with many waiting enrollments, against the same process with none."""

import asyncio
from pathlib import Path

from tests.bench.carrying import carrier
from tests.bench.figures import Figure, Sizes
from tests.bench.machine import resident_megabytes
from workers.devserver import DevServer

SECONDS_TO_REST = 2
WARM_UP = 10


async def measure(sizes: Sizes, folder: Path, server: DevServer) -> list[Figure]:
    """The first few come before the empty worker is weighed: what is loaded once is no cost of an enrollment."""
    async with carrier("waiting", folder, server) as ours:
        first = min(WARM_UP, sizes.waiting - 1)
        await ours.carry(first)
        empty = await _weigh(ours.process.pid)
        await ours.carry(sizes.waiting - first)
        full = await _weigh(ours.process.pid)
    return [
        Figure(f"worker with {sizes.waiting:,} waiting enrollments", "MB", full, empty, "the same worker with none"),
        Figure("  each of them", "kB", (full - empty) * 1000 / (sizes.waiting - first)),
    ]


async def _weigh(pid: int) -> float:
    await asyncio.sleep(SECONDS_TO_REST)
    return resident_megabytes(pid)
