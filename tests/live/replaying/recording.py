"""Records the histories that have to replay for ever: `python -m tests.live.replaying.recording`.

Add to them when the workflow learns something; never record anew what is there, it is what customers are inside of.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.live.replaying.histories import RECORDED, ROUND, TWO_MESSAGES, lived, written
from workers.devserver import DevServer

AWAITING = """
  - email: hello
  - wait_for:
      up_to: 30 days
      first:
        - event: came_back
          then:
            - sms: last
      timeout: []
"""
CASES = {
    "two_messages": (TWO_MESSAGES, False),
    "woken_by_an_event": (AWAITING, False),
    "cancelled": (AWAITING, True),
    "continued_as_new": ("".join(ROUND.format(name=f"n{number}") for number in range(22)), False),
}


async def record() -> None:
    """Records those that are not there yet."""
    RECORDED.mkdir(exist_ok=True)
    async with DevServer() as server:
        for name, (steps, cancelled) in CASES.items():
            if not (RECORDED / f"{name}1.json").exists():
                with TemporaryDirectory() as folder:
                    runs = await lived(server, Path(folder), 2, steps, cancelled)
                for number, run in enumerate(runs, 1):
                    (RECORDED / f"{name}{number}.json").write_text(written(run))


if __name__ == "__main__":
    asyncio.run(record())
