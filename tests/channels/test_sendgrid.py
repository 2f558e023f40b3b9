"""SendGrid's adapter: what it asks for, and what it believes."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.mime import UnsafeHeader
from channels.outbound.sendgrid import Account, SendGrid, payload_of
from channels.outcomes import Accepted, Ambiguous, NotAccepted, NotAcceptedKind, Rejected, RejectedKind
from channels.protocol import Absent, Forgotten, Found, Held, Unavailable, one_click
from tests.channels.answering import Answering, Heard, Provider, Reply, always, yes
from tests.channels.builders import API_KEY, SOON, an_email, asked, sendgrid_at

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def a_stand(answering: Answering = yes) -> AsyncIterator[tuple[Provider, SendGrid]]:
    async with Provider(answering) as provider:
        adapter = sendgrid_at(provider.url)
        yield provider, adapter
        await adapter.close()


async def test_a_letter_goes_out_as_the_api_wants_it() -> None:
    async with a_stand() as (provider, adapter):
        letter = an_email(from_name="Acme, Inc.; Gardens", headers=one_click("https://acme.example/u/1"))
        assert await adapter.submit(letter, SOON) == Accepted("id0")
        [heard] = provider.heard
        assert (heard.method, heard.target) == ("POST", "/v3/mail/send")
        assert heard.headers["authorization"] == f"Bearer {API_KEY}"
        assert heard.headers["content-type"] == "application/json"
        assert heard.json == {
            "personalizations": [{"to": [{"email": "ada@example.org"}], "custom_args": {"sojourn_id": "m1.1"}}],
            "from": {"email": "hello@acme.example", "name": "Acme Inc. Gardens"},
            "subject": "Welcome",
            "content": [
                {"type": "text/plain", "value": "Good morning, Ada.\n"},
                {"type": "text/html", "value": "<p>Good morning, Ada.</p>"},
            ],
            "headers": {
                "List-Unsubscribe": "<https://acme.example/u/1>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
                "subscription_tracking": {"enable": False},
                "ganalytics": {"enable": False},
            },
        }


async def test_tracking_is_said_in_every_letter_whatever_the_account_has_set() -> None:
    for clicks, opens in ((True, False), (False, True)):
        tracking = payload_of(an_email(), clicks=clicks, opens=opens)["tracking_settings"]
        assert tracking["click_tracking"]["enable"] is clicks
        assert tracking["open_tracking"]["enable"] is opens
        assert tracking["subscription_tracking"]["enable"] is False


async def test_what_is_empty_is_left_away() -> None:
    payload = payload_of(an_email(from_name=" ; ", html=""))
    assert payload["from"] == {"email": "hello@acme.example"}
    assert [part["type"] for part in payload["content"]] == ["text/plain"]
    assert "headers" not in payload


async def test_the_correlation_stands_with_the_customer_and_nothing_personal_beside_it() -> None:
    payload = payload_of(an_email())
    assert payload["personalizations"][0]["custom_args"] == {"sojourn_id": "m1.1"}
    assert "custom_args" not in payload
    assert "categories" not in payload
    assert "send_at" not in payload


async def test_headers_of_one_letter_are_not_in_the_next() -> None:
    async with a_stand() as (provider, adapter):
        await adapter.submit(an_email(headers={"X-Once": "1"}), SOON)
        await adapter.submit(an_email(), SOON)
        assert "headers" not in provider.heard[1].json
        same = [{name for name in heard.headers if name != "content-length"} for heard in provider.heard]
        assert same[0] == same[1]


async def test_lines_are_kept_between_letters() -> None:
    async with a_stand() as (provider, adapter):
        for number in range(5):
            await adapter.submit(an_email(f"m{number}.1"), SOON)
        assert provider.lines == 1


async def test_a_redirect_is_no_success_and_the_letter_does_not_go_there() -> None:
    async with a_stand(always(302, {"Location": "/v3/mail/send", "X-Message-Id": "abc"})) as (provider, adapter):
        assert isinstance(await adapter.submit(an_email(), SOON), Ambiguous)
        assert [heard.method for heard in provider.heard] == ["POST"]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(200, {"X-Message-Id": "sandbox"}), Ambiguous),
        (Reply(202), Ambiguous),
        (Reply(202, {"X-Message-Id": "abc"}), Accepted),
        (Reply(400, {}, b'{"errors": [{"message": "no"}]}'), Rejected),
        (Reply(401), NotAccepted),
        (Reply(429, {"Retry-After": "3"}), NotAccepted),
        (Reply(500), Ambiguous),
        (Reply(0), Ambiguous),
    ],
)
async def test_an_answer_becomes_its_outcome_after_one_try(reply: Reply, outcome: type) -> None:
    async with a_stand(lambda provider, heard: reply) as (provider, adapter):
        assert isinstance(await adapter.submit(an_email(), SOON), outcome)
        assert len(provider.heard) == 1


async def test_silence_ends_at_the_deadline() -> None:
    """The SDK has no timeout of its own."""
    async with a_stand(always(202, first_after=30)) as (_, adapter):
        assert isinstance(await adapter.submit(an_email(), timedelta(seconds=0.3)), Ambiguous)


async def test_a_refused_key_pauses_the_channel_and_says_how_long_is_asked_for() -> None:
    async with a_stand(always(401)) as (_, adapter):
        assert await adapter.submit(an_email(), SOON) == NotAccepted(NotAcceptedKind.DENIED, "401")
    async with a_stand(always(429, {"Retry-After": "3"})) as (_, adapter):
        throttled = NotAccepted(NotAcceptedKind.THROTTLED, "429", timedelta(seconds=3))
        assert await adapter.submit(an_email(), SOON) == throttled


@pytest.mark.parametrize(
    "said",
    [
        {"subject": "Hi\r\nBcc: eve@evil.example"},
        {"from_name": "Acme\nBcc: eve@evil.example"},
        {"headers": {"X-Topic": "a\r\nBcc: eve@evil.example"}},
        {"headers": {"Bcc": "eve@evil.example"}},
        {"headers": {"X\r\nBcc": "eve@evil.example"}},
        {"headers": {"Reply-To": "eve@evil.example"}},
        {"headers": {"X-SG-EID": "1"}},
    ],
)
async def test_a_header_that_would_smuggle_another_is_refused_here(said: dict[str, Any]) -> None:
    with pytest.raises(UnsafeHeader):
        payload_of(an_email(**said))
    async with a_stand() as (provider, adapter):
        outcome = await adapter.submit(an_email(**said), SOON)
        assert isinstance(outcome, Rejected)
        assert outcome.kind is RejectedKind.CONTENT
        assert provider.heard == []


async def test_an_address_that_no_envelope_carries_is_refused_here() -> None:
    async with a_stand() as (provider, adapter):
        for address in ("ada", "ada@example.org>\r\n", "ada@example.org,eve@evil.example", ""):
            outcome = await adapter.submit(an_email(to=address), SOON)
            assert outcome == Rejected(RejectedKind.ADDRESS, "syntax")
        assert provider.heard == []


async def test_no_secret_and_no_letter_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    for name in (
        "",
        "python_http_client",
        "python_http_client.client",
        "urllib3",
        "urllib3.connectionpool",
        "requests",
    ):
        caplog.set_level(logging.DEBUG, name)
    for answering in (yes, always(401, {}, b"who is ada@example.org?"), always(0)):
        async with a_stand(answering) as (_, adapter):
            await adapter.submit(an_email(), SOON)
            await adapter.look_up(asked("m1.1"))
    assert not any(word in caplog.text for word in (API_KEY, "Bearer", "ada@example.org", "Good morning", "m1.1"))


async def test_no_secret_is_in_a_representation() -> None:
    assert API_KEY not in repr(Account(API_KEY))
    assert API_KEY not in repr(vars(sendgrid_at("http://127.0.0.1:1")))


async def test_a_look_up_finds_the_letter_by_its_correlation_among_others_to_the_same_address() -> None:
    async with a_stand() as (provider, adapter):
        for number in range(3):
            await adapter.submit(an_email(f"m{number}.1"), SOON)
        assert await adapter.look_up(asked("m1.1")) == Found("id1")
        assert await adapter.look_up(asked("m7.1")) == Absent()
        query = next(heard for heard in provider.heard if heard.target == "/v3/logs").json
        assert query["query"] == (
            "to_email = 'ada@example.org'"
            ' AND sg_message_id_created_at >= TIMESTAMP "2026-03-03T11:55:00Z"'
            ' AND sg_message_id_created_at <= TIMESTAMP "2026-03-03T13:00:00Z"'
        )


@pytest.mark.parametrize("address", ["o'brien@example.org", '"a"@example.org', "a\\@example.org", ""])
async def test_an_address_that_cannot_be_quoted_is_not_asked_for(address: str) -> None:
    async with a_stand() as (provider, adapter):
        assert await adapter.look_up(asked("m1.1", address)) == Unavailable()
        assert provider.heard == []


@pytest.mark.parametrize("reply", [Reply(403), Reply(404), Reply(429), Reply(500), Reply(0), Reply(302)])
async def test_a_look_up_that_gets_no_answer_is_none(reply: Reply) -> None:
    async with a_stand(lambda provider, heard: reply) as (_, adapter):
        assert await adapter.look_up(asked("m1.1")) == Unavailable()


@pytest.mark.parametrize(
    "listed",
    [[], None, {"messages": 7}, {"messages": [7, {}, {"sg_message_id": 7}, {"sg_message_id": "../../secrets"}]}],
)
async def test_a_list_that_makes_no_sense_finds_nothing(listed: object) -> None:
    reply = Reply(200, {}, json.dumps(listed).encode())
    async with a_stand(lambda provider, heard: reply) as (provider, adapter):
        assert await adapter.look_up(asked("m1.1")) == Absent()
        assert len(provider.heard) == 1


async def test_only_the_same_attempt_is_found() -> None:
    def another(provider: Provider, heard: Heard) -> Reply:
        if heard.method == "GET":
            return Reply(200, {}, b'{"custom_args": {"sojourn_id": "m1.11"}}')
        return Reply(200, {}, b'{"messages": [{"sg_message_id": "a.b"}]}')

    async with a_stand(another) as (_, adapter):
        assert await adapter.look_up(replace(asked("m1.1"))) == Absent()
        assert await adapter.look_up(replace(asked("m1.11"))) == Found("a")


async def test_sendgrid_is_asked_to_erase_addresses_and_says_when_it_did_not() -> None:
    held = Held(("ada@example.org", "ada@work.example"), ("id0",))
    async with a_stand(always(202)) as (provider, adapter):
        assert await adapter.forget(held) == Forgotten(2)
        assert await adapter.forget(Held((), ("id0",))) == Forgotten(0)
        [heard] = provider.heard
        assert (heard.method, heard.target) == ("POST", "/v3/recipients/erasejob")
        assert heard.json == {"email_addresses": ["ada@example.org", "ada@work.example"]}
    async with a_stand(always(403)) as (_, adapter):
        assert await adapter.forget(held) == Forgotten(0, (("address", "403"),) * 2)
