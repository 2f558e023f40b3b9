"""The stand-in is Twilio to Twilio's SDK, and stricter than Twilio."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from channels.outcomes import Accepted
from channels.standin.descriptions import MESSAGES, Descriptions
from channels.standin.server import StandIn
from channels.standin.twilio.dialect import CREATE
from tests.channels.builders import an_sms, twilio_at
from tests.channels.standing import CALLBACK, SECRETS, SPECS, a_text, needs_specs, twilio

SEND = f"/2010-04-01/Accounts/{SECRETS.twilio_account}/Messages.json"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    with StandIn(SECRETS) as running:
        yield running


def refused(client: Client, **said: Any) -> TwilioRestException:
    """How a message is refused."""
    with pytest.raises(TwilioRestException) as raised:
        client.messages.create(**a_text(**said))
    return raised.value


def test_a_sound_message_is_taken_and_the_truth_knows_it_by_its_correlation(stand_in: StandIn) -> None:
    message = twilio(stand_in).messages.create(**a_text("taken.2"))
    assert message.status == "accepted"
    [accepted] = stand_in.accepted("taken")
    assert (accepted.correlation, accepted.to) == ("taken.2", "+4915112345678")
    assert accepted.provider_id == message.sid


def test_a_message_from_a_number_has_no_service_to_choose_one(stand_in: StandIn) -> None:
    message = twilio(stand_in).messages.create(**a_text(messaging_service_sid=None, from_="+15005550006"))
    assert (message.status, message.from_) == ("queued", "+15005550006")


@pytest.mark.asyncio
@pytest.mark.parametrize("good_for", [timedelta(0), timedelta(hours=2), timedelta(days=2)])
async def test_whatever_a_message_is_good_for_twilio_is_asked_for_what_it_allows(
    stand_in: StandIn, good_for: timedelta
) -> None:
    adapter = twilio_at(
        stand_in.url, account_sid=SECRETS.twilio_account, auth_token=SECRETS.twilio_token, validity_minutes=600
    )
    outcome = await adapter.submit(an_sms(good_for=good_for), timedelta(seconds=20))
    await adapter.close()
    assert isinstance(outcome, Accepted)


def test_a_wrong_token_is_denied(stand_in: StandIn) -> None:
    wrong = refused(twilio(stand_in, token="wrong"))
    assert (wrong.status, wrong.code) == (401, 20003)


def test_another_account_is_denied(stand_in: StandIn) -> None:
    answer = httpx.post(
        f"{stand_in.url}{SEND.replace('1' * 32, '3' * 32)}", auth=(SECRETS.twilio_account, SECRETS.twilio_token)
    )
    assert answer.status_code == 401


def test_an_api_key_with_our_secret_is_let_in(stand_in: StandIn) -> None:
    found = httpx.get(f"{stand_in.url}{SEND}", auth=("SK" + "4" * 32, SECRETS.twilio_token))
    assert found.status_code == 200


@pytest.mark.parametrize("said", ["", "Basic", "Basic !!", "Basic /w==", "Bearer x"])
def test_what_is_no_authorization_is_denied(stand_in: StandIn, said: str) -> None:
    assert httpx.get(f"{stand_in.url}{SEND}", headers={"Authorization": said}).status_code == 401


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (21211, {"to": "015112345678"}),
        (21211, {"to": "+49 151 12345678"}),
        (21211, {"to": ""}),
        (21603, {"messaging_service_sid": None}),
        (21701, {"messaging_service_sid": "MG1"}),
        (21212, {"from_": "+1 500"}),
        (21602, {"body": " "}),
        (21602, {"body": None}),
        (21617, {"body": "x" * 1601}),
        (21609, {"status_callback": "webhooks?sojourn_id=m1.1"}),
        (21609, {"status_callback": "https://my_host.example/?sojourn_id=m1.1"}),
        (21609, {"status_callback": "https://[/?sojourn_id=m1.1"}),
        (20001, {"status_callback": "https://acme.example/webhooks/twilio/status"}),
        (20001, {"status_callback": CALLBACK + "m1"}),
        (20001, {"status_callback": CALLBACK + "m1.1&sojourn_id=m2.1"}),
        (20001, {"validity_period": None}),
        (20001, {"validity_period": 0}),
        (20001, {"validity_period": 36_001}),
        (20001, {"media_url": ["https://acme.example/a.png"]}),
    ],
)
def test_what_we_would_not_have_sent_is_refused_and_noted(stand_in: StandIn, code: int, said: dict[str, Any]) -> None:
    taken = len(stand_in.accepted())
    wrong = refused(twilio(stand_in), **said)
    assert (wrong.status, wrong.code) == (400, code)
    assert stand_in.requests()[-1].findings
    assert len(stand_in.accepted()) == taken


def test_a_parameter_that_comes_twice_is_refused(stand_in: StandIn) -> None:
    form = "To=%2B4915112345678&To=%2B4915112345679"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    auth = (SECRETS.twilio_account, SECRETS.twilio_token)
    answer = httpx.post(f"{stand_in.url}{SEND}", content=form, headers=headers, auth=auth)
    assert answer.status_code == 400
    assert "To: expected once" in stand_in.requests()[-1].findings


@pytest.mark.parametrize(("to", "code"), [("+15005550001", 21211), ("+15005550004", 21610), ("+15005550009", 21614)])
def test_the_numbers_that_twilio_keeps_for_tests_are_refused_as_there(stand_in: StandIn, to: str, code: int) -> None:
    assert refused(twilio(stand_in), to=to).code == code
    assert stand_in.requests()[-1].findings == ()


def test_a_message_is_found_by_its_sid_and_in_the_list_of_its_number() -> None:
    with StandIn(SECRETS) as stand_in:
        client = twilio(stand_in)
        sids = [client.messages.create(**a_text(f"m{number}.1")).sid for number in range(5)]
        client.messages.create(**a_text("other.1", to="+4915199999999"))
        assert client.messages(sids[0]).fetch().body == "Hello"
        since = datetime.now(UTC) - timedelta(minutes=1)
        found = client.messages.list(to="+4915112345678", date_sent_after=since, page_size=2)
        assert [message.sid for message in found] == sids[::-1]
        assert client.messages.list(date_sent_before=since) == []


def test_look_ups_are_as_late_as_they_are_told_to_be() -> None:
    with StandIn(SECRETS) as stand_in:
        stand_in.lag(3600)
        sid = twilio(stand_in).messages.create(**a_text()).sid
        assert twilio(stand_in).messages.list() == []
        with pytest.raises(TwilioRestException) as raised:
            twilio(stand_in).messages(sid).fetch()
        assert raised.value.code == 20404


@needs_specs
@pytest.mark.parametrize(
    "said",
    [{"traffic_type": "paid"}, {"content_sid": "HX1"}, {"max_price": "much"}, {"attempt": "x"}],
)
def test_what_twilio_describes_otherwise_is_refused(said: dict[str, Any]) -> None:
    with StandIn(SECRETS, specs=SPECS) as stand_in:
        twilio(stand_in).messages.create(**a_text())
        assert refused(twilio(stand_in), **said).status == 400
        assert any("description" in finding for finding in stand_in.requests()[-1].findings)
        assert len(stand_in.accepted()) == 1


@needs_specs
def test_answers_are_as_twilio_describes_them() -> None:
    described = Descriptions(SPECS)
    auth = (SECRETS.twilio_account, SECRETS.twilio_token)
    with StandIn(SECRETS, specs=SPECS) as stand_in:
        sid = twilio(stand_in).messages.create(**a_text()).sid
        listed = httpx.get(f"{stand_in.url}{SEND}", auth=auth).json()
        opened = httpx.get(f"{stand_in.url}{SEND.replace('.json', f'/{sid}.json')}", auth=auth).json()
    assert described.of_answer(MESSAGES, CREATE, "get", 200, listed) == []
    assert described.of_answer(MESSAGES, CREATE, "post", 201, opened) == []
    assert described.of_answer(MESSAGES, CREATE, "post", 201, {**opened, "status": "lost"})


def test_a_deleted_message_is_gone_and_that_it_was_taken_stays_true() -> None:
    with StandIn(SECRETS) as stand_in:
        sid = twilio(stand_in).messages.create(**a_text("deleted.1")).sid
        assert twilio(stand_in).messages(sid).delete()
        [accepted] = stand_in.accepted("deleted")
        assert (accepted.provider_id, accepted.to) == (sid, "")
        for again in (twilio(stand_in).messages(sid).fetch, twilio(stand_in).messages(sid).delete):
            with pytest.raises(TwilioRestException) as raised:
                again()
            assert raised.value.status == 404
