"""Histories of real enrollments, and whether they replay."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.worker import Replayer

from tests.workers.sandboxed import runner
from tests.workers.whole import options_for, publish, texts, until, whole
from workers.devserver import DevServer
from workers.enrollment import JourneyWorkflow

RECORDED = Path(__file__).parent / "recorded"
HEAD = "enter: {event: signed_up}\npurpose: marketing\ntopic: tips\nsteps:\n"
FACTS = """
attributes: {first_name: text, visits: number, note: text}
events: {signed_up: {}, came_back: {}}
"""
TWO_MESSAGES = """
  - email: hello
  - wait: 1 day
  - choose:
      - if: {attribute: first_name, exists: true}
        then:
          - sms: later
"""
ROUND = "  - wait: 2 hours\n  - update: {{visits: {{add: 1}}, note: {name}}}\n"


async def lived(
    server: DevServer, folder: Path, day: float, steps: str, cancelled: bool = False
) -> list[WorkflowHistory]:
    """The histories of an enrollment that lived through these steps, oldest run first; she comes back at once."""
    options = options_for(folder, server, time_lapse=timedelta(seconds=day))
    publish(options, texts(journey=HEAD + steps) | {"journeys/facts.yaml": FACTS})
    async with whole(options) as it:
        await it.know("ada")
        await it.track("ada", "signed_up")
        await until(lambda: len(it.runs()) == 1)
        run = it.runs()[0]
        await until(lambda: "accepted" in it.states() or "email" not in steps)
        if cancelled:
            await run.cancel()
        await it.track("ada", "came_back")
        await run.result()
        return await chain(it.running.client, run.id)


async def chain(client: Client, id_: str) -> list[WorkflowHistory]:
    """The histories of all runs of a workflow that is over, oldest first."""
    found: dict[str, WorkflowExecutionStatus | None] = {"": WorkflowExecutionStatus.RUNNING}
    while WorkflowExecutionStatus.RUNNING in found.values():  # visibility lags behind
        found = {run.run_id: run.status async for run in client.list_workflows(f"WorkflowId = '{id_}'")} or found
    handles = [client.get_workflow_handle(id_, run_id=run_id) for run_id in found]
    return sorted([await handle.fetch_history() for handle in handles], key=_begun)


def _begun(history: WorkflowHistory) -> int:
    return history.events[0].event_time.ToNanoseconds()


def payloads(message: Message) -> Iterator[Payload]:
    """Every payload, however deep."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            yield from (found for one in _within(value) for found in payloads(one))


def _within(value: Any) -> Iterator[Message]:
    """The messages in a field, be it one, a list or a map."""
    if isinstance(value, Message):
        yield value
    else:
        each = value.values() if isinstance(value, Mapping) else value
        yield from (one for one in each if isinstance(one, Message))


async def replayed(*histories: WorkflowHistory) -> None:
    """Replays them. Raises what the SDK says of one that the workflow cannot have made."""
    replayer = Replayer(workflows=[JourneyWorkflow], workflow_runner=runner())
    for history in histories:
        await replayer.replay_workflow(history)


def recorded() -> dict[str, str]:
    """The histories that were recorded once, by name."""
    return {file.stem: file.read_text() for file in sorted(RECORDED.glob("*.json"))}


def written(history: WorkflowHistory) -> str:
    """A history as it is kept: without the names of the machines on which it was made."""
    return json.dumps(_nameless(json.loads(history.to_json())), indent=1) + "\n"


def _nameless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: "worker" if key == "identity" else _nameless(one) for key, one in value.items()}
    return [_nameless(one) for one in value] if isinstance(value, list) else value
