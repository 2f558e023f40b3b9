"""What comes from outside: Temporal cancels, terminates and resets runs, the relay rests, an author pauses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, ResetWorkflowExecutionRequest

from records import releases
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


async def test_a_paused_journey_sends_nothing_and_goes_on_when_it_is_resumed(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    options = nudging(tmp_path, temporal_server, timedelta(seconds=1))
    async with whole(options) as it:
        await enter(it, "ada")
        await it.change(lambda connection, now: releases.pause(connection, "nudge", now))
        began = it.running.parts.business.now()
        await until(lambda: it.running.parts.business.now() > began + timedelta(days=3))
        assert it.templates() == ["hello"]
        await it.change(lambda connection, now: releases.resume(connection, "nudge", now, datetime.now(UTC)))
        await until(lambda: it.reasons() == ["finished"])
        await until(lambda: it.templates() == ["hello", "later"])
