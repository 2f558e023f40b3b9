"""The workflow that carries one enrollment. It decides nothing and knows nothing of journeys."""

import asyncio
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy, SearchAttributeKey
from temporalio.exceptions import FailureError, is_cancelled_exception

from workers.moves import Delivered, EnrollmentRef, Left, MessageRef, Move, channel_queue

OUTCOME = SearchAttributeKey.for_keyword("Outcome")
HOPS_A_RUN = 20  # a cold replay costs about 0.4 ms an event, and a hop about twelve events
SHORTEST_TIMER = timedelta(milliseconds=100)
QUICK = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=3)
FOR_EVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=5))
PATIENT = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))

Answer = TypeVar("Answer")


@workflow.defn
class JourneyWorkflow:
    """Asks what to do next, has it done, sleeps, and asks again, until the enrollment is left."""

    def __init__(self) -> None:
        self.rung = 0
        self.out: dict[str, asyncio.Task[None]] = {}

    @workflow.signal
    def ring(self, seq: int) -> None:
        """A doorbell: the answer numbered `seq` is new."""
        self.rung = max(self.rung, seq)

    @workflow.run
    async def run(self, enrollment: EnrollmentRef) -> Left:
        """Carries the enrollment to its end. A cancelled run leaves by a forced exit."""
        try:
            return await self.carry(enrollment)
        except (asyncio.CancelledError, FailureError) as error:
            if not is_cancelled_exception(error):
                raise
        await asyncio.shield(self.insist("force_exit", enrollment, int))
        return await self.carry(enrollment)

    async def carry(self, enrollment: EnrollmentRef) -> Left:
        """The one loop. What rang before a decide is committed already, so the answer knows it."""
        hops = 0
        while True:
            if not self.out and (hops >= HOPS_A_RUN or workflow.info().is_continue_as_new_suggested()):
                workflow.continue_as_new(enrollment)
            hops, self.rung = hops + 1, 0
            move = await self.decide(enrollment)
            workflow.set_current_details(move.words)
            self.start_deliveries(move.messages, enrollment)
            if not (move.left or move.more):
                await self.sleep(move)
            elif await self.all_delivered(move) and move.left:
                workflow.upsert_search_attributes([OUTCOME.value_set(move.left.reason)])
                return move.left

    async def decide(self, enrollment: EnrollmentRef) -> Move:
        """The newest answer. Where the quick way fails the slow one is tried for as long as it takes."""
        try:
            move: Move = await workflow.execute_local_activity(
                "decide",
                enrollment,
                result_type=Move,
                start_to_close_timeout=timedelta(seconds=3),
                schedule_to_close_timeout=timedelta(seconds=6),
                retry_policy=QUICK,
                summary="decide",
            )
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            move = await self.insist("decide", enrollment, Move)
        return move

    async def insist(self, activity: str, enrollment: EnrollmentRef, answer: type[Answer]) -> Answer:
        """Has something done, for as long as it takes."""
        done: Answer = await workflow.execute_activity(
            activity,
            enrollment,
            result_type=answer,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=FOR_EVER,
            summary=f"{activity}, insisting",
        )
        return done

    def start_deliveries(self, messages: list[MessageRef], enrollment: EnrollmentRef) -> None:
        """Starts those that are not out already; nobody waits for them here."""
        for message in messages:
            if message.id not in self.out:
                self.out[message.id] = asyncio.create_task(self.deliver(message, enrollment.attempt_seconds))

    async def deliver(self, message: MessageRef, attempt_seconds: int) -> None:
        """Has one message carried by its channel's workers; a refusal that opens a fallback rings."""
        try:
            delivered = await workflow.execute_activity(
                "deliver",
                message,
                task_queue=channel_queue(workflow.info().task_queue, message.channel),
                result_type=Delivered,
                start_to_close_timeout=timedelta(seconds=attempt_seconds),
                retry_policy=PATIENT,
                priority=Priority(priority_key=message.priority),
                summary=f"{message.channel} {message.step}",
            )
            self.ring(delivered.ring)
        finally:
            del self.out[message.id]

    async def all_delivered(self, move: Move) -> bool:
        """Waits for the deliveries; False when there is something to decide first."""
        await workflow.wait_condition(lambda: not self.out or self.rung > move.seen)
        return self.rung <= move.seen and not move.more

    async def sleep(self, move: Move) -> None:
        """Until the doorbell rings or it is time; a timer that is early sleeps again."""
        try:
            await workflow.wait_condition(
                lambda: self.rung > move.seen, timeout=until(move.wake_at), timeout_summary=move.words
            )
        except TimeoutError:
            return


def until(wake_at: datetime | None) -> timedelta | None:
    """How long to sleep; None: for ever."""
    return None if wake_at is None else max(wake_at - workflow.now(), SHORTEST_TIMER)
