"""A Sojourn in a process of its own, to be killed: worker, relay, sweep and clock, its options as JSON on stdin.

`python -m tests.live.process < options.json`; it says `running` when it runs, and ends cleanly at SIGTERM.
"""

import asyncio
import signal
import sys

import structlog
from pydantic import TypeAdapter

from workers.running import running
from workers.wiring import Options

OPTIONS = TypeAdapter(Options)


async def live(options: Options) -> None:
    """Until somebody ends it."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with running(options):
        print("running", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(live(OPTIONS.validate_json(sys.stdin.read())))
