"""Lived on the real engine or simulated: the same decision log, byte for byte."""

import asyncio
import json
from datetime import timedelta
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from engine.conditions import Value
from engine.customer import Customer
from tests.engine.random_conditions import EVENTS, PLANS
from tests.engine.random_journeys import projects
from tests.live.conftest import Found
from tests.live.story import MONDAY, Story, a_customer, an_event
from tests.live.verdict import decided_as_undisturbed
from tests.workers.whole import texts
from workers.devserver import DevServer

pytestmark = pytest.mark.asyncio(loop_scope="session")
T = TypeVar("T")

MONTH = """
enter: {event: signed_up}
purpose: marketing
topic: tips
goal: {event: purchased, within: 20 days, value: amount}
exit: {event: complained}
holdout: 20%
window: {days: [mon, tue, wed, thu, fri], from: 09:00, to: 18:00, zone: customer}
steps:
  - email: hello
  - wait: 3 days
  - split:
      name: tone
      arms:
        plain: {share: 50%, then: [{email: later}]}
        short: {share: 50%, then: [{sms: later, id: later_in_short}]}
  - wait_for:
      up_to: 1 week
      first:
        - event: came_back
          as: visit
          then:
            - update: {visits: {add: 1}}
      timeout:
        - sms: last
          fallback: {email: last}
  - wait: {until: friday 10:00}
  - choose:
      - if: {event: came_back, at_least: 2, within_last: 14 days}
        then:
          - emit: {event: warmed_up}
      - otherwise:
          - email: last
            id: last_call
  - wait: 2 weeks
  - email: later
    id: goodbye
"""
WARM = """
enter: {event: warmed_up}
purpose: marketing
topic: tips
steps:
  - wait: 1 day
  - email: hello
"""
FACTS = """
attributes: {first_name: text, plan: text, visits: number}
events: {signed_up: {}, purchased: {amount: number}, complained: {}, came_back: {}, warmed_up: {}}
"""


def drawn(from_: SearchStrategy[T], number: int, seeded: int) -> list[T]:
    """Examples of a strategy, the same ones at every run."""
    found: list[T] = []

    @seed(seeded)
    @settings(max_examples=number, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(from_)
    def collect(example: T) -> None:
        found.append(example)

    collect()
    return found


def a_month() -> Story:
    """Twelve customers in a journey of thirty days, and another that it starts."""
    names = [f"customer{number:02}" for number in range(12)]
    happening = st.tuples(
        st.sampled_from(names),
        st.sampled_from(["came_back", "came_back", "came_back", "complained", "purchased"]),
        st.integers(0, 30 * 96).map(lambda quarters: quarters / 96),
    )
    told = drawn(st.lists(happening, min_size=30, max_size=30, unique=True), 2, 7)[-1]
    entries = [an_event(name, "signed_up", number / 4) for number, name in enumerate(names)]
    more = [an_event(who, what, when, **_said_of(what)) for who, what, when in told]
    files = texts(month=MONTH, warm=WARM) | {"journeys/facts.yaml": FACTS}
    return Story(files, [a_customer(name) for name in names], entries + more, MONDAY + timedelta(days=40))


def _said_of(what: str) -> dict[str, Value]:
    return {"amount": 12.5} if what == "purchased" else {}


@st.composite
def stories(draw: DrawFn) -> Story:
    """A random project, three customers, and what happens to them in three weeks, some of it at the same instant."""
    files = draw(projects())
    names = ("ann", "ben", "cleo")
    happening = st.tuples(
        st.sampled_from(names),
        st.sampled_from(EVENTS),
        st.integers(0, 21 * 24).map(lambda hours: hours / 24),
        st.fixed_dictionaries(
            {"amount": st.integers(0, 100), "plan": st.sampled_from(PLANS), "order": st.sampled_from(["1", "2"])}
        ),
    )
    told = draw(st.lists(happening, min_size=20, max_size=40, unique_by=lambda one: one[:3]))
    events = [an_event(who, what, when, **said) for who, what, when, said in told]
    return Story(files, [_allowing(name) for name in names], events, MONDAY + timedelta(days=30))


def ten_rich_ones() -> list[Story]:
    """Of many random stories the ten in which most different things are decided."""
    different = {story.release.digest: story for story in drawn(stories(), 50, 3)}
    return sorted(different.values(), key=_richness)[-10:]


def _richness(story: Story) -> tuple[int, int]:
    log = [json.loads(line) for line in story.simulated()]
    return len({one["decided"] for one in log}), len(log)


def _allowing(name: str) -> Customer:
    one = a_customer(name, plan="free", score=1, ends="2026-03-12")
    one.consents.update({(channel, topic): True for channel in ("email", "sms") for topic in ("news", "offers")})
    return one


async def lived(site_of: Found, server: DevServer, story: Story, day: float) -> None:
    """Lives a story on the real engine, and compares."""
    site = site_of(server, story, time_lapse=timedelta(seconds=day))
    assert story.simulated()
    await site.until(site.drained, 240)
    site.worker.stop()
    decided_as_undisturbed(site)


async def test_a_journey_of_thirty_days(temporal_server: DevServer, found: Found) -> None:
    await lived(found, temporal_server, a_month(), 0.3)


async def test_ten_random_projects_and_orders_of_events(temporal_server: DevServer, found: Found) -> None:
    at_once = asyncio.Semaphore(3)

    async def live(story: Story) -> None:
        async with at_once:
            await lived(found, temporal_server, story, 0.2)

    async with asyncio.TaskGroup() as group:
        for story in ten_rich_ones():
            group.create_task(live(story))
