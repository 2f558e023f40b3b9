"""Starts and rings handed to Temporal: at least once each, and harmless when it is more often."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from records.outbox import Bell
from workers.enrollment import JourneyWorkflow
from workers.moves import QUEUE, EnrollmentRef

AT_ONCE = 32
PATIENCE = timedelta(seconds=5)
CUSTOMER, JOURNEY, VERSION, STAGE = (
    SearchAttributeKey.for_keyword(name) for name in ("Customer", "Journey", "Version", "Stage")
)

log = structlog.get_logger(__name__)


def workflow_id(enrollment: str) -> str:
    """The run of an enrollment; opaque, since a journey's key may be an address."""
    return f"enrollment-{enrollment}"


@dataclass(slots=True)
class Handover:
    """Hands bells to Temporal."""

    client: Client
    attempt_seconds: int
    queue: str = QUEUE

    async def hand_over(self, bells: Sequence[tuple[Bell, str]]) -> list[Bell]:
        """Hand over what is to be started or rung, each with its stage; gives those that Temporal has now."""
        gate = asyncio.Semaphore(AT_ONCE)
        refusals = await asyncio.gather(*(self._one(bell, stage, gate) for bell, stage in bells))
        if refused := [code for code in refusals if code is not None]:
            log.warning("Temporal did not take all bells", missed=len(refused), codes=sorted(set(refused)))
        return [bell for (bell, _), code in zip(bells, refusals, strict=True) if code is None]

    async def _one(self, bell: Bell, stage: str, gate: asyncio.Semaphore) -> str | None:
        """None, or by which code Temporal did not take it."""
        async with gate:
            try:
                await (self.start(bell, stage) if bell.seq >= 0 else self.wake(bell))
            except RPCError as error:
                return error.status.name
            return None

    async def wake(self, bell: Bell) -> None:
        """Ring at a run that is there, louder than what it has seen; what is gone is the sweep's. Raises RPCError."""
        run = self.client.get_workflow_handle(workflow_id(bell.enrollment))
        try:
            await run.signal("ring", -bell.seq, rpc_timeout=PATIENCE)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def start(self, bell: Bell, stage: str) -> None:
        """A plain start for the row that made the enrollment; a ring for any other, which starts a run that is owed.

        Raises RPCError.
        """
        label = f"{stage or 'any'} / {bell.journey}"
        await self.client.start_workflow(
            JourneyWorkflow.run,
            EnrollmentRef(bell.enrollment, self.attempt_seconds),
            id=workflow_id(bell.enrollment),
            task_queue=self.queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=None if bell.is_start else "ring",
            start_signal_args=[] if bell.is_start else [max(bell.seq, 1)],
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(CUSTOMER, bell.customer),
                    SearchAttributePair(JOURNEY, bell.journey),
                    SearchAttributePair(VERSION, bell.version),
                    SearchAttributePair(STAGE, stage or "any"),
                ]
            ),
            rpc_timeout=PATIENCE,
            static_summary=label,
            static_details=f"Customer {bell.customer}\n\nEnrollment {bell.enrollment}\n\nVersion {bell.version}",
        )
