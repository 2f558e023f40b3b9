"""Temporal's dev server as our child: ready when it says so, back after a crash, gone when we are."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from workers.attributes import SEARCH_ATTRIBUTES
from workers.devserver import DevServer, DevServerFailed, temporal_cli
from workers.devserver.server import free_port

pytestmark = pytest.mark.asyncio

OWNER = """
import asyncio
from workers.devserver import DevServer

async def main() -> None:
    server = DevServer()
    await server.start()
    print(server.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def search_attributes(server: DevServer) -> set[str]:
    client = await server.connect()
    listing = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
    return set(listing.custom_attributes)


async def answers(server: DevServer) -> bool:
    try:
        return set(SEARCH_ATTRIBUTES) <= await search_attributes(server)
    except RuntimeError:
        return False


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}


async def test_a_server_in_memory_knows_our_search_attributes(temporal_server: DevServer) -> None:
    assert set(SEARCH_ATTRIBUTES) <= await search_attributes(temporal_server)


async def test_a_killed_server_comes_back_on_its_file_and_port_with_its_workflows(tmp_path: Path) -> None:
    server = DevServer(db_file=tmp_path / "temporal.db", log_file=tmp_path / "temporal.log")
    async with server:
        address = server.address
        client = await server.connect()
        await client.start_workflow("Sleeper", id="asleep", task_queue="nobody-listens")
        server.kill()
        assert server.pid is None
        await server.start()
        assert server.address == address
        found = await (await server.connect()).get_workflow_handle("asleep").describe()
        assert found.status is WorkflowExecutionStatus.RUNNING
    assert server.pid is None


async def test_a_server_that_is_kept_comes_back_by_itself() -> None:
    async with DevServer() as server:
        keeping = asyncio.create_task(server.keep())
        first = server.pid
        server.kill()
        async with asyncio.timeout(60):
            while server.pid in {None, first} or not await answers(server):
                await asyncio.sleep(0.05)
        keeping.cancel()


async def test_a_file_made_without_our_search_attributes_gets_them(tmp_path: Path) -> None:
    file = tmp_path / "temporal.db"
    bare = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_cli()), dev_server_database_filename=str(file)
    )
    await bare.shutdown()
    async with DevServer(db_file=file) as server:
        assert set(SEARCH_ATTRIBUTES) <= await search_attributes(server)


async def test_a_server_ends_with_its_owner_even_if_that_is_killed() -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        server = int(await asyncio.to_thread(owner.stdout.readline))
        assert alive(server)
        owner.kill()
    async with asyncio.timeout(30):
        while alive(server):
            await asyncio.sleep(0.05)


async def test_a_port_that_is_taken_is_refused(temporal_server: DevServer) -> None:
    second = DevServer(port=temporal_server.port)
    with pytest.raises(DevServerFailed, match="Address already in use"):
        await second.start()


async def test_a_web_ui_has_an_address_of_its_own() -> None:
    async with DevServer(ui_port=0) as server:
        assert server.ui_url == f"http://127.0.0.1:{server.ui_port}"
        assert server.ui_port not in {0, server.port}
        reader, writer = await asyncio.open_connection("127.0.0.1", server.ui_port)
        writer.write(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.0 200")
        writer.close()
        await writer.wait_closed()


async def test_a_server_that_ends_at_once_is_tried_with_other_ports_where_any_will_do(tmp_path: Path) -> None:
    tried, unlucky = tmp_path / "tried", tmp_path / "temporal"
    unlucky.write_text(f'#!/bin/sh\n[ -e {tried} ] && exec {temporal_cli()} "$@"\ntouch {tried}\nexit 1\n')
    unlucky.chmod(0o755)
    async with DevServer(cli=unlucky) as server:
        assert await (await server.connect()).service_client.check_health()
    tried.unlink()
    with pytest.raises(DevServerFailed, match="it said nothing"):
        await DevServer(port=free_port(0), cli=unlucky).start()


async def test_a_server_that_ends_at_once_says_why(tmp_path: Path) -> None:
    not_a_database = tmp_path / "temporal.db"
    not_a_database.write_text("not a database\n" * 100)
    with pytest.raises(DevServerFailed, match="not a database"):
        await DevServer(db_file=not_a_database).start()
