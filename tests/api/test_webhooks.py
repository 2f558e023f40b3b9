"""Webhooks: signed ones are kept before they are answered; all else is refused, and a door without a key is shut."""

import asyncio
import json
import random
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import Request

from api.answers import Refused
from api.app import build_app
from api.bodies import body_of
from api.served import Doors
from channels.inbound.sendgrid import SIGNATURE, TIMESTAMP
from channels.protocol import CORRELATION
from engine.words import Channel
from tests.api.business import Business

pytestmark = pytest.mark.asyncio
INBOUND = "/webhooks/twilio/inbound"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def told(business: Business, event: str = "delivered", id_: str = "e1") -> bytes:
    """What SendGrid tells of Ada's first message."""
    one = {"event": event, "sg_event_id": id_, CORRELATION: f"{business.message()}.1", "email": "ada@customers.example"}
    return json.dumps([one]).encode()


async def by_sendgrid(business: Business, body: bytes, **changed: str) -> httpx.Response:
    async with business.client() as client:
        headers = business.signed_by_sendgrid(body) | changed
        return await client.post("/webhooks/sendgrid", content=body, headers=headers)


async def by_twilio(business: Business, target: str, fields: dict[str, str], **changed: str) -> httpx.Response:
    async with business.client() as client:
        headers = FORM | business.signed_by_twilio(target, fields) | changed
        return await client.post(target, content=urlencode(fields), headers=headers)


def a_text(words: str, id_: str = "SM1") -> dict[str, str]:
    return {"MessageSid": id_, "From": "+4915112345678", "To": "+4915100000000", "Body": words}


async def test_what_sendgrid_tells_is_kept_once_and_becomes_an_event(business: Business) -> None:
    business.accept(business.message())
    body = told(business)
    answers = [(await by_sendgrid(business, body)).status_code for _ in range(3)]
    assert answers == [204, 204, 204]
    assert business.heard() == [("sendgrid", "delivered")]
    assert business.events()[-1][:2] == ("delivery", "email_delivered")
    assert business.nudges > 0


async def test_one_odd_event_does_not_keep_the_others_of_its_batch_out(business: Business) -> None:
    business.accept(business.message())
    odd = [{"event": "bounce", "sg_event_id": "\ud800"}, {"event": 7, "sg_event_id": "a\0"}, None, [], "delivered"]
    body = json.dumps([*odd, *json.loads(told(business)), {CORRELATION: "\ud800.1", "timestamp": 1e300}]).encode()
    for _ in range(2):
        assert (await by_sendgrid(business, body)).status_code == 204
    assert business.heard() == [("sendgrid", "delivered")]  # the others name no message of ours


async def test_that_sendgrid_has_it_at_all_is_kept_like_everything_else(business: Business) -> None:
    business.accept(business.message())
    assert (await by_sendgrid(business, told(business, "processed"))).status_code == 204
    assert business.heard() == [("sendgrid", "accepted")]


async def test_a_complaint_ends_marketing_at_once(business: Business) -> None:
    business.accept(business.message())
    await by_sendgrid(business, told(business, "spamreport"))
    business.settle("ada")
    assert business.reasons() == ["no_permission", None, "no_permission"]


@pytest.mark.parametrize(
    "changed",
    [{SIGNATURE: ""}, {SIGNATURE: "AAAA"}, {SIGNATURE: "\xe4"}, {TIMESTAMP: ""}, {TIMESTAMP: "1"}, {TIMESTAMP: "-1"}],
)
async def test_a_signature_that_is_not_sendgrids_is_refused(business: Business, changed: dict[str, str]) -> None:
    body = told(business)
    headers = business.signed_by_sendgrid(body) | changed
    async with business.client() as client:
        answer = await client.post("/webhooks/sendgrid", content=body, headers=in_bytes(headers))
    assert answer.status_code == 403
    assert business.heard() == []


async def test_twilio_tells_under_its_signature_over_the_public_url(business: Business) -> None:
    message = business.message("sms")
    business.accept(message)
    target = f"/webhooks/twilio/status?{CORRELATION}={message}.1"
    status = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert (await by_twilio(business, target, status)).status_code == 204
    assert (await by_twilio(business, target, status, **{"X-Twilio-Signature": "AAAA"})).status_code == 403
    assert business.heard() == [("twilio", "delivered")]


async def test_stop_ends_text_messages_in_the_middle_of_a_wait(business: Business) -> None:
    answer = await by_twilio(business, INBOUND, a_text("Stop!"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response></Response>")
    business.settle("ada")
    assert business.reasons() == [None, "no_permission", None]
    assert business.allows(Channel.SMS, "offers") is True  # what she allowed is not forgotten; it is suppressed


async def test_help_is_answered_though_she_has_opted_out(business: Business) -> None:
    await by_twilio(business, INBOUND, a_text("STOP"))
    answer = await by_twilio(business, INBOUND, a_text("help", "SM2"))
    assert answer.text.endswith("<Response><Message>Help &amp; hours: acme.example</Message></Response>")


@pytest.mark.parametrize("path", ["/webhooks/sendgrid", "/webhooks/twilio/status", INBOUND])
async def test_a_door_without_a_key_is_shut(business: Business, path: str) -> None:
    async with business.client(build_app(business.serve(Doors()))) as client:
        answer = await client.post(path, content=unread())
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["found"] == "no key for this provider"


async def unread() -> Iterator[bytes]:  # type: ignore[misc]
    """A body that fails whoever reads it."""
    raise AssertionError("it was read")
    yield b""


@pytest.mark.parametrize("path", ["/webhooks/sendgrid", "/webhooks/twilio/status", INBOUND])
async def test_more_than_a_megabyte_is_not_read(business: Business, path: str) -> None:
    async def long() -> Iterator[bytes]:  # type: ignore[misc]
        for _ in range(100):
            yield b"x" * 20_000

    async with business.client() as client:
        assert (await client.post(path, content=b"x" * 1_000_001)).status_code == 413
        assert (await client.post(path, content=long())).status_code == 413


async def test_whoever_sends_too_slowly_is_not_waited_for() -> None:
    async def begins_and_stops() -> dict[str, object]:
        await asyncio.sleep(0 if begun.is_set() else 3600)
        begun.clear()
        return {"type": "http.request", "body": b"[", "more_body": True}

    begun = asyncio.Event()
    begun.set()
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": []}, begins_and_stops)
    with pytest.raises(Refused) as refused:
        await body_of(request, 1000, patience_seconds=0.01)
    assert refused.value.status == 408


async def test_nothing_is_answered_before_it_is_kept(business: Business) -> None:
    business.write(lambda connection: connection.exec_driver_sql("DROP TABLE provider_event"))
    assert (await by_sendgrid(business, told(business))).status_code == 500


async def test_ten_thousand_forged_webhooks_are_all_refused(business: Business) -> None:
    chance, before = random.Random(20261124), business.events()
    genuine = told(business)
    signed = business.signed_by_sendgrid(genuine)
    fields = a_text("STOP")
    texted, by_twilio = urlencode(fields).encode(), FORM | business.signed_by_twilio(INBOUND, fields)
    async with business.client() as client:
        for _ in range(5_000):
            body, headers = mutate(chance, genuine, signed)
            assert (await client.post("/webhooks/sendgrid", content=body, headers=headers)).status_code == 403
            body, headers = mutate(chance, texted, by_twilio)
            body = body if body.upper() != texted.upper() else b""  # %2b for %2B: Twilio signs what it means
            path = chance.choice([INBOUND, "/webhooks/twilio/status", f"{INBOUND}?a=%ff", f"{INBOUND}?"])
            assert (await client.post(path, content=body, headers=headers)).status_code == 403
    assert business.heard() == []
    assert business.events() == before


def in_bytes(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode("latin-1") for name, value in headers.items()}


def mutate(chance: random.Random, body: bytes, signed: dict[str, str]) -> tuple[bytes, dict[bytes, bytes]]:
    """A genuine webhook with its body or one of its headers changed."""
    headers = {name.encode(): value.encode() for name, value in signed.items()}
    name = chance.choice([one for one in headers if one != b"Content-Type"])
    match chance.randrange(5):
        case 0:
            place = chance.randrange(len(body))
            return body[:place] + bytes([body[place] ^ (1 << chance.randrange(7))]) + body[place + 1 :], headers
        case 1:
            return chance.randbytes(chance.randrange(200)), headers
        case 2:
            del headers[name]
        case 3:
            headers[name] = bytes(chance.choices(range(33, 256), k=chance.randrange(1, 120)))
        case _:
            place = chance.randrange(len(headers[name]) - 2)
            headers[name] = headers[name][:place] + b"7" + headers[name][place:]
    return body, headers
