"""Nothing personal crosses into Temporal: an error leaves an activity as a code, never with its words."""

import asyncio
from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from workers.settlement import code_of


class CodesOnly(Interceptor):
    """An interceptor for every worker of ours."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Stands between the SDK and the activity."""
        return _CodesOnly(super().intercept_activity(next))


class _CodesOnly(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        try:
            return await super().execute_activity(input)
        except (ApplicationError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001  the edge of this process
            raise ApplicationError(code_of(error), type=type(error).__name__) from None
