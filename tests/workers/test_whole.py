"""The thinnest whole: an event in, an e-mail out, a wait, and out again, on a real Temporal server."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from records.tables import message
from tests.workers.whole import options_for, publish, texts, until, whole
from workers.devserver import DevServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

GREET = """
enter: {event: signed_up}
purpose: marketing
topic: tips
steps:
  - email: hello
  - sms: hello
    id: text
"""
WELCOME = """
enter: {event: signed_up}
purpose: marketing
topic: tips
goal: {event: purchased}
exit: {event: complained}
steps:
  - email: hello
  - wait: 3 days
  - choose:
      - if: {attribute: plan, is: pro}
        then:
          - email: later
      - otherwise:
          - sms: last
  - wait_for:
      up_to: 5 days
      timeout: []
      first:
        - event: came_back
          then:
            - email: last
              id: goodbye
"""


async def test_an_event_lets_in_and_messages_arrive_and_the_enrollment_is_left(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    options = options_for(tmp_path, temporal_server)
    publish(options, texts(greet=GREET))
    async with whole(options) as it:
        await it.know("ada")
        await it.track("ada", "signed_up")
        await until(lambda: sorted(it.templates()) == ["hello", "hello"])
        await until(lambda: it.states() == ["accepted", "accepted"])
        assert it.reasons() == ["finished"]
        assert (await it.runs()[0].result())["reason"] == "finished"


async def test_days_pass_in_seconds_in_time_lapse(temporal_server: DevServer, tmp_path: Path) -> None:
    options = options_for(tmp_path, temporal_server, time_lapse=timedelta(seconds=0.5))
    publish(options, texts(welcome=WELCOME))
    async with whole(options) as it:
        await it.know("ada", plan="pro")
        await it.know("bob", plan="free")
        for name in ("ada", "bob"):
            await it.track(name, "signed_up")
        await until(lambda: it.reasons() == ["finished", "finished"])
        await until(lambda: set(it.states()) == {"accepted"})
        assert sorted(it.templates()) == ["hello", "hello", "last", "later"]


async def test_an_event_ends_a_wait_at_once(temporal_server: DevServer, tmp_path: Path) -> None:
    options = options_for(tmp_path, temporal_server)
    publish(options, texts(welcome=WELCOME))
    async with whole(options) as it:
        await it.know("ada", "bob")
        for name in ("ada", "bob"):
            await it.track(name, "signed_up")
        await until(lambda: it.states() == ["accepted", "accepted"])
        await it.track("ada", "purchased")
        await it.track("bob", "complained")
        results = [(await run.result())["reason"] for run in it.runs()]
        assert sorted(results) == ["exit", "goal"]


async def test_a_message_that_lacks_a_value_is_withheld_and_the_ledger_names_it(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    options = options_for(tmp_path, temporal_server)
    publish(options, texts(welcome=WELCOME))
    async with whole(options) as it:
        await it.know("ada", first_name="")
        await it.track("ada", "signed_up")
        await until(lambda: it.states() == ["withheld"])
        why = it.database.read(lambda connection: connection.execute(select(message.c.reason)).scalar_one())
        assert why == "missing_variable customer.first_name"
        assert it.arrivals() == ()


async def test_what_comes_in_before_the_first_publish_waits_for_it(temporal_server: DevServer, tmp_path: Path) -> None:
    options = options_for(tmp_path, temporal_server)
    async with whole(options) as it:
        await it.know("ada")
        await it.track("ada", "signed_up")
        await asyncio.to_thread(publish, options, texts(greet=GREET))
        await until(lambda: it.reasons() == ["finished"])
