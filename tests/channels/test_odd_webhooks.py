"""Whatever comes to a webhook: what is made up is not believed, and what is signed breaks nothing."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from channels.inbound import sendgrid, twilio
from channels.inbound.heard import Forged, Wish
from tests.channels.test_hearing import AT, NOW, SENDGRID, STATUS, TWILIO, an_event, called, heard

HEADERS = st.dictionaries(
    st.sampled_from([sendgrid.SIGNATURE, sendgrid.TIMESTAMP, twilio.SIGNATURE, "host"]), st.text(max_size=60)
)


@settings(max_examples=400)
@given(headers=HEADERS, body=st.binary(max_size=200), target=st.text(max_size=60))
@example(headers={sendgrid.SIGNATURE: "AAAA", sendgrid.TIMESTAMP: str(AT)}, body=b"[]", target="/")
@example(headers={twilio.SIGNATURE: "a"}, body=b"\xff=%ff", target="/\ud800")
@example(headers={twilio.SIGNATURE: "a"}, body=b"&".join([b"a=1"] * 500), target="/?sojourn_id=%ff")
def test_nothing_that_is_made_up_is_believed_or_breaks_the_reading(
    headers: dict[str, str], body: bytes, target: str
) -> None:
    with pytest.raises(Forged):
        SENDGRID.hear(headers, body, NOW)
    for hear in (TWILIO.hear_status, TWILIO.hear_message):
        with pytest.raises(Forged):
            hear(target, headers, body, NOW)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5)
NAMES = st.sampled_from(
    ["event", "timestamp", "sg_event_id", "sojourn_id", "reason", "type", "status", "sg_machine_open"]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(events=st.lists(st.dictionaries(NAMES | st.text(), JSON) | JSON, max_size=4))
def test_whatever_is_signed_is_read_without_a_fault(events: list[object]) -> None:
    for told in heard(*events):
        assert told.at <= NOW
        assert told.id


@pytest.mark.parametrize("id_", ["\ud800", "a\0b", "x" * 201, "e 1", 7.5, None, "é"])
def test_an_id_that_no_database_could_hold_is_replaced_by_the_same_digest_every_time(id_: object) -> None:
    odd = an_event("delivered", sg_event_id=id_)
    (one, other), (again,) = heard(odd, an_event("delivered")), heard(odd)
    assert (len(one.id), one.id.isalnum()) == (64, True)
    assert (one.id, other.id) == (again.id, "e1")


def test_words_with_a_nul_are_heard_without_it() -> None:
    fields = {"MessageSid": "SM1", "From": "+4915112345678", "Body": "please stop\0 texting me"}
    body = urlencode(fields).encode()
    said = TWILIO.hear_message("/webhooks/twilio/inbound", called("/webhooks/twilio/inbound", fields), body, NOW)
    assert (said.wish, "\0" in said.body) == (Wish.PERHAPS_STOP, False)


@given(st.dictionaries(st.sampled_from(["MessageSid", "MessageStatus", "From", "Body", "ErrorCode"]), st.text()))
def test_whatever_twilio_signs_is_read_or_refused(fields: dict[str, str]) -> None:
    sendable = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
    body = urlencode(sendable).encode()
    for hear in (TWILIO.hear_status, TWILIO.hear_message):
        with suppress(Forged):
            assert hear(STATUS, called(STATUS, sendable), body, NOW)
