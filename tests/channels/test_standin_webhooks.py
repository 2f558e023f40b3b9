"""The stand-in tells what became of a message, and the verifiers of the providers' own SDKs believe it."""

from collections.abc import Iterator
from time import time
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from channels.standin.sendgrid.events import SendGridEvent
from channels.standin.server import StandIn
from channels.standin.twilio.events import OptOut, TwilioStatus, keyword_of
from channels.standin.webhooks import Webhooks
from tests.channels.standing import SECRETS, Heard, Listener, a_mail, a_text, eventually, listening, sendgrid, twilio

PUBLIC = "https://acme.example"
ADA = "+4915112345678"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(SECRETS) as running:
        yield running


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as heard:
        yield heard


def is_sendgrids(heard: Heard, public_key: str) -> bool:
    """Whether SendGrid's own verifier believes it."""
    signature = heard.headers["X-Twilio-Email-Event-Webhook-Signature"]
    timestamp = heard.headers["X-Twilio-Email-Event-Webhook-Timestamp"]
    verified: bool = EventWebhook(public_key).verify_signature(heard.body.decode(), signature, timestamp)
    return verified


def is_twilios(heard: Heard, url: str = "") -> bool:
    """Whether Twilio's own verifier believes it, at the URL that it was sent to in public."""
    form = dict(parse_qsl(heard.body.decode(), keep_blank_values=True))
    signature = heard.headers["X-Twilio-Signature"]
    verified: bool = RequestValidator(SECRETS.twilio_token).validate(url or PUBLIC + heard.path, form, signature)
    return verified


def form_of(heard: Heard) -> dict[str, str]:
    return dict(parse_qsl(heard.body.decode()))


def by_hand(stand_in: StandIn, page: str, said: dict[str, Any]) -> httpx.Response:
    return httpx.post(f"{stand_in.url}/stand-in/{page}", json=said, timeout=30)


def test_what_became_of_an_email_is_told_signed_with_its_custom_args_on_top(
    stand_in: StandIn, listener: Listener
) -> None:
    stand_in.listen(Webhooks(url=listener.url))
    answer = sendgrid(stand_in).send(a_mail("m1.1", categories=["onboarding"]))
    for kind in ("processed", "delivered"):
        heard = listener.next()
        [event] = heard.events
        assert heard.path == "/webhooks/sendgrid"
        assert is_sendgrids(heard, stand_in.public_key)
        assert (event["event"], event["sojourn_id"], event["category"]) == (kind, "m1.1", ["onboarding"])
        assert event["email"] == "ada@example.org"
        assert event["sg_message_id"].startswith(answer.headers["X-Message-Id"] + ".")
        assert isinstance(event["timestamp"], int)


def test_the_public_key_is_shown_as_sendgrids_settings_show_it(stand_in: StandIn) -> None:
    shown = httpx.get(f"{stand_in.url}/stand-in/keys").json()["sendgrid_public_key"]
    assert shown == stand_in.public_key
    assert "\n" not in shown
    assert EventWebhook(shown).public_key.curve.name == "secp256r1"


def test_what_became_of_a_text_is_told_at_its_own_callback_signed_over_the_public_url(
    stand_in: StandIn, listener: Listener
) -> None:
    stand_in.listen(Webhooks(url=listener.url, public=PUBLIC))
    sid = twilio(stand_in).messages.create(**a_text("m1.1")).sid
    for status in ("sent", "delivered"):
        heard = listener.next()
        assert heard.path == "/webhooks/twilio/status?sojourn_id=m1.1"
        assert is_twilios(heard)
        assert not is_twilios(heard, "https://other.example/webhooks/twilio/status?sojourn_id=m1.1")
        assert form_of(heard)["MessageSid"] == sid
        assert form_of(heard)["MessageStatus"] == status
    assert twilio(stand_in).messages(sid).fetch().status == "delivered"


def test_nothing_is_told_where_nobody_listens_and_look_ups_know_all_the_same(stand_in: StandIn) -> None:
    sendgrid(stand_in).send(a_mail())
    assert eventually(lambda: not stand_in.pending)
    assert httpx.get(f"{stand_in.url}/stand-in/webhooks").json()["posted"] == []
    logs = sendgrid(stand_in).client.logs.post(request_body={"query": ""}).to_dict["messages"]
    assert [row["status"] for row in logs] == ["delivered"]


def test_what_is_told_twice_is_the_same_event(stand_in: StandIn, listener: Listener) -> None:
    stand_in.listen(Webhooks(url=listener.url, duplicate=2, sendgrid=(SendGridEvent.BOUNCE,)))
    sendgrid(stand_in).send(a_mail())
    told = [listener.next().events[0] for _ in range(3)]
    assert {event["sg_event_id"] for event in told} == {told[0]["sg_event_id"]}
    assert (told[0]["type"], told[0]["status"]) == ("bounce", "5.1.1")


def test_what_is_told_in_the_wrong_order_keeps_its_times(stand_in: StandIn, listener: Listener) -> None:
    kinds = (SendGridEvent.PROCESSED, SendGridEvent.DELIVERED, SendGridEvent.OPEN)
    stand_in.listen(Webhooks(url=listener.url, public=PUBLIC, reorder=True, batch=True, sendgrid=kinds))
    sendgrid(stand_in).send(a_mail())
    heard = listener.next()
    assert is_sendgrids(heard, stand_in.public_key)
    assert [event["event"] for event in heard.events] == ["open", "delivered", "processed"]
    twilio(stand_in).messages.create(**a_text())
    assert [form_of(listener.next())["MessageStatus"] for _ in range(2)] == ["delivered", "sent"]


def test_what_is_told_late_is_signed_when_it_is_told(stand_in: StandIn, listener: Listener) -> None:
    stand_in.listen(Webhooks(url=listener.url, delay=1.5, sendgrid=(SendGridEvent.DELIVERED,)))
    before = int(time())
    sendgrid(stand_in).send(a_mail())
    heard = listener.next()
    assert int(heard.headers["X-Twilio-Email-Event-Webhook-Timestamp"]) > before
    assert is_sendgrids(heard, stand_in.public_key)


def test_what_nobody_takes_is_told_again_and_a_refusal_is_believed(stand_in: StandIn, listener: Listener) -> None:
    stand_in.listen(Webhooks(url=listener.url, sendgrid=(SendGridEvent.DELIVERED,)))
    listener.statuses += [503, 500, 200]
    sendgrid(stand_in).send(a_mail())
    assert len({listener.next().events[0]["sg_event_id"] for _ in range(3)}) == 1
    listener.statuses += [403]
    assert by_hand(stand_in, "events", {"correlation": "m1.1", "event": "open"}).json() == {"statuses": [403]}
    posted = httpx.get(f"{stand_in.url}/stand-in/webhooks").json()["posted"]
    assert [one["status"] for one in posted] == [503, 500, 200, 403]


def test_nobody_at_the_other_end_is_noted(stand_in: StandIn) -> None:
    stand_in.listen(Webhooks(url="http://127.0.0.1:1", tries=2, sendgrid=()))
    sendgrid(stand_in).send(a_mail())
    assert by_hand(stand_in, "events", {"correlation": "m1.1", "event": "open"}).json() == {"statuses": [None]}


@pytest.mark.parametrize("kind", SendGridEvent)
def test_every_event_of_an_email_can_be_told_by_hand(stand_in: StandIn, listener: Listener, kind: str) -> None:
    stand_in.listen(Webhooks(url=listener.url, sendgrid=()))
    sendgrid(stand_in).send(a_mail())
    more = {"url": "https://acme.example/offer", "sg_machine_open": True}
    said = {"correlation": "m1.1", "event": kind, "more": more}
    assert by_hand(stand_in, "events", said).json() == {"statuses": [200]}
    [event] = listener.next().events
    assert (event["event"], event["sojourn_id"], event["sg_machine_open"]) == (kind, "m1.1", True)


@pytest.mark.parametrize("status", TwilioStatus)
def test_every_status_of_a_text_can_be_told_by_hand(stand_in: StandIn, listener: Listener, status: str) -> None:
    stand_in.listen(Webhooks(url=listener.url, public=PUBLIC, twilio=()))
    twilio(stand_in).messages.create(**a_text())
    said = {"correlation": "m1.1", "event": status, "more": {"ErrorCode": 30007}}
    assert by_hand(stand_in, "events", said).json() == {"statuses": [200]}
    heard = listener.next()
    assert is_twilios(heard)
    assert (form_of(heard)["MessageStatus"], form_of(heard)["ErrorCode"]) == (status, "30007")


def test_a_forged_or_stale_webhook_can_be_told_by_hand(stand_in: StandIn, listener: Listener) -> None:
    stand_in.listen(Webhooks(url=listener.url, public=PUBLIC, sendgrid=(), twilio=()))
    sendgrid(stand_in).send(a_mail("mail.1"))
    twilio(stand_in).messages.create(**a_text("text.1"))
    by_hand(stand_in, "events", {"correlation": "mail.1", "event": "open", "forge": True})
    assert not is_sendgrids(listener.next(), stand_in.public_key)
    by_hand(stand_in, "events", {"correlation": "text.1", "event": "sent", "forge": True})
    assert not is_twilios(listener.next())
    by_hand(stand_in, "events", {"correlation": "mail.1", "event": "open", "signed_ago": 3600})
    heard = listener.next()
    assert is_sendgrids(heard, stand_in.public_key)
    assert int(heard.headers["X-Twilio-Email-Event-Webhook-Timestamp"]) < time() - 3000


def test_what_was_never_taken_or_never_happens_cannot_be_told(stand_in: StandIn) -> None:
    sendgrid(stand_in).send(a_mail())
    assert by_hand(stand_in, "events", {"correlation": "m2.1", "event": "open"}).status_code == 404
    assert by_hand(stand_in, "events", {"correlation": "m1.1", "event": "sent"}).status_code == 422


def test_after_stop_nothing_more_is_taken_for_that_number_until_start(stand_in: StandIn, listener: Listener) -> None:
    stand_in.listen(Webhooks(url=listener.url, public=PUBLIC, twilio=()))
    client = twilio(stand_in)
    assert by_hand(stand_in, "inbound", {"from": ADA, "body": " Stop. "}).json() == {"statuses": [200]}
    heard = listener.next()
    assert heard.path == "/webhooks/twilio/inbound"
    assert is_twilios(heard)
    assert (form_of(heard)["From"], form_of(heard)["Body"], form_of(heard)["OptOutType"]) == (ADA, " Stop. ", "STOP")
    assert httpx.get(f"{stand_in.url}/stand-in/opt-outs").json() == {"opted_out": [ADA]}
    with pytest.raises(TwilioRestException) as raised:
        client.messages.create(**a_text())
    assert raised.value.code == 21610
    client.messages.create(**a_text(to="+4915112345679"))
    by_hand(stand_in, "inbound", {"from": ADA, "body": "START"})
    client.messages.create(**a_text())


def test_free_words_opt_nobody_out(stand_in: StandIn, listener: Listener) -> None:
    stand_in.listen(Webhooks(url=listener.url, public=PUBLIC, twilio=()))
    by_hand(stand_in, "inbound", {"from": ADA, "body": "Please stop texting me"})
    assert "OptOutType" not in form_of(listener.next())
    twilio(stand_in).messages.create(**a_text())


@pytest.mark.parametrize(
    ("body", "keyword"),
    [("STOP", OptOut.STOP), ("stop!", OptOut.STOP), ("Opt-out", None), ("optout", OptOut.STOP), ("can't stop", None),
     ("yes", OptOut.START), ("Help?", OptOut.HELP), ("", None)],
)  # fmt: skip
def test_a_keyword_is_the_whole_text(body: str, keyword: OptOut | None) -> None:
    assert keyword_of(body) is keyword
