"""A worker process of one side: for every number on stdin so many customers are let in and seen through.

`python -m tests.bench.carrier SIDE FOLDER ADDRESS SERVER_PID QUEUE`; each answer is a line of JSON. SIDE is engine,
bare, or waiting, which is the engine with a journey in which everybody stays.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from time import process_time

from temporalio.client import Client

from tests.bench.bare import WAIT_SECONDS
from tests.bench.cast import LONG_WAIT, TWO_MESSAGES
from tests.bench.machine import Watch, cpu_seconds
from tests.bench.sides import Side, bare, engine

SECONDS_BETWEEN_LOOKS = 0.15
AHEAD = 1.25
"""So much more is let in than what the wait takes up, so that there is always work and never a queue like the wait."""


async def carry(side_name: str, folder: Path, address: str, server: int, queue: str) -> None:
    """Until stdin ends."""
    client, known, inside = await Client.connect(address), 0, sys.maxsize
    async with _side(side_name, client, folder, queue) as side:
        while line := await asyncio.to_thread(sys.stdin.readline):
            numbers = range(known, known + int(line))
            await side.know(numbers)
            done = side.sent if side_name == "waiting" else _closed(client, queue)
            answer = await _timed(side, numbers, inside, done, server)
            if not known and side_name != "waiting":
                inside = max(round(AHEAD * WAIT_SECONDS * answer["rate"]), 1)
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
    side: Side, numbers: range, inside: int, done: Callable[[], Awaitable[int]], server: int
) -> dict[str, float]:
    """Keeps so many inside. The rate is the one between the first to be done and the last to be let in.

    So neither side has an idle beginning or end; where all go in at once it is that of all but the wait.
    """
    watch, own, its = Watch(), process_time(), cpu_seconds(server)
    seen, entered = list[tuple[float, int]](), 0
    while (finished := await done() - numbers.start) < len(numbers):
        if finished and entered < len(numbers):
            seen.append((watch.seconds, finished))
        if (places := min(inside - entered + finished, len(numbers) - entered)) > 0:
            await side.enter(numbers[entered : entered + places])
            entered += places
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
    asyncio.run(carry(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]))
