"""What providers tell us: believed under their signature alone, and put into our own words."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from twilio.request_validator import RequestValidator

from channels.inbound.heard import Forged, Told, Wish
from channels.inbound.sendgrid import SendGridEvents
from channels.inbound.twilio import TwilioHooks
from channels.outbound.twilio import callback_url
from channels.protocol import DeliveryEvent
from tests.channels.builders import AUTH_TOKEN, PUBLIC_URL

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
STATUS = "/webhooks/twilio/status?sojourn_id=m1.1"
INBOUND = "/webhooks/twilio/inbound"


def shown(key: EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    """A public key as SendGrid's settings show it."""
    return b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


KEY = generate_private_key(SECP256R1())
SENDGRID = SendGridEvents(shown(KEY))
TWILIO = TwilioHooks(AUTH_TOKEN, PUBLIC_URL)


def signed(body: bytes, timestamp: int | str = AT, key: EllipticCurvePrivateKey = KEY) -> dict[str, str]:
    mark = b64encode(key.sign(str(timestamp).encode() + body, ECDSA(SHA256()))).decode()
    return {
        "X-Twilio-Email-Event-Webhook-Signature": mark,
        "X-Twilio-Email-Event-Webhook-Timestamp": str(timestamp),
    }


def heard(*events: object, now: datetime = NOW) -> tuple[Told, ...]:
    body = json.dumps(events).encode()
    return SENDGRID.hear(signed(body), body, now)


def an_event(event: str, **said: object) -> dict[str, object]:
    return {
        "event": event,
        "email": "ada@example.org",
        "sg_event_id": "e1",
        "timestamp": AT - 60,
        "sojourn_id": "m1.1",
        **said,
    }


def called(target: str, fields: Mapping[str, str], url: str = PUBLIC_URL) -> dict[str, str]:
    return {"X-Twilio-Signature": RequestValidator(AUTH_TOKEN).compute_signature(url + target, fields)}


def status(target: str = STATUS, **fields: str) -> Told:
    sent = {"MessageSid": "SM1", **fields}
    return TWILIO.hear_status(target, called(target, sent), urlencode(sent).encode(), NOW)


def texted(body: str, **fields: str) -> Wish:
    sent = {"MessageSid": "SM1", "From": "+4915112345678", "To": "+15005550006", "Body": body, **fields}
    return TWILIO.hear_message(INBOUND, called(INBOUND, sent), urlencode(sent).encode(), NOW).wish


@pytest.mark.parametrize(
    ("event", "kind", "is_dead"),
    [
        (an_event("processed"), DeliveryEvent.ACCEPTED, False),
        (an_event("delivered"), DeliveryEvent.DELIVERED, False),
        (an_event("bounce", type="bounce"), DeliveryEvent.BOUNCED, True),
        (an_event("bounce", type="blocked"), DeliveryEvent.BOUNCED, False),
        (an_event("dropped", reason="Bounced Address"), DeliveryEvent.BOUNCED, True),
        (an_event("dropped", reason="Spam Content"), DeliveryEvent.BOUNCED, False),
        (an_event("dropped", reason="Unsubscribed Address"), DeliveryEvent.UNSUBSCRIBED, False),
        (an_event("dropped", reason="Spam Reporting Address"), DeliveryEvent.COMPLAINED, False),
        (an_event("open"), DeliveryEvent.OPENED, False),
        (an_event("click"), DeliveryEvent.CLICKED, False),
        (an_event("spamreport"), DeliveryEvent.COMPLAINED, False),
        (an_event("unsubscribe"), DeliveryEvent.UNSUBSCRIBED, False),
        (an_event("group_unsubscribe"), DeliveryEvent.UNSUBSCRIBED, False),
        (an_event("group_resubscribe"), DeliveryEvent.ACCEPTED, False),
        (an_event("what_comes_next_year"), DeliveryEvent.ACCEPTED, False),
        (an_event("open") | {"event": 7}, DeliveryEvent.ACCEPTED, False),
    ],
)
def test_sendgrids_events_are_put_into_our_words(event: Any, kind: DeliveryEvent, is_dead: bool) -> None:
    [told] = heard(event)
    assert (told.kind, told.is_dead) == (kind, is_dead)
    assert (told.provider, told.id, told.correlation) == ("sendgrid", "e1", "m1.1")
    assert told.at == NOW - timedelta(minutes=1)


def test_a_machine_that_opens_is_told_from_a_person() -> None:
    machine, person = heard(an_event("open", sg_machine_open=True), an_event("open", sg_machine_open=False))
    assert (machine.by_machine, person.by_machine) == (True, False)


def test_no_address_is_in_what_is_kept_as_evidence() -> None:
    said = {"type": "bounce", "status": "5.1.1", "reason": "550 no ada@example.org", "bounce_classification": "Invalid"}
    [told] = heard(an_event("bounce", **said))
    assert told.detail == {"event": "bounce", "type": "bounce", "status": "5.1.1", "bounce_classification": "Invalid"}
    [sly] = heard(an_event("bounce", type="ada@example.org", status="x" * 999))
    assert sly.detail == {"event": "bounce"}


def test_what_is_odd_in_a_signed_event_costs_nobody_else_theirs() -> None:
    odd = ({"event": "open"}, 7, None, an_event("open", timestamp=10**30), an_event("open", timestamp="now"))
    first, far, text, sound = heard(*odd, an_event("click"))
    assert first.id
    assert first.correlation == ""
    assert {first.at, far.at, text.at} == {NOW}
    assert sound.kind is DeliveryEvent.CLICKED


def test_an_event_without_an_id_has_the_same_one_each_time_it_comes() -> None:
    nameless = an_event("open", sg_event_id=None)
    assert heard(nameless)[0].id == heard(nameless)[0].id != heard(an_event("click", sg_event_id=None))[0].id


def test_a_correlation_that_is_not_ours_is_none() -> None:
    for odd in ("m1 1", "a" * 65, {"a": 1}, "", None):
        assert heard(an_event("open", sojourn_id=odd))[0].correlation == ""


def forged(code: str, headers: Mapping[str, str], body: bytes, events: SendGridEvents = SENDGRID) -> None:
    with pytest.raises(Forged) as told:
        events.hear(headers, body, NOW)
    assert told.value.code == code


BODY = json.dumps([an_event("open")]).encode()


def test_the_names_of_headers_may_come_in_any_case() -> None:
    assert SENDGRID.hear({name.lower(): value for name, value in signed(BODY).items()}, BODY, NOW)


def test_a_signature_that_is_missing_wrong_or_anothers_is_forged() -> None:
    mark, stamp = signed(BODY)
    forged("unsigned", {}, BODY)
    forged("unsigned", {mark: "", stamp: str(AT)}, BODY)
    forged("unsigned", {mark: signed(BODY)[mark]}, BODY)
    forged("malformed", signed(BODY) | {mark: "no base64!"}, BODY)
    forged("wrong", signed(BODY) | {mark: "AAAA"}, BODY)
    forged("wrong", signed(BODY, key=generate_private_key(SECP256R1())), BODY)
    forged("wrong", signed(BODY), BODY + b" ")
    forged("wrong", signed(BODY) | {stamp: str(AT + 1)}, BODY)
    forged("malformed", signed(BODY, f" {AT}"), BODY)
    forged("malformed", signed(BODY, "٣" * 10), BODY)
    forged("malformed", signed(b"\xff"), b"\xff")


@pytest.mark.parametrize("late", [-301, 301, -(10**9)])
def test_a_signature_is_not_good_for_ever(late: int) -> None:
    forged("too_old", signed(BODY, AT + late), BODY)
    assert SENDGRID.hear(signed(BODY, AT - 300), BODY, NOW)


def test_a_body_that_is_signed_and_no_list_is_not_read() -> None:
    for body in (b"", b"{}", b"7", b"[", b"[" * 100_000):
        forged("unreadable", signed(body), body)


def test_without_a_key_nobody_is_believed() -> None:
    forged("no_key", signed(BODY), BODY, SendGridEvents(""))
    for url, token in (("", AUTH_TOKEN), (PUBLIC_URL, "")):
        with pytest.raises(Forged, match="no_key"):
            TwilioHooks(token, url).hear_status(STATUS, called(STATUS, {}), b"", NOW)


def test_a_key_that_is_none_is_refused_at_once() -> None:
    for key in ("no key", "AAAA", shown(rsa.generate_private_key(65537, 2048))):
        with pytest.raises(ValueError, match=r"."):
            SendGridEvents(key)


@pytest.mark.parametrize(
    ("fields", "kind", "is_dead"),
    [
        ({"MessageStatus": "queued"}, DeliveryEvent.ACCEPTED, False),
        ({"MessageStatus": "what_comes_next_year"}, DeliveryEvent.ACCEPTED, False),
        ({"MessageStatus": "delivered"}, DeliveryEvent.DELIVERED, False),
        ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, DeliveryEvent.BOUNCED, False),
        ({"MessageStatus": "undelivered", "ErrorCode": "30005"}, DeliveryEvent.BOUNCED, True),
        ({"MessageStatus": "undelivered", "ErrorCode": "30007"}, DeliveryEvent.BOUNCED, False),
        ({"MessageStatus": "failed", "ErrorCode": "21610"}, DeliveryEvent.UNSUBSCRIBED, False),
    ],
)
def test_twilios_statuses_are_put_into_our_words(fields: dict[str, str], kind: DeliveryEvent, is_dead: bool) -> None:
    told = status(**fields)
    assert (told.kind, told.is_dead, told.correlation, told.at) == (kind, is_dead, "m1.1", NOW)
    assert told.id == f"SM1:{fields['MessageStatus']}"
    assert told.opted_out is (fields.get("ErrorCode") == "21610")


def test_the_callback_that_we_ask_for_is_the_one_that_we_hear() -> None:
    assert callback_url(PUBLIC_URL, "m1.1") == PUBLIC_URL + STATUS


def test_a_signature_covers_the_correlation_and_the_url_that_is_set() -> None:
    sent = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    body = urlencode(sent).encode()
    for target, headers in (
        (STATUS.replace("m1", "m2"), called(STATUS, sent)),
        (STATUS, called(STATUS, sent, "https://evil.example")),
        (STATUS, called(STATUS, sent | {"MessageStatus": "failed"})),
        (STATUS, {}),
        (STATUS, {"X-Twilio-Signature": ""}),
        (STATUS, {"X-Twilio-Signature": "é"}),
        (f"@evil.example{STATUS}", called(STATUS, sent)),
    ):
        with pytest.raises(Forged):
            TWILIO.hear_status(target, headers, body, NOW)


def test_a_field_that_comes_twice_is_not_believed() -> None:
    sent = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    with pytest.raises(Forged):
        TWILIO.hear_status(STATUS, called(STATUS, sent), b"MessageStatus=failed&" + urlencode(sent).encode(), NOW)


@pytest.mark.parametrize("second", ["m2.1", "m1.1"])
def test_a_callback_that_names_two_messages_names_none(second: str) -> None:
    sent, target = {"MessageSid": "SM1", "MessageStatus": "delivered"}, f"{STATUS}&sojourn_id={second}"
    told = TWILIO.hear_status(target, called(target, sent), urlencode(sent).encode(), NOW)
    assert told.correlation == ""


def test_a_callback_without_an_id_is_not_read() -> None:
    with pytest.raises(Forged, match="unreadable"):
        status(MessageSid="", MessageStatus="delivered")
    with pytest.raises(Forged, match="unreadable"):
        texted("STOP", From="")


def test_what_a_customer_texts_is_read_with_what_she_asks_for() -> None:
    sent = {"MessageSid": "SM1", "From": "+4915112345678", "To": "+15005550006", "Body": "stop ☎"}
    said = TWILIO.hear_message(INBOUND, called(INBOUND, sent), urlencode(sent).encode(), NOW)
    assert (said.id, said.from_number, said.to_number, said.body) == tuple(sent.values())
    assert (said.wish, said.at, said.provider) == (Wish.STOP, NOW, "twilio")


def test_twilios_word_on_an_opt_out_goes_before_ours() -> None:
    assert texted("arrêt", OptOutType="STOP") is Wish.STOP
    assert texted("oui", OptOutType="START") is Wish.START
    assert texted("aide", OptOutType="HELP") is Wish.HELP
    assert texted("stop", OptOutType="") is Wish.STOP
    assert texted("hello", OptOutType="odd") is Wish.NOTHING
