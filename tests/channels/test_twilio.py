"""Twilio's adapter: what it asks for, and what it believes."""

import logging
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from channels.outbound.twilio import Account, Twilio, build
from channels.outcomes import Accepted, Ambiguous, NotAccepted, Rejected, RejectedKind
from channels.protocol import DeliveryEvent, Forgotten, Held, Unavailable
from tests.channels.answering import Answering, Heard, Provider, Reply, always, yes
from tests.channels.builders import ACCOUNT_SID, AUTH_TOKEN, PUBLIC_URL, SOON, an_sms, asked, twilio_at

pytestmark = pytest.mark.asyncio
KEY_SID = "SK" + "2" * 32
SERVICE = "MG" + "1" * 32
PROBLEM = b'{"type": "https://x", "title": "no", "status": 400, "code": 21610, "detail": "+4915112345678"}'


@asynccontextmanager
async def a_stand(answering: Answering = yes, **said: Any) -> AsyncIterator[tuple[Provider, Twilio]]:
    async with Provider(answering) as provider:
        adapter = twilio_at(provider.url, **said)
        yield provider, adapter
        await adapter.close()


async def test_a_text_message_goes_out_as_the_api_wants_it() -> None:
    async with a_stand() as (provider, adapter):
        assert await adapter.submit(an_sms(), SOON) == Accepted("SMid0")
        [heard] = provider.heard
        assert (heard.method, heard.target) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json")
        kind, _, credentials = heard.headers["authorization"].partition(" ")
        assert (kind, b64decode(credentials).decode()) == ("Basic", f"{ACCOUNT_SID}:{AUTH_TOKEN}")
        assert heard.form == {
            "To": "+4915112345678",
            "From": "+15005550006",
            "Body": "Good morning, Ada.",
            "ValidityPeriod": "14400",
            "StatusCallback": f"{PUBLIC_URL}/webhooks/twilio/status?sojourn_id=m1.1",
        }


async def test_a_messaging_service_takes_the_place_of_the_number() -> None:
    async with a_stand(messaging_service_sid=SERVICE) as (provider, adapter):
        await adapter.submit(an_sms(), SOON)
        assert provider.heard[0].form["MessagingServiceSid"] == SERVICE
        assert "From" not in provider.heard[0].form


async def test_a_message_is_valid_no_longer_than_it_is_good_for_nor_than_the_setting() -> None:
    async with a_stand(validity_minutes=10) as (provider, adapter):
        for good_for in (timedelta(minutes=5), timedelta(hours=5), timedelta(0)):
            await adapter.submit(an_sms(good_for=good_for), SOON)
        assert [heard.form["ValidityPeriod"] for heard in provider.heard] == ["300", "600", "60"]


async def test_without_a_public_url_no_callback_is_asked_for_and_no_event_promised() -> None:
    async with a_stand(public_url=None) as (provider, adapter):
        await adapter.submit(an_sms(), SOON)
        assert "StatusCallback" not in provider.heard[0].form
        assert adapter.capabilities.events == frozenset()
    assert DeliveryEvent.DELIVERED in twilio_at("http://127.0.0.1:1").capabilities.events


async def test_an_api_keys_secret_goes_with_the_key() -> None:
    async with a_stand(api_key_sid=KEY_SID, api_key_secret="of the key") as (provider, adapter):
        await adapter.submit(an_sms(), SOON)
        credentials = provider.heard[0].headers["authorization"].partition(" ")[2]
        assert b64decode(credentials).decode() == f"{KEY_SID}:of the key"
        assert f"/Accounts/{ACCOUNT_SID}/" in provider.heard[0].target


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(201, {}, b'{"sid": "SM1", "date_sent": 7}'), Accepted("SM1")),
        (
            Reply(400, {}, b'{"code": 21610, "message": "+4915112345678"}'),
            Rejected(RejectedKind.OPTED_OUT, "400 21610"),
        ),
        (Reply(400, {}, PROBLEM), Rejected(RejectedKind.OPTED_OUT, "400 21610")),
        (Reply(400, {}, b"[1]"), Rejected(RejectedKind.POLICY, "400")),
    ],
)
async def test_an_answer_becomes_its_outcome(reply: Reply, outcome: object) -> None:
    """Both shapes of Twilio's errors: the second is an exception of its own in the SDK."""
    async with a_stand(lambda provider, heard: reply) as (_, adapter):
        assert await adapter.submit(an_sms(), SOON) == outcome


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b"[" * 100_000, b'{"sid": {}}', b'{"sid": ""}', b"\xff"])
async def test_a_yes_that_cannot_be_read_is_in_doubt(body: bytes) -> None:
    async with a_stand(always(201, {}, body)) as (_, adapter):
        assert isinstance(await adapter.submit(an_sms(), SOON), Ambiguous)


@pytest.mark.parametrize("status", [0, 200, 204, 301, 302, 307, 408, 500, 502, 503])
async def test_what_says_nothing_is_in_doubt_after_one_try(status: int) -> None:
    async with a_stand(always(status, {"Location": "/again"}, b'{"sid": "SM1"}')) as (provider, adapter):
        assert isinstance(await adapter.submit(an_sms(), SOON), Ambiguous)
        assert len(provider.heard) == 1


async def test_too_many_is_not_now_and_not_tried_again() -> None:
    async with a_stand(always(429, {}, b'{"code": 20429}')) as (provider, adapter):
        assert isinstance(await adapter.submit(an_sms(), SOON), NotAccepted)
        assert len(provider.heard) == 1


async def test_silence_ends_at_the_deadline() -> None:
    async with a_stand(always(201, first_after=30)) as (_, adapter):
        assert isinstance(await adapter.submit(an_sms(), timedelta(seconds=0.3)), Ambiguous)


async def test_twilio_cannot_be_asked() -> None:
    async with a_stand() as (provider, adapter):
        await adapter.submit(an_sms(), SOON)
        assert await adapter.look_up(asked("m1.1", "+4915112345678")) == Unavailable()
        assert len(provider.heard) == 1


async def test_no_secret_and_no_number_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "twilio", "twilio.http_client", "urllib3", "urllib3.connectionpool", "requests"):
        caplog.set_level(logging.DEBUG, name)
    for answering in (yes, always(400, {}, PROBLEM), always(0)):
        async with a_stand(answering) as (_, adapter):
            await adapter.submit(an_sms(), SOON)
    assert not any(word in caplog.text for word in (AUTH_TOKEN, "4915112345678", "Good morning", ACCOUNT_SID))
    assert AUTH_TOKEN not in repr(Account(ACCOUNT_SID, AUTH_TOKEN))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"account_sid": ACCOUNT_SID},
        {"auth_token": AUTH_TOKEN},
        {"account_sid": "AC1/../../evil", "auth_token": AUTH_TOKEN},
        {"account_sid": ACCOUNT_SID, "auth_token": ""},
        {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "api_key_sid": KEY_SID},
        {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "api_key_secret": "of no key"},
        {"account_sid": ACCOUNT_SID, "auth_token": "same", "api_key_sid": KEY_SID, "api_key_secret": "same"},
        {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "validity_minutes": 601},
        {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "public_url": "acme.example"},
    ],
)
async def test_settings_that_cannot_work_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        build(said)


async def test_messages_are_deleted_by_their_sids_and_what_is_left_is_told() -> None:
    gone, left = "SM" + "1" * 32, "SM" + "2" * 32

    def answering(_: Provider, heard: Heard) -> Reply:
        return Reply(204 if gone in heard.target else 409)

    async with a_stand(answering) as (provider, adapter):
        held = Held(("+4915112345678",), (gone, left, "../../Calls/1"))
        assert await adapter.forget(held) == Forgotten(1, ((left, "409"),))
        assert {one.method for one in provider.heard} == {"DELETE"}
        paths = sorted(one.target for one in provider.heard)
        assert paths == [f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{sid}.json" for sid in (gone, left)]
