"""The thinnest whole: an event in, an e-mail out, a wait, and out again, on a real Temporal server."""

from pathlib import Path

import pytest

from tests.workers.whole import options_for, publish, texts, until, whole
from workers.devserver import DevServer

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = """
enter: {event: signed_up}
purpose: marketing
topic: tips
steps:
  - email: hello
  - wait: 1 minute
  - email: later
"""
GREET = """
enter: {event: signed_up}
purpose: marketing
topic: tips
steps:
  - email: hello
  - sms: hello
    id: text
"""


async def test_an_event_lets_in_and_a_message_arrives_and_the_enrollment_is_left(
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
