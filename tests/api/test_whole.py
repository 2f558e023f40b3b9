"""The API beside the engine on a real Temporal server: an opt-out ends a running journey in the middle of a wait."""

import asyncio
from pathlib import Path

import httpx
import pytest

from api.app import build_app
from api.served import Doors, served
from tests.workers.whole import Whole, options_for, publish, texts, until, whole
from workers.devserver import DevServer
from workers.links import Way

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENT = """
enter: {event: signed_up}
purpose: marketing
topic: tips
steps: [{email: hello}, {wait: 30 days}, {email: later}]
"""


def browser(it: Whole) -> httpx.AsyncClient:
    """Somebody who reads the mail of this Sojourn."""
    parts, loop = it.running.parts, asyncio.get_running_loop()

    def nudge() -> None:
        loop.call_soon_threadsafe(it.running.relay.nudge)

    app = build_app(served(parts.database, parts.business, parts.settlement.real, parts.links, Doors(), nudge))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app))


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("u", {"List-Unsubscribe": "One-Click"}),
        ("p", {"save": "nothing"}),
        ("p", {"save": "choices", "asked": ["email/tips"]}),
    ],
    ids=["one_click", "everything", "one_topic"],
)
async def test_an_opt_out_ends_every_running_journey_at_once(
    temporal_server: DevServer, tmp_path: Path, page: str, form: dict[str, object]
) -> None:
    options = options_for(tmp_path, temporal_server)
    publish(options, texts(patient=PATIENT, another=PATIENT))
    async with whole(options) as it, browser(it) as client:
        await it.know("ada", "bo")
        await it.track("ada", "signed_up")
        await it.track("bo", "signed_up")
        await until(lambda: it.states() == ["accepted"] * 4)
        mail = it.mailbox.open(it.arrivals("ada@customers.example")[0].id)
        assert mail is not None
        link = next(word for word in mail.text.split() if "/u/" in word)
        token = link if page == "u" else it.running.parts.links.preferences(message_of(it, link))
        assert (await client.post(token, data=form)).status_code in (200, 303)
        await until(lambda: it.reasons().count("no_permission") == 2)
        ended = [run for run, reason in zip(it.runs(), it.reasons(), strict=True) if reason]
        assert [(await run.result())["reason"] for run in ended] == ["no_permission"] * 2
        assert it.templates() == ["hello"] * 4


def message_of(it: Whole, link: str) -> str:
    """The message that an unsubscribe link names."""
    message = it.running.parts.links.read(Way.UNSUBSCRIBE, link.rpartition("/")[2])
    assert message is not None
    return message
