"""A Sojourn in a process of its own, to be killed: `python -m tests.workers.process STATE TEMPORAL QUEUE`."""

import asyncio
import signal
import sys
from pathlib import Path

from tests.workers.whole import QUICK
from workers.running import running
from workers.wiring import Options


async def main(state: str, temporal: str, queue: str) -> None:
    """Runs until it is told to end."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    folder = Path(state)
    options = Options(folder, f"sqlite:///{folder / 'sojourn.db'}", temporal=temporal, queue=queue, pace=QUICK)
    async with running(options):
        print("ready", flush=True)
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
