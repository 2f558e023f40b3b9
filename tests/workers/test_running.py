"""Workers beside a block: they stop with it, end it when they fail, and cannot hold it up."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from records.schema import migrate
from tests.workers.whole import options_for, until
from workers.devserver import DevServer
from workers.running import at_work, running
from workers.wiring import Options

pytestmark = pytest.mark.asyncio(loop_scope="session")
AT_ONCE = timedelta(seconds=0.5)
LONG = 60.0


class Stubborn:
    """An activity that does not let itself be broken off, until it is released."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.released = asyncio.Event()

    @activity.defn
    async def hold(self) -> None:
        """Holds on."""
        self.begun.set()
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue


async def test_a_worker_that_does_not_stop_is_left(temporal_server: DevServer) -> None:
    client, stubborn, queue = await temporal_server.connect(), Stubborn(), f"test-{uuid4()}"
    worker = Worker(client, task_queue=queue, activities=[stubborn.hold])
    async with asyncio.timeout(LONG):
        async with at_work(worker, AT_ONCE):
            await client.start_activity(stubborn.hold, id=queue, task_queue=queue, start_to_close_timeout=AT_ONCE * 100)
            await stubborn.begun.wait()
        assert not stubborn.released.is_set()
    stubborn.released.set()


async def test_a_worker_that_fails_ends_the_block(temporal_server: DevServer) -> None:
    client = await Client.connect(temporal_server.address, namespace="nobody-made-it")
    worker = Worker(client, task_queue="nobody", activities=[Stubborn().hold])
    with pytest.raises(ExceptionGroup) as failed:
        async with asyncio.timeout(LONG), at_work(worker, AT_ONCE):
            await asyncio.sleep(LONG)
    assert failed.group_contains(RuntimeError, match="nobody-made-it")


async def test_a_start_waits_for_a_database_that_somebody_else_holds(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    options = options_for(tmp_path, temporal_server)
    migrate(options.database)
    with closing(sqlite3.connect(tmp_path / "sojourn.db", isolation_level=None)) as other, capture_logs() as said:
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.TaskGroup() as group:
            start = group.create_task(start_and_stop(options))
            await until(lambda: said)
            assert not start.done()
            other.execute("ROLLBACK")
    assert [one["event"] for one in said] == ["somebody else holds the database: waiting"]


async def start_and_stop(options: Options) -> None:
    """A Sojourn that runs for a moment."""
    async with running(options):
        pass
