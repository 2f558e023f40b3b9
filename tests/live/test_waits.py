"""In the middle of a wait: a killed worker loses no wake-up; what ends a wait is decided by the newest answer alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.facts import Event
from engine.words import EventKind
from records import events
from tests.live.conftest import Found
from tests.live.site import Site
from tests.live.story import Story, a_customer, an_event
from tests.live.verdict import nothing_twice_nothing_lost
from tests.live.worker import WorkerProcess, dying_once_at
from tests.workers.whole import texts
from workers.devserver import DevServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

AWAITING = """
enter: {event: signed_up}
purpose: marketing
topic: tips
steps:
  - email: hello
  - wait_for:
      up_to: 300 days
      first:
        - event: came_back
          then:
            - email: last
      timeout:
        - email: later
"""


def one_who_waits() -> Story:
    """A customer in a wait that nothing but an event will end; it is lived in real time, and so it begins now."""
    now = datetime.now(UTC)
    name, event = an_event("ada", "signed_up", 0)
    signed_up = replace(event, occurred_at=now, received_at=now)
    return Story(texts(awaiting=AWAITING), [a_customer("ada")], [(name, signed_up)], now)


async def into_the_wait(site: Site) -> None:
    """She is in the wait, her message has arrived, and nobody works."""
    await site.until(lambda: [one.state.value for one in site.ledger()] == ["accepted"])
    site.worker.stop()


def alone(site: Site) -> WorkerProcess:
    """Workers without relay or sweep: whatever is missed by the run stays missed."""
    return site.another_worker(relays=False, time_lapse=None)


def comes_back(site: Site, told: str = "came back") -> None:
    """The event for which she waits is stored."""
    at = datetime.now(UTC)
    event = Event(told, EventKind.TRACK, "came_back", at, at)
    site.database.write(lambda connection: events.ingest(connection, [(site.story.customers[0].id, event)]))


@pytest.mark.parametrize("point", ["settle.before_commit", "settle.after_commit", "decide.before_answer"])
async def test_no_wake_up_is_lost_when_the_worker_dies_between_settling_it_and_answering(
    temporal_server: DevServer, found: Found, point: str
) -> None:
    site = found(temporal_server, one_who_waits(), time_lapse=None)
    await into_the_wait(site)
    client = await temporal_server.connect()
    comes_back(site)
    worker, run = alone(site), site.runs(client)[0]
    worker.start(dying_once_at([point], site.options.state))
    await run.signal("ring", 1)
    await site.until(lambda: not worker.runs, failing=None)
    assert (await run.describe()).close_time is None
    worker.start()
    assert (await run.result())["reason"] == "finished"
    assert [one.arrived for one in site.ledger()] == [1, 1]


async def test_a_worker_killed_in_the_middle_of_a_wait_takes_it_up_again(
    temporal_server: DevServer, found: Found
) -> None:
    story = one_who_waits()
    whole = replace(story, until=story.until + timedelta(days=301))
    site = found(temporal_server, whole, time_lapse=timedelta(seconds=0.03))
    await site.until(lambda: len(site.ledger()) == 1)
    site.worker.kill()
    await site.until(site.drained)
    nothing_twice_nothing_lost(site)
    assert len(site.ledger()) == 2
