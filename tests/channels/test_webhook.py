"""An author's own URL as a channel: signed, and never led inside."""

import hashlib
import hmac
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from channels.outbound.webhook import Webhook, build_email, build_sms
from channels.outcomes import Accepted, Ambiguous, NotAccepted, NotAcceptedKind, Rejected, RejectedKind
from channels.protocol import Channel, EmailContent, SmsContent
from tests.channels.answering import Answering, Provider, Reply, always, yes
from tests.channels.builders import SECRET, SOON, an_email, an_sms, webhook_at

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def a_stand(
    answering: Answering = yes, channel: Channel = Channel.EMAIL
) -> AsyncIterator[tuple[Provider, Webhook]]:
    async with Provider(answering) as provider:
        adapter = webhook_at(provider.url, channel)
        yield provider, adapter
        await adapter.close()


async def test_an_email_is_posted_as_json() -> None:
    async with a_stand() as (provider, adapter):
        assert await adapter.submit(an_email(headers={"List-Id": "<news>"}), SOON) == Accepted("id0")
        assert provider.heard[0].json == {
            "id": "m1.1",
            "channel": "email",
            "sent_at": "2026-03-03T12:00:00+00:00",
            "from_address": "hello@acme.example",
            "from_name": "Acme",
            "to": "ada@example.org",
            "subject": "Welcome",
            "text": "Good morning, Ada.\n",
            "html": "<p>Good morning, Ada.</p>",
            "template": "welcome",
            "headers": {"List-Id": "<news>"},
        }


async def test_a_text_message_is_posted_as_json() -> None:
    async with a_stand(channel=Channel.SMS) as (provider, adapter):
        assert adapter.capabilities.channel is Channel.SMS
        assert isinstance(await adapter.submit(an_sms(), SOON), Accepted)
        assert provider.heard[0].json == {
            "id": "m1.1",
            "channel": "sms",
            "sent_at": "2026-03-03T12:00:00+00:00",
            "sender": "+15005550006",
            "to": "+4915112345678",
            "body": "Good morning, Ada.",
            "template": "welcome",
        }


async def test_the_receiver_can_tell_that_it_is_ours_and_when_it_was_said() -> None:
    async with a_stand() as (provider, adapter):
        await adapter.submit(an_email(), SOON)
        [heard] = provider.heard
        timestamp = heard.headers["sojourn-timestamp"]
        mac = hmac.new(SECRET.encode(), timestamp.encode() + b"." + heard.body, hashlib.sha256).hexdigest()
        assert heard.headers["sojourn-signature"] == f"v1={mac}"
        assert 0 <= time.time() - int(timestamp) < 600
        assert heard.headers["sojourn-message"] == "m1.1"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(201, {}, b'{"id": "7"}'), Accepted("7")),
        (Reply(422, {}, b'{"code": "opted_out"}'), Rejected(RejectedKind.OPTED_OUT, "422 opted_out")),
        (Reply(422, {}, b'{"code": "no such thing"}'), Rejected(RejectedKind.POLICY, "422")),
        (Reply(401), NotAccepted(NotAcceptedKind.DENIED, "401")),
    ],
)
async def test_an_answer_becomes_its_outcome(reply: Reply, outcome: object) -> None:
    async with a_stand(lambda provider, heard: reply) as (_, adapter):
        assert await adapter.submit(an_email(), SOON) == outcome


@pytest.mark.parametrize("reply", [Reply(200), Reply(204), Reply(302, {"Location": "/"}), Reply(500), Reply(0)])
async def test_anything_else_is_in_doubt_after_one_try(reply: Reply) -> None:
    async with a_stand(lambda provider, heard: reply) as (provider, adapter):
        assert isinstance(await adapter.submit(an_email(), SOON), Ambiguous)
        assert len(provider.heard) == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]"]
)
@pytest.mark.parametrize("content", [an_email(), an_sms()])
async def test_a_url_inside_is_refused_and_the_channel_pauses(host: str, content: EmailContent | SmsContent) -> None:
    adapter = build_email({"url": f"https://{host}/messages", "secret": SECRET})
    outcome = await adapter.submit(content, SOON)
    assert outcome == NotAccepted(NotAcceptedKind.DENIED, "connect:forbidden")
    await adapter.close()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"url": "http://acme.example/"}, "found http"),
        ({"url": "https://ada:pass@acme.example/"}, "found credentials"),
        ({"url": "file:///etc/passwd", "private": True}, "expected one such as"),
        ({"url": "https:///messages"}, "expected one such as"),
        ({"url": "https://acme.example/", "secret": "short"}, "16 characters at least"),
        ({"url": "https://acme.example/", "secret": " " * 16}, "required"),
        ({"url": "https://acme.example/", "secret": f"{'x' * 15} "}, "16 characters at least"),
        ({"secret": SECRET}, "url"),
    ],
)
async def test_settings_that_cannot_work_are_refused(said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        build_sms({"secret": SECRET, **said} if "secret" not in said else said)


async def test_no_secret_and_no_letter_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "urllib3", "urllib3.connectionpool", "requests"):
        caplog.set_level(logging.DEBUG, name)
    for answering in (yes, always(500), always(0)):
        async with a_stand(answering) as (_, adapter):
            await adapter.submit(an_email(), SOON)
    assert not any(word in caplog.text for word in (SECRET, "ada@example.org", "Good morning", "v1="))
