"""Temporal for a command that is not the engine: the server that runs, or the folder's own, woken for a moment."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from temporalio.client import Client

from sojourn.engineroom import LOCK, alone
from sojourn.errors import Mistake
from sojourn.opened import Opened
from sojourn.settings import STATE
from workers.attributes import connect
from workers.devserver import DevServer
from workers.devserver.server import DevServerFailed
from workers.running import ADDRESS

OWN: Final = "temporal.db"
PATIENCE: Final = timedelta(seconds=20)
"""What a run gets to end by itself where a worker may be there."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A client, None where this folder has never used Temporal; and how long its runs get, none without workers."""

    client: Client | None
    patience: timedelta


@asynccontextmanager
async def reached(here: Opened, address: str | None) -> AsyncIterator[Reached]:
    """The server of this folder while the block lasts. Raises Mistake where there must be one, and it does not answer.

    Where the engine does not run, its dev server is started on its file, and stopped again.
    """
    state = here.root / STATE
    named = address or here.settings.temporal
    if named is not None:
        yield Reached(await _client(named, here.settings.namespace), PATIENCE)
        return
    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(alone(state / LOCK))
        except Mistake:  # the engine runs
            if not (state / ADDRESS).is_file():
                raise Mistake("another command has this folder's Temporal just now; try again in a moment") from None
            yield Reached(await _client((state / ADDRESS).read_text(), "default"), PATIENCE)
            return
        yield await _asleep(here, state, stack)


async def _asleep(here: Opened, state: Path, stack: AsyncExitStack) -> Reached:
    """Nobody runs here: the server elsewhere that was used last, or the file of our own."""
    if (state / ADDRESS).is_file():
        try:
            return Reached(await connect((state / ADDRESS).read_text(), here.settings.namespace), PATIENCE)
        except RuntimeError:
            if not (state / OWN).is_file():
                raise Mistake("Temporal does not answer where this folder used it last; start it, or name it by "
                              "--address") from None  # fmt: skip
    if not (state / OWN).is_file():
        return Reached(None, timedelta())
    server = DevServer(db_file=state / OWN, log_file=state / "temporal.log")
    try:
        await stack.enter_async_context(server)
    except (DevServerFailed, RuntimeError) as fault:
        raise Mistake(f"the Temporal dev server cannot run: {fault}") from None
    return Reached(await server.connect(), timedelta())


async def _client(address: str, namespace: str) -> Client:
    try:
        return await connect(address, namespace)
    except RuntimeError:
        raise Mistake(f"{address}: no Temporal server answers; nothing can be proved without it") from None
