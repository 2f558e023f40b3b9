"""What comes from outside: Temporal cancels, terminates, resets or is away; the relay rests; the database is locked."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, ResetWorkflowExecutionRequest

from tests.workers.whole import Whole, options_for, publish, texts, until, whole
from workers.devserver import DevServer
from workers.wiring import Options

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUDGE = """
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


def nudging(folder: Path, server: DevServer, day: timedelta | None = None) -> Options:
    """A Sojourn with a journey that greets, waits a day, and writes again; a day may be shorter than a day."""
    options = options_for(folder, server, time_lapse=day)
    publish(options, texts(nudge=NUDGE))
    return options


async def enter(it: Whole, *names: str) -> None:
    """These customers are in, and have their first message."""
    await it.know(*names)
    for name in names:
        await it.track(name, "signed_up")
    await until(lambda: it.states()[: len(names)] == ["accepted"] * len(names))


async def test_cancelling_a_run_leaves_by_a_forced_exit(temporal_server: DevServer, tmp_path: Path) -> None:
    async with whole(nudging(tmp_path, temporal_server)) as it:
        await enter(it, "ada")
        run = it.runs()[0]
        await run.cancel()
        assert (await run.result())["reason"] == "forced"
        assert it.reasons() == ["forced"]


async def test_a_run_that_was_terminated_is_found_out_and_is_a_forced_exit(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with whole(nudging(tmp_path, temporal_server, timedelta(seconds=3))) as it:
        await enter(it, "ada")
        await it.runs()[0].terminate()
        await until(lambda: it.reasons() == ["forced"])
        assert it.templates() == ["hello"]


async def test_a_run_that_was_lost_is_started_again(temporal_server: DevServer, tmp_path: Path) -> None:
    async with whole(nudging(tmp_path, temporal_server, timedelta(seconds=3))) as it:
        await enter(it, "ada")
        lost = DeleteWorkflowExecutionRequest(
            namespace="default", workflow_execution=WorkflowExecution(workflow_id=it.runs()[0].id)
        )
        await it.running.client.workflow_service.delete_workflow_execution(lost)
        await until(lambda: it.templates() == ["hello", "later"])
        await until(lambda: it.reasons() == ["finished"])


async def test_a_run_reset_to_its_beginning_sends_nothing_twice(temporal_server: DevServer, tmp_path: Path) -> None:
    async with whole(nudging(tmp_path, temporal_server)) as it:
        await enter(it, "ada")
        run = it.runs()[0]
        reset = ResetWorkflowExecutionRequest(
            namespace="default",
            workflow_execution=WorkflowExecution(workflow_id=run.id, run_id=(await run.describe()).run_id),
            reason="a test",
            workflow_task_finish_event_id=3,
            request_id=str(uuid4()),
        )
        await it.running.client.workflow_service.reset_workflow_execution(reset)
        await it.track("ada", "came_back")
        assert (await run.result())["reason"] == "finished"
        assert it.templates() == ["hello", "later"]


async def test_with_the_relay_at_rest_enrollments_inside_go_on_by_temporal_alone(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    options = nudging(tmp_path, temporal_server, timedelta(seconds=4))
    async with whole(options) as it:
        await enter(it, "ada")
    async with whole(replace(options, relays=False)) as it:
        await until(lambda: it.templates() == ["hello", "later"])
        await until(lambda: it.reasons() == ["finished"])


async def test_a_locked_database_holds_everything_up_and_loses_nothing(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    options = nudging(tmp_path, temporal_server)
    async with whole(options) as it:
        await enter(it, "ada", "bob")
        run = it.runs()[0]
        await it.track("bob", "came_back")
        with sqlite3.connect(tmp_path / "sojourn.db", isolation_level=None, timeout=10) as other:
            other.execute("begin immediate")
            await run.signal("ring", 1)
            await asyncio.sleep(10)
            other.execute("rollback")
        await it.track("ada", "came_back")
        await until(lambda: it.reasons() == ["finished", "finished"])
        await until(lambda: sorted(it.templates()) == ["hello", "hello", "later", "later"])


async def test_what_happens_while_temporal_is_away_is_done_when_it_is_back(tmp_path: Path) -> None:
    async with DevServer(db_file=tmp_path / "temporal.db") as server, whole(nudging(tmp_path, server)) as it:
        await enter(it, "ada")
        server.kill()
        await it.know("bob")
        await it.track("ada", "came_back")
        await it.track("bob", "signed_up")
        await until(lambda: len(it.reasons()) == 2)
        await server.start()
        await until(lambda: it.reasons() == ["finished", None])
        await until(lambda: sorted(it.templates()) == ["hello", "hello", "later"])
