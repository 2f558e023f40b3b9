"""Her runs in Temporal: ended, and their histories looked through."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from records.privacy.needles import Needle
from records.privacy.traces import Trace
from workers.erasure.report import Runs
from workers.handover import workflow_id

LOOK: Final = timedelta(milliseconds=100)
WHY: Final = "erased"
HISTORY: Final = "history of "


@dataclass(frozen=True, slots=True)
class Read:
    """What was looked through, and what was found."""

    runs: int
    events: int
    traces: tuple[Trace, ...]


async def end(client: Client, rings: Mapping[str, int], patience: timedelta) -> Runs:
    """Have every run end: rung it ends by itself, where a worker runs; past the patience it is terminated."""
    ended = await asyncio.gather(*(_end(client, enrollment, ring, patience) for enrollment, ring in rings.items()))
    return Runs(sum(one is not None for one in ended), sum(one is True for one in ended))


async def search(client: Client, enrollments: Iterable[str], needles: Sequence[Needle]) -> Read:
    """Every history of these enrollments, with what a description says: memo, attributes, summaries, details."""
    runs, events, traces = 0, 0, dict[Trace, None]()
    looked_for = [one for one in needles if not one.faint]
    for enrollment in enrollments:
        async for run_id in _runs(client, workflow_id(enrollment)):
            run = client.get_workflow_handle(workflow_id(enrollment), run_id=run_id)
            runs += 1
            described = (await run.describe()).raw_description
            found = set(_kinds(described, looked_for))
            async for event in run.fetch_history_events():
                events += 1
                found.update(_kinds(event, looked_for))
            traces |= dict.fromkeys(Trace(f"{HISTORY}{run.id}", kind) for kind in sorted(found))
    return Read(runs, events, tuple(traces))


async def _end(client: Client, enrollment: str, ring: int, patience: timedelta) -> bool | None:
    """None: there was none that ran. True: it had to be terminated."""
    run = client.get_workflow_handle(workflow_id(enrollment))
    if not await _goes_on(client, enrollment):
        return None
    try:
        await run.signal("ring", max(ring, 1))
        with suppress(TimeoutError):
            async with asyncio.timeout(patience.total_seconds()):
                await _ended(client, enrollment)
                return False
        await run.terminate(reason=WHY)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False  # it has ended meanwhile
    return True


async def _ended(client: Client, enrollment: str) -> None:
    while True:
        if not await _goes_on(client, enrollment):
            return
        await asyncio.sleep(LOOK.total_seconds())


async def _goes_on(client: Client, enrollment: str) -> bool:
    try:
        described = await client.get_workflow_handle(workflow_id(enrollment)).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return described.status is WorkflowExecutionStatus.RUNNING


async def _runs(client: Client, id_: str) -> AsyncIterator[str]:
    """The runs of a workflow: the newest, and those before it that the server still shows."""
    known = set[str]()
    try:
        known.add((await client.get_workflow_handle(id_).describe()).run_id)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    async for one in client.list_workflows(f"WorkflowId = '{id_}'"):
        known.add(one.run_id)
    for run_id in sorted(known):
        yield run_id


def _kinds(message: Message, needles: Sequence[Needle]) -> Iterator[Any]:
    said = [(words.lower(), own) for words, own in _words(message)]
    for needle in needles:
        if any(needle.stands_in(words) for words, own in said if own or needle.telling):
            yield needle.kind


def _words(message: Message) -> Iterator[tuple[str, bool]]:
    """Every text of a message, however deep, and whether it is ours: Temporal's own ids and names say nothing."""
    if isinstance(message, Payload):
        yield from ((words, True) for words in _told(message.data))
        return
    for field, value in message.ListFields():
        values = value.values() if hasattr(value, "values") else value if field.is_repeated else [value]
        for one in values:
            match one:
                case Message():
                    yield from _words(one)
                case str():
                    yield one, False
                case bytes():
                    yield one.decode("utf-8", "replace"), False
                case _:
                    pass


def _told(data: bytes) -> Iterator[str]:
    """The texts of a payload: those in its JSON, else the bytes as they are."""
    try:
        given = json.loads(data)
    except ValueError:
        yield data.decode("utf-8", "replace")
        return
    yield from _texts(given)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for name, inner in value.items():
                yield name
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case _:
            pass
