"""Worker processes started, told what to do, and asked what it cost."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from workers.devserver import DevServer

HOME = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Round:
    """What a round took: enrollments a second, and processor seconds of the worker's and of the server's process."""

    rate: float
    python: float
    server: float


@dataclass(frozen=True, slots=True)
class Carrier:
    """A worker process of one side."""

    process: Process
    queue: str

    async def carry(self, number: int) -> Round:
        """Lets so many customers in and sees them through. Raises EOFError when the process is gone."""
        if self.process.stdin is None or self.process.stdout is None:
            raise EOFError
        self.process.stdin.write(f"{number}\n".encode())
        line = await self.process.stdout.readline()
        if not line:
            raise EOFError(f"a worker process ended with {await self.process.wait()}")
        return Round(**json.loads(line))


@asynccontextmanager
async def carrier(side: str, folder: Path, server: DevServer) -> AsyncIterator[Carrier]:
    """A worker process in a folder of its own, ended with the block."""
    own, queue = folder / side, f"bench-{side}-{uuid4()}"
    own.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.bench.carrier", side, str(own), server.address, str(server.pid or 0), queue]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, cwd=HOME)
    try:
        yield Carrier(process, queue)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
