"""What real histories hold: their budgets, and that they replay; one that was tampered with does not."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from tests.live.replaying.histories import ROUND, TWO_MESSAGES, lived, payloads, recorded, replayed
from workers.devserver import DevServer
from workers.enrollment import HOPS_A_RUN

pytestmark = pytest.mark.asyncio(loop_scope="session")

FURTHER = "  - wait: 1 day\n  - email: {template}\n    id: {name}\n"
EVENTS = 26
EVENTS_A_HOP = 12
PAYLOAD_BYTES = 500


async def test_two_messages_and_a_wait_stay_within_their_budget(temporal_server: DevServer, tmp_path: Path) -> None:
    more = "".join(FURTHER.format(template="last", name=f"more{number}") for number in range(3))
    (short,) = await lived(temporal_server, tmp_path / "short", 2, TWO_MESSAGES)
    (long,) = await lived(temporal_server, tmp_path / "long", 2, TWO_MESSAGES + more)
    assert len(short.events) <= EVENTS
    assert len(long.events) - len(short.events) <= 3 * EVENTS_A_HOP
    assert max(len(one.data) for event in long.events for one in payloads(event)) <= PAYLOAD_BYTES
    await replayed(short, long)


async def test_an_enrollment_of_two_hundred_steps_stays_flat(temporal_server: DevServer, tmp_path: Path) -> None:
    runs = await lived(temporal_server, tmp_path, 2, "".join(ROUND.format(name=f"n{number}") for number in range(100)))
    assert len(runs) >= 4
    assert max(len(run.events) for run in runs) <= EVENTS_A_HOP * HOPS_A_RUN
    await replayed(*runs)


@pytest.mark.parametrize("name", recorded())
async def test_a_recorded_history_replays(name: str) -> None:
    await replayed(WorkflowHistory.from_json(name, recorded()[name]))


@pytest.mark.parametrize("name", recorded())
async def test_a_history_that_was_tampered_with_does_not_replay(name: str) -> None:
    history = json.loads(recorded()[name])
    marker = next(one for one in history["events"] if "markerRecordedEventAttributes" in one)
    history["events"].remove(marker)
    for number, one in enumerate(history["events"], 1):
        one["eventId"] = str(number)
    with pytest.raises(Exception, match=r"TMPRL1100|[Nn]ondetermin"):
        await replayed(WorkflowHistory.from_json(name, history))
