"""The baseline: the same two messages by a workflow written by hand, with nothing around it."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

ATTEMPT = timedelta(seconds=30)
WAIT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Send:
    """A template for a customer."""

    customer: str
    template: str


@workflow.defn
class BareWorkflow:
    """Sends, sleeps, looks something up, and sends again."""

    @workflow.run
    async def run(self, customer: str) -> None:
        """The whole journey."""
        await self.deliver(Send(customer, "hello"))
        await workflow.sleep(timedelta(seconds=WAIT_SECONDS))
        if await workflow.execute_activity("look_up", customer, start_to_close_timeout=ATTEMPT) == "plus":
            await self.deliver(Send(customer, "later"))

    async def deliver(self, send: Send) -> None:
        """One message."""
        await workflow.execute_activity("deliver", send, start_to_close_timeout=ATTEMPT)
