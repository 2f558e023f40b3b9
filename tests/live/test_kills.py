"""kill -9 of the worker at every point that matters: all drains, nothing twice, nothing lost, nothing undeclared."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from channels.mailbox.sink import LOOPBACK, Sink
from channels.mailbox.store import Mailbox
from engine.words import Channel
from tests.live.conftest import Found
from tests.live.site import Site
from tests.live.story import a_fortnight
from tests.live.verdict import decided_as_undisturbed, nothing_twice_nothing_lost
from tests.live.worker import dying_once_at
from tests.workers.whole import QUICK
from workers.devserver import DevServer
from workers.wiring import Carrier

pytestmark = pytest.mark.asyncio(loop_scope="session")

POINTS = (
    "settle.before_commit", "settle.after_commit", "decide.before_answer", "handover.after_start",
    "claim.before_commit", "claim.after_commit",
    "submit.before_write", "submit.after_write", "submit.after_response",
    "record.before_commit", "record.after_commit",
)  # fmt: skip
SWEEPS = ("submit.before_write", "sweep.before_commit", "sweep.after_commit")
UNSURE = ("claim.after_commit", "submit.after_write", "record.before_commit")


@pytest_asyncio.fixture(loop_scope="session")
async def outside(tmp_path: Path) -> AsyncIterator[tuple[Mailbox, int]]:
    """A provider that nobody can ask: a mail server that survives the process, where it listens, and what it took."""
    mailbox = Mailbox(tmp_path / "outside.db")
    async with Sink(mailbox) as sink:
        yield mailbox, sink.port
    mailbox.close()


def by_smtp(server: DevServer, found: Found, outside: tuple[Mailbox, int]) -> Site:
    """The story with e-mail through that mail server; a doubt is given up soon."""
    mailbox, port = outside
    by = {Channel.EMAIL: Carrier("smtp", {"host": LOOPBACK, "port": port, "security": "none"})}
    pace = replace(QUICK, give_up=timedelta(seconds=4))
    return found(server, a_fortnight(), mailbox, carriers=by, live=True, pace=pace)


async def drain(site: Site, points: tuple[str, ...]) -> None:
    """Lives the story, dying once at each of the points, and holds what came of it against what had to."""
    await site.until(site.drained, 500, dying_once_at(points, site.options.state))
    site.worker.stop()
    assert site.worker.deaths == len(points)
    nothing_twice_nothing_lost(site)
    decided_as_undisturbed(site)


async def test_killed_once_at_every_point(temporal_server: DevServer, found: Found) -> None:
    await drain(found(temporal_server, a_fortnight()), POINTS)


async def test_killed_where_a_provider_cannot_be_asked(
    temporal_server: DevServer, found: Found, outside: tuple[Mailbox, int]
) -> None:
    await drain(by_smtp(temporal_server, found, outside), UNSURE)


async def test_killed_while_it_clears_up_after_a_kill(temporal_server: DevServer, found: Found) -> None:
    await drain(found(temporal_server, a_fortnight()), SWEEPS)


@pytest.mark.trial
@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_a_point(temporal_server: DevServer, found: Found, point: str) -> None:
    await drain(found(temporal_server, a_fortnight()), (point,))


@pytest.mark.trial
@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_a_point_where_a_provider_cannot_be_asked(
    temporal_server: DevServer, found: Found, outside: tuple[Mailbox, int], point: str
) -> None:
    await drain(by_smtp(temporal_server, found, outside), (point,))
