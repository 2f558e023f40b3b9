"""Enrollments through a two-message journey, against a bare workflow that makes the same sends, round by round."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from temporalio.client import Client

from tests.bench.carrying import Carrier, Round, carrier
from tests.bench.figures import Figure, Sizes
from workers.devserver import DevServer

BARE = "bare workflow: deliver, sleep, look-up activity, deliver"
TOO_BUSY = "24 or more of ours: else waits were over before they began"
WARM_UP = 60
LOOKED_AT = 5


async def measure(sizes: Sizes, folder: Path, server: DevServer) -> list[Figure]:
    """Alternating rounds after a short warm-up, each side in a worker process of its own."""
    number = sizes.enrollments
    async with carrier("engine", folder, server) as ours, carrier("bare", folder, server) as theirs:
        for side in (ours, theirs):
            await side.carry(min(WARM_UP, number))
        rounds = [(await ours.carry(number), await theirs.carry(number)) for _ in range(sizes.rounds)]
        client = await server.connect()
        events = await _events(client, ours), await _events(client, theirs)
    mine, bare = [pair[0] for pair in rounds], [pair[1] for pair in rounds]
    return [
        Figure("two-message enrollments", "/s", _rate(mine), _rate(bare), BARE, "0.9 or more"),
        Figure("  processor of the server", "ms each", _server(mine, number), _server(bare, number), BARE),
        Figure("  processor of the worker", "ms each", _python(mine, number), _python(bare, number), BARE),
        Figure(
            "  processor in all",
            "ms each",
            _server(mine, number) + _python(mine, number),
            _server(bare, number) + _python(bare, number),
            BARE,
        ),
        Figure("  history events", "each", *events, BARE, TOO_BUSY),
    ]


def _rate(rounds: Sequence[Round]) -> float:
    return median(one.rate for one in rounds)


def _server(rounds: Sequence[Round], number: int) -> float:
    return mean(one.server for one in rounds) / number * 1000


def _python(rounds: Sequence[Round], number: int) -> float:
    return mean(one.python for one in rounds) / number * 1000


async def _events(client: Client, side: Carrier) -> float:
    """History events of a run, on the average of some."""
    lengths = []
    async for run in client.list_workflows(f"TaskQueue='{side.queue}' and ExecutionStatus='Completed'"):
        lengths.append(len([event async for event in client.get_workflow_handle(run.id).fetch_history_events()]))
        if len(lengths) == LOOKED_AT:
            break
    return mean(lengths)
