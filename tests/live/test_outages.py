"""What everything stands on goes away for a while: the Temporal server, the database. It comes back, and all drains."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.live.conftest import Found
from tests.live.site import Site
from tests.live.story import a_fortnight
from tests.live.verdict import decided_as_undisturbed, nothing_twice_nothing_lost
from workers.devserver import DevServer

pytestmark = pytest.mark.asyncio(loop_scope="session")
COMPLETED = {WorkflowExecutionStatus.COMPLETED}


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Nobody else can write to a SQLite file."""
    other = sqlite3.connect(file, isolation_level=None, timeout=20)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.execute("rollback")
        other.close()


async def conclude(site: Site, server: DevServer) -> None:
    """Everything drains without anybody's help, and is as if nothing had happened."""
    await site.until(site.drained, 240, failing=None)
    assert site.worker.runs
    await all_completed(site, server)
    site.worker.stop()
    nothing_twice_nothing_lost(site)
    decided_as_undisturbed(site)


async def all_completed(site: Site, server: DevServer) -> None:
    """Temporal learns of the end a little later: what was under way when it died waits for its time-out."""
    client = await server.connect()
    async with asyncio.timeout(60):
        while await site.statuses(client) != COMPLETED:
            await asyncio.sleep(0.5)


async def in_full_swing(site: Site) -> None:
    """Until somebody waits and something has been sent."""
    await site.until(lambda: len(site.ledger()) > 1)


async def test_the_temporal_server_is_killed_and_comes_back_on_its_file(tmp_path: Path, found: Found) -> None:
    async with DevServer(db_file=tmp_path / "temporal.db", log_file=tmp_path / "temporal.log") as server:
        site = found(server, a_fortnight())
        await in_full_swing(site)
        for away in (0, 3):
            server.kill()
            await asyncio.sleep(away)
            await server.start()
            await asyncio.sleep(1)
        await conclude(site, server)


async def test_the_worker_and_the_temporal_server_die_together(tmp_path: Path, found: Found) -> None:
    async with DevServer(db_file=tmp_path / "temporal.db", log_file=tmp_path / "temporal.log") as server:
        site = found(server, a_fortnight())
        await in_full_swing(site)
        server.kill()
        site.worker.kill()
        await server.start()
        site.worker.start()
        await conclude(site, server)


async def lock_for(site: Site, server: DevServer, seconds: float) -> None:
    """Holds the database's lock in the middle of everything."""
    await in_full_swing(site)
    with locked(site.options.state / "sojourn.db"):
        await asyncio.sleep(seconds)
    await conclude(site, server)


async def test_the_database_is_locked_for_ten_seconds(temporal_server: DevServer, found: Found) -> None:
    await lock_for(found(temporal_server, a_fortnight()), temporal_server, 10)


@pytest.mark.trial
async def test_the_database_is_locked_for_a_minute(temporal_server: DevServer, found: Found) -> None:
    await lock_for(found(temporal_server, a_fortnight()), temporal_server, 60)
