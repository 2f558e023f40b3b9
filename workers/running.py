"""Everything in one process: the dev server or another by address, workers, relay, sweep and clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

from records.database import START, outwait
from records.ledger import channels
from records.schema import migrate
from workers.attributes import connect, ensure_attributes
from workers.devserver import DevServer
from workers.relay import Relay
from workers.wiring import Options, Parts, parts

ADDRESS = "temporal.address"
"""The file, in the folder of the state, that says where Temporal is; one of a server elsewhere stays."""

STOP = timedelta(seconds=10)
"""How long a worker may take to stop, beyond the attempts that are out."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """A Sojourn that runs: its parts, its client, its relay, and the Web UI's address if there is one."""

    parts: Parts
    client: Client
    relay: Relay
    ui_url: str | None


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[Running]:
    """Runs for as long as the block lasts, and stops cleanly: relay, workers, channels, server, database.

    A start lets channels try again that a provider's denial has paused, and waits a minute for a database that somebody
    else holds; a server of its own that ends is brought back.
    Raises what ended the relay, the sweep or the clock, if one of them ended; AnotherKey where it must not send; Locked
    where the minute was too short.
    """
    options.state.mkdir(parents=True, exist_ok=True)
    await _when_free(partial(migrate, options.database))
    async with AsyncExitStack() as stack:
        made = parts(options)
        stack.push_async_callback(made.close)
        await asyncio.to_thread(made.check_key)
        if made.heart is not None:
            await _when_free(made.heart.wind)
        client, server = await _connect(options, stack)
        await _when_free(partial(made.database.write, channels.resume_denied))
        for worker in made.workers(client):
            await stack.enter_async_context(at_work(worker, options.pace.attempt + STOP))
        relay = made.relay(client)
        loops = [relay.run(), made.sweep(client).run()] if options.relays else []
        if made.heart is not None:
            loops.append(made.heart.run())
        if server is not None:
            loops.append(server.keep())
        await stack.enter_async_context(_beside(loops))
        yield Running(made, client, relay, server.ui_url if server else None)


async def _when_free(work: Callable[[], object]) -> None:
    """A start's first writes."""

    def held() -> None:
        log.warning("somebody else holds the database: waiting", seconds=START.total_seconds())

    await asyncio.to_thread(outwait, work, START, held)


async def _connect(options: Options, stack: AsyncExitStack) -> tuple[Client, DevServer | None]:
    if options.temporal is not None:
        client = await connect(options.temporal, options.namespace)
        await ensure_attributes(client)
        (options.state / ADDRESS).write_text(options.temporal)
        return client, None
    server = DevServer(
        db_file=options.state / "temporal.db", ui_port=options.ui_port, log_file=options.state / "temporal.log"
    )
    await stack.enter_async_context(server)
    stack.callback((options.state / ADDRESS).unlink, missing_ok=True)
    (options.state / ADDRESS).write_text(server.address)
    return await server.connect(), server


@asynccontextmanager
async def at_work(worker: Worker, patience: timedelta) -> AsyncIterator[None]:
    """A worker beside the block, which ends when it fails. One that has not stopped after `patience` is left as it is.

    The SDK would wait for ever: for an activity that cannot be broken off, or for a poll that its core has lost.
    What such a worker held is taken up by the next one, as after a kill.
    """
    async with asyncio.TaskGroup() as group:
        run = group.create_task(worker.run())
        try:
            yield
        finally:
            try:
                async with asyncio.timeout(patience.total_seconds()):
                    await worker.shutdown()
            except TimeoutError:
                log.warning("a worker does not stop, and is left as it is", queue=worker.task_queue)
                run.cancel()


@asynccontextmanager
async def _beside(loops: list[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Runs these beside the block, and ends them with it; when one of them fails it ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
