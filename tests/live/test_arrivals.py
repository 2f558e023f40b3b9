"""Events as they come in life: twice, out of order, before anybody knows the customer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.facts import Event
from engine.words import EventKind
from records import events, health
from tests.workers.whole import Whole, options_for, publish, texts, until, whole
from workers.devserver import DevServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

GRACEFUL = """
enter: {event: signed_up}
again: always
while_inside: restart
purpose: marketing
topic: tips
grace: 1 hour
steps:
  - email: hello
  - wait_for:
      up_to: 1 day
      first:
        - event: came_back
          where: {turn: 2}
      timeout: []
"""
STRICT = GRACEFUL.replace("grace: 1 hour\n", "").replace("email: hello", "email: last")
FACTS = "attributes: {first_name: text}\nevents: {signed_up: {}, came_back: {turn: number}}\n"


@asynccontextmanager
async def a_whole(folder: Path, server: DevServer) -> AsyncIterator[Whole]:
    """Both journeys, running."""
    options = options_for(folder, server)
    publish(options, texts(graceful=GRACEFUL, strict=STRICT) | {"journeys/facts.yaml": FACTS})
    async with whole(options) as it:
        yield it


async def arrive(it: Whole, customer: str, *told: Event) -> None:
    """These events arrive in one batch."""
    batch = [(customer, one) for one in told]
    await asyncio.to_thread(it.database.write, lambda connection: events.ingest(connection, batch))
    it.running.relay.nudge()


def tracked(it: Whole, name: str, id_: str, ago: float = 0, **said: Any) -> Event:
    """Something that happened so many seconds ago."""
    now = it.running.parts.business.now()
    return Event(id_, EventKind.TRACK, name, now - timedelta(seconds=ago), now, said)


def is_settled(it: Whole) -> bool:
    """Whether everything that has come was settled."""
    now = it.running.parts.business.now()
    return it.database.read(lambda connection: health.unsettled(connection, now)).number == 0


async def test_the_same_event_twice_happens_once(temporal_server: DevServer, tmp_path: Path) -> None:
    async with a_whole(tmp_path, temporal_server) as it:
        await it.know("ada")
        once = tracked(it, "signed_up", "the one")
        await arrive(it, "ada", once, once)
        await until(lambda: it.states() == ["accepted", "accepted"])
        await arrive(it, "ada", once)
        await arrive(it, "ada", tracked(it, "came_back", "the other", turn=2))
        await until(lambda: it.reasons() == ["finished", "finished"])
        assert sorted(it.templates()) == ["hello", "last"]


async def test_events_that_come_in_the_wrong_order_are_taken_as_they_come(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with a_whole(tmp_path, temporal_server) as it:
        await it.know("ada")
        await until(lambda: is_settled(it))
        await arrive(it, "ada", tracked(it, "signed_up", "late in the batch", 2), tracked(it, "signed_up", "first", 5))
        await until(lambda: list(map(str, it.reasons())) == ["restarted", "restarted", "None", "None"])
        await arrive(it, "ada", tracked(it, "came_back", "second turn", 0, turn=2))
        await arrive(it, "ada", tracked(it, "came_back", "first turn", 60, turn=1))
        await until(lambda: sorted(map(str, it.reasons())) == ["finished", "finished", "restarted", "restarted"])


async def test_an_event_before_its_customer_is_kept_where_a_journey_grants_it(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with a_whole(tmp_path, temporal_server) as it:
        await arrive(it, "zoe", tracked(it, "signed_up", "early"))
        await asyncio.sleep(0.5)
        assert it.templates() == []
        await it.know("zoe")
        await until(lambda: "hello" in it.templates())
        assert it.templates().count("hello") == 1
