"""A process that dies at the worst moments: everything drains, nothing goes twice, nothing is lost."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.words import EventKind
from records.database import Database
from tests.workers.whole import consenting, options_for, publish, store, texts, until, whole
from workers.devserver import DevServer
from workers.failpoints import KILLED, SETTING
from workers.wiring import Options

pytestmark = pytest.mark.asyncio(loop_scope="session")

TWO = """
enter: {event: signed_up}
purpose: marketing
topic: tips
steps:
  - email: hello
  - wait_for:
      up_to: 1 day
      first:
        - event: came_back
      timeout: []
  - email: later
"""
NOTHING: dict[str, object] = {}
EVERYWHERE = [
    f"{point}.{moment}"
    for point, moment in [
        ("settle", "before_commit"),
        ("settle", "after_commit"),
        ("claim", "before_commit"),
        ("claim", "after_commit"),
        ("submit", "before_write"),
        ("submit", "after_response"),
        ("record", "before_commit"),
        ("record", "after_commit"),
        ("decide", "before_answer"),
    ]
]


@asynccontextmanager
async def process(options: Options, fail: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
    """A Sojourn of its own in a process of its own."""
    arguments = [str(options.state), str(options.temporal), options.queue]
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.workers.process", *arguments, env=os.environ | {SETTING: fail}
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


def sign_up(options: Options) -> None:
    """Ada becomes known and signs up, while nothing runs."""
    known, signed_up = (
        ("ada", EventKind.IDENTIFY, "", consenting("ada")),
        ("ada", EventKind.TRACK, "signed_up", NOTHING),
    )
    with closing(Database(options.database)) as database:
        store(database, datetime.now(UTC), known, signed_up)


@pytest.mark.parametrize("point", EVERYWHERE)
async def test_a_process_killed_anywhere_sends_once_and_loses_nothing(
    point: str, temporal_server: DevServer, tmp_path: Path
) -> None:
    options = options_for(tmp_path, temporal_server)
    publish(options, texts(two=TWO))
    sign_up(options)
    async with process(options, f"{point}:exit@{tmp_path / 'once'}") as killed:
        assert await killed.wait() == KILLED
    async with whole(options) as it:
        await until(lambda: it.states() == ["accepted"])
        await it.track("ada", "came_back")
        await until(lambda: it.reasons() == ["finished"])
        await until(lambda: it.states() == ["accepted", "accepted"])
        assert it.templates() == ["hello", "later"]
