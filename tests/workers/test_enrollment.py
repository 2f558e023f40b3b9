"""The one loop, on a real Temporal server, with scripted answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.worker import Worker

from tests.workers.sandboxed import runner
from tests.workers.scripted import Answer, Script, email, left, waiting
from workers.devserver import DevServer
from workers.enrollment import HOPS_A_RUN, JourneyWorkflow
from workers.moves import Delivered, EnrollmentRef, Left, channel_queue

pytestmark = pytest.mark.asyncio(loop_scope="session")
Run = WorkflowHandle[JourneyWorkflow, Left]


@dataclass
class Stage:
    """A script, its workers and a client."""

    client: Client
    script: Script
    queue: str

    async def start(self) -> Run:
        """A run of this script."""
        return await self.client.start_workflow(
            JourneyWorkflow.run, EnrollmentRef("e"), id=f"test-{uuid4()}", task_queue=self.queue
        )


@asynccontextmanager
async def played(server: DevServer, *answers: Callable[[], Answer], cached: int = 100) -> AsyncIterator[Stage]:
    """Workers that play the script, on queues of its own."""
    client = await server.connect()
    script, queue = Script(list(answers)), f"test-{uuid4()}"
    moves = Worker(
        client,
        task_queue=queue,
        workflows=[JourneyWorkflow],
        activities=[script.decide, script.force_exit],
        workflow_runner=runner(),
        max_cached_workflows=cached,
    )
    async with moves, Worker(client, task_queue=channel_queue(queue, "email"), activities=[script.deliver]):
        yield Stage(client, script, queue)


async def events(run: Run) -> list[str]:
    """The kinds of events in the history of the latest run."""
    return [EventType.Name(event.event_type) async for event in run.fetch_history_events()]


async def until(true: Callable[[], bool]) -> None:
    """Waits for something that must come."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.02)


async def test_two_messages_and_a_wait_between_them_cost_at_most_26_events(temporal_server: DevServer) -> None:
    script = (lambda: waiting(1.0, email("welcome")), lambda: left(email("offer")))
    async with played(temporal_server, *script) as stage:
        run = await stage.start()
        assert await run.result() == Left("finished")
        assert stage.script.delivered == ["welcome", "offer"]
        assert len(await events(run)) <= 26
        assert stage.script.asked == 2


async def test_a_further_wait_and_message_cost_at_most_12_events(temporal_server: DevServer) -> None:
    script = [lambda name=name: waiting(0.5, email(name)) for name in ("one", "two", "three")]
    async with played(temporal_server, script[0], left) as short, played(temporal_server, *script, left) as long:
        runs = await short.start(), await long.start()
        for run in runs:
            await run.result()
        assert len(await events(runs[1])) - len(await events(runs[0])) <= 2 * 12


async def test_a_ring_ends_a_wait_at_once(temporal_server: DevServer) -> None:
    async with played(temporal_server, lambda: waiting(86_400), left) as stage:
        run = await stage.start()
        await until(lambda: stage.script.asked == 1)
        await run.signal(JourneyWorkflow.ring, 1)
        assert await run.result() == Left("finished")


async def test_a_ring_that_the_answer_knows_wakes_nobody(temporal_server: DevServer) -> None:
    async with played(temporal_server, lambda: waiting(None, seen=7), left) as stage:
        run = await stage.start()
        await until(lambda: stage.script.asked == 1)
        await run.signal(JourneyWorkflow.ring, 7)
        await run.query("__stack_trace")
        assert stage.script.asked == 1
        await run.signal(JourneyWorkflow.ring, 8)
        await run.result()


async def test_a_timer_that_is_early_sleeps_again(temporal_server: DevServer) -> None:
    async with played(temporal_server, lambda: waiting(-5), lambda: waiting(0.2), left) as stage:
        await (await stage.start()).result()
        assert stage.script.asked == 3


async def test_a_journey_goes_on_while_a_delivery_is_out(temporal_server: DevServer) -> None:
    script = (lambda: waiting(0.1, email("slow")), lambda: waiting(0.1, email("slow"), email("quick")), left)
    async with played(temporal_server, *script) as stage:
        stage.script.gate.clear()
        run = await stage.start()
        await until(lambda: stage.script.asked == 3)
        stage.script.gate.set()
        await run.result()
        assert sorted(stage.script.delivered) == ["quick", "slow"]


async def test_leaving_waits_for_what_is_out(temporal_server: DevServer) -> None:
    async with played(temporal_server, lambda: left(email("last"))) as stage:
        stage.script.gate.clear()
        run = await stage.start()
        await until(lambda: stage.script.asked == 1)
        assert (await run.describe()).status is WorkflowExecutionStatus.RUNNING
        stage.script.gate.set()
        await run.result()
        assert stage.script.delivered == ["last"]


async def test_a_refusal_that_opens_a_fallback_is_decided_before_leaving(temporal_server: DevServer) -> None:
    async with played(temporal_server, lambda: left(email("first")), lambda: left(email("fallback"), seen=5)) as stage:
        stage.script.delivery = Delivered("rejected", ring=5)
        await (await stage.start()).result()
        assert stage.script.delivered == ["first", "fallback"]


async def test_what_did_not_fit_into_an_answer_is_asked_for_again(temporal_server: DevServer) -> None:
    script = (lambda: left(email("a"), email("b"), more=True), lambda: left(email("c")))
    async with played(temporal_server, *script) as stage:
        await (await stage.start()).result()
        assert sorted(stage.script.delivered) == ["a", "b", "c"]


async def test_a_failing_decide_is_tried_for_ever(temporal_server: DevServer) -> None:
    async with played(temporal_server, *[lambda: RuntimeError("locked")] * 5, left) as stage:
        run = await stage.start()
        assert await run.result() == Left("finished")
        assert stage.script.asked == 6


async def test_cancelling_records_a_forced_exit_and_leaves(temporal_server: DevServer) -> None:
    async with played(temporal_server, lambda: waiting(86_400, email("slow"))) as stage:
        stage.script.gate.clear()
        run = await stage.start()
        await until(lambda: stage.script.asked == 1)
        await run.cancel()
        await until(lambda: stage.script.exits == 1)
        stage.script.gate.set()
        assert await run.result() == Left("forced")
        assert stage.script.delivered == ["slow"]


async def test_a_long_enrollment_stays_flat(temporal_server: DevServer) -> None:
    async with played(temporal_server, *[lambda: waiting(0.0)] * (3 * HOPS_A_RUN), left) as stage:
        run = await stage.start()
        await run.result()
        last = stage.client.get_workflow_handle(run.id)
        assert len([event async for event in last.fetch_history_events()]) <= 12 * HOPS_A_RUN
        assert (await last.describe()).run_id != run.first_execution_run_id


async def test_a_run_survives_a_worker_that_forgets_everything(temporal_server: DevServer) -> None:
    script = (lambda: waiting(0.2, email("one")), lambda: waiting(0.2, email("two")), left)
    async with played(temporal_server, *script, cached=0) as stage:
        assert await (await stage.start()).result() == Left("finished")
        assert sorted(stage.script.delivered) == ["one", "two"]


async def test_what_rang_before_a_database_was_restored_makes_nobody_spin(temporal_server: DevServer) -> None:
    script = (waiting, lambda: waiting(0.5, seen=2), left)
    async with played(temporal_server, *script) as stage:
        run = await stage.start()
        await until(lambda: stage.script.asked == 1)
        await run.signal(JourneyWorkflow.ring, 7)
        await run.result()
        assert (await events(run)).count("EVENT_TYPE_TIMER_FIRED") == 1
