"""A worker process of one side: for every number on stdin so many customers are let in and seen through.

`python -m tests.bench.carrier SIDE FOLDER ADDRESS SERVER_PID QUEUE`; each answer is a line of JSON. SIDE is engine,
bare, or waiting, which is the engine with a journey in which everybody stays.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from time import process_time

from temporalio.client import Client

from tests.bench.cast import LONG_WAIT, TWO_MESSAGES
from tests.bench.machine import Watch, cpu_seconds
from tests.bench.sides import Side, bare, engine

SECONDS_BETWEEN_LOOKS = 0.15
INSIDE = 200
"""At once: eight seconds of what a dev server on two cores carries, of which six are the wait."""


async def carry(side_name: str, folder: Path, address: str, server: int, queue: str) -> None:
    """Until stdin ends."""
    client, known = await Client.connect(address), 0
    async with _side(side_name, client, folder, queue) as side:
        while line := await asyncio.to_thread(sys.stdin.readline):
            numbers = range(known, known + int(line))
            known = numbers.stop
            await side.know(numbers)
            done = side.sent if side_name == "waiting" else _closed(client, queue)
            answer = await _timed(side, numbers, done, server)
            print(json.dumps(answer), flush=True)


def _side(name: str, client: Client, folder: Path, queue: str) -> AbstractAsyncContextManager[Side]:
    match name:
        case "bare":
            return bare(client, folder, queue)
        case "waiting":
            return engine(client, folder, queue, LONG_WAIT)
        case _:
            return engine(client, folder, queue, TWO_MESSAGES)


async def _timed(side: Side, numbers: range, done: Callable[[], Awaitable[int]], server: int) -> dict[str, float]:
    """Keeps the same number inside; the seconds are those between the first to be done and the last to be let in.

    So neither side has an idle beginning or end; where all go in at once they are those of everything.
    """
    watch, own, its = Watch(), process_time(), cpu_seconds(server)
    seen, entered = [(0.0, 0)], 0
    while (finished := await done() - numbers.start) < len(numbers):
        if finished > seen[-1][1] and entered < len(numbers):
            seen.append((watch.seconds, finished))
        if (places := min(INSIDE - entered + finished, len(numbers) - entered)) > 0:
            await side.enter(numbers[entered : entered + places])
            entered += places
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    (begun, first), (ended, last) = (seen[1], seen[-1]) if len(seen) > 2 else ((0.0, 0), (watch.seconds, len(numbers)))
    return {
        "rate": (last - first) / (ended - begun),
        "python": process_time() - own,
        "server": cpu_seconds(server) - its,
    }


def _closed(client: Client, queue: str) -> Callable[[], Awaitable[int]]:
    """How many runs of this queue Temporal has seen to their end."""

    async def number() -> int:
        return (await client.count_workflows(f"TaskQueue='{queue}' and ExecutionStatus='Completed'")).count

    return number


if __name__ == "__main__":
    asyncio.run(carry(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]))
