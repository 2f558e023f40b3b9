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


async def carry(side_name: str, folder: Path, address: str, server: int, queue: str) -> None:
    """Until stdin ends."""
    client, known = await Client.connect(address), 0
    async with _side(side_name, client, folder, queue) as side:
        while line := await asyncio.to_thread(sys.stdin.readline):
            numbers = range(known, known + int(line))
            known = numbers.stop
            await side.know(numbers)
            done = _all_wait(side, known) if side_name == "waiting" else _all_closed(client, queue, known)
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


async def _timed(side: Side, numbers: range, done: Callable[[], Awaitable[bool]], server: int) -> dict[str, float]:
    watch, own, its = Watch(), process_time(), cpu_seconds(server)
    await side.enter(numbers)
    while not await done():
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    return {"seconds": watch.seconds, "python": process_time() - own, "server": cpu_seconds(server) - its}


def _all_closed(client: Client, queue: str, number: int) -> Callable[[], Awaitable[bool]]:
    """Temporal has seen that many runs of this queue to their end."""

    async def done() -> bool:
        return (await client.count_workflows(f"TaskQueue='{queue}' and ExecutionStatus='Completed'")).count >= number

    return done


def _all_wait(side: Side, number: int) -> Callable[[], Awaitable[bool]]:
    """Everybody has had the first message."""

    async def done() -> bool:
        return await side.sent() >= number

    return done


if __name__ == "__main__":
    asyncio.run(carry(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5]))
