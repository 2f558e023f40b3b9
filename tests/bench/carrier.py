"""A worker process of one side: for every number on stdin so many customers are let in and seen through.

`python -m tests.bench.carrier SIDE FOLDER ADDRESS SERVER_PID QUEUE`; each answer is a line of JSON. SIDE is engine,
bare, or waiting, which is the engine with a journey in which everybody stays.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from math import inf
from pathlib import Path
from time import process_time

import structlog
from temporalio.client import Client

from tests.bench.bare import WAIT_SECONDS
from tests.bench.cast import LONG_WAIT, TWO_MESSAGES
from tests.bench.machine import Watch, cpu_seconds
from tests.bench.sides import Side, bare, engine

SECONDS_BETWEEN_LOOKS = 0.12
AHEAD = 1.1
"""So much faster than the first round went all others are let in: there is always work, and no queue like the wait."""


async def carry(side_name: str, folder: Path, address: str, server: int, queue: str) -> None:
    """Until stdin ends."""
    client, known, pace = await Client.connect(address), 0, inf
    async with _side(side_name, client, folder, queue) as side:
        while line := await asyncio.to_thread(sys.stdin.readline):
            numbers = range(known, known + int(line))
            await side.know(numbers)
            done = side.sent if side_name == "waiting" else _closed(client, queue)
            answer = await _timed(side, numbers, pace, done, server)
            if not known and side_name != "waiting":
                pace = AHEAD * answer["rate"]
            known = numbers.stop
            print(json.dumps(answer), flush=True)


def _side(name: str, client: Client, folder: Path, queue: str) -> AbstractAsyncContextManager[Side]:
    match name:
        case "bare":
            return bare(client, folder, queue)
        case "waiting":
            return engine(client, folder, queue, LONG_WAIT)
        case _:
            return engine(client, folder, queue, TWO_MESSAGES)


async def _timed(
    side: Side, numbers: range, pace: float, done: Callable[[], Awaitable[int]], server: int
) -> dict[str, float]:
    """Lets so many in a second. The rate is the one at which they are done until the last is let in.

    So neither side has an idle beginning or end; where all go in at once it is that of all but the wait.
    """
    watch, own, its = Watch(), process_time(), cpu_seconds(server)
    seen, entered = list[tuple[float, int]](), 0
    while (finished := await done() - numbers.start) < len(numbers):
        if finished and entered < len(numbers):
            seen.append((watch.seconds, finished))
        due = int(min(pace * watch.seconds + 1, len(numbers)))
        if due > entered:
            await side.enter(numbers[entered:due])
            entered = due
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    spent = {"python": process_time() - own, "server": cpu_seconds(server) - its}
    return {"rate": _rate(seen) or len(numbers) / max(watch.seconds - WAIT_SECONDS, 1), **spent}


def _rate(seen: Sequence[tuple[float, int]]) -> float:
    """How many were done a second, by when how many were; 0 where that was never seen to grow."""
    if not seen or seen[0][1] == seen[-1][1]:
        return 0
    (begun, first), (ended, last) = seen[0], seen[-1]
    return (last - first) / (ended - begun)


def _closed(client: Client, queue: str) -> Callable[[], Awaitable[int]]:
    """How many runs of this queue Temporal has seen to their end."""

    async def number() -> int:
        return (await client.count_workflows(f"TaskQueue='{queue}' and ExecutionStatus='Completed'")).count

    return number


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answers
    asyncio.run(carry(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]))
