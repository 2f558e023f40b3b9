"""Rows from outside: held to their form, or refused with the reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.release import Lifecycle, Policy, Release, Stage, Topic
from engine.rows import BadRow, EventReader, read_customer
from engine.words import Origin

RELEASE = Release(
    Lifecycle("awareness", (Stage("awareness"), Stage("onboarding"))), policy=Policy(topics={"offers": Topic()})
)
AT = datetime(2026, 3, 3, 8, tzinfo=UTC)


def read(row: dict[str, Any], origin: Origin = Origin.LIVE, received_at: datetime | None = None) -> Any:
    return EventReader(origin, received_at).read({"customer": "c1", "name": "bought", "occurred_at": AT, **row})[1]


def test_a_customer_has_what_the_row_says() -> None:
    row = {"id": 7, "email": " ada@acme.example ", "phone": "+49 (151) 1234-5678", "zone": "Europe/Berlin"}
    said = {"stage": "onboarding", "consent": {"email": ["offers"]}, "attributes": {"plan": "pro", "gone": None}}
    customer, unknown = read_customer(row | said, RELEASE)
    assert (customer.id, customer.email, customer.phone) == ("7", "ada@acme.example", "+4915112345678")
    assert (customer.zone, customer.stage, customer.identified) == ("Europe/Berlin", "onboarding", True)
    assert customer.consents == {("email", "offers"): True}
    assert customer.attributes == {"plan": "pro"}
    assert unknown == ()


def test_a_topic_that_nobody_knows_is_no_consent_and_told() -> None:
    customer, unknown = read_customer({"id": "c1", "consent": {"sms": ["ofers"]}}, RELEASE)
    assert customer.consents == {}
    assert unknown == ("consent.sms: found 'ofers'; expected one of offers; did you mean 'offers'?",)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({}, "id: is missing"),
        ({"id": ""}, "id: found ''; expected text"),
        ({"id": True}, "id: found True; expected text"),
        ({"id": "c1", "email": "ada"}, "email: expected an e-mail address"),
        ({"id": "c1", "phone": "call me"},
         "phone: expected a phone number with its country code, such as +447700900123"),
        ({"id": "c1", "created_at": "0001-01-01T00:00:00Z"},
         "created_at: found '0001-01-01T00:00:00Z'; expected a time from 1900 to 2199"),
        ({"id": "c1", "created_at": "9999-12-31T23:59:59Z"},
         "created_at: found '9999-12-31T23:59:59Z'; expected a time from 1900 to 2199"),
        ({"id": "c1", "zone": "Mars/Base"},
         "zone: found 'Mars/Base'; expected an IANA time zone such as Europe/Berlin"),
        ({"id": "c1", "stage": "onbording"},
         "stage: found 'onbording'; expected one of awareness or onboarding; did you mean 'onboarding'?"),
        ({"id": "c1", "consent": {"fax": []}}, "consent.fax: found 'fax'; expected email or sms"),
        ({"id": "c1", "consent": {"sms": "offers"}}, "consent.sms: found 'offers'; expected a list"),
        ({"id": "c1", "attributes": {"a": [{"b": "\0"}]}},
         "attributes: found {'a': [{'b': '\\x00'}]}; expected text without NUL and without half characters"),
        ({"id": "c1", "emial": "x"},
         "emial: is no field; expected one of id, email, phone, zone, stage, consent, attributes or created_at; "
         "did you mean 'email'?"),
    ],
)  # fmt: skip
def test_a_row_is_refused_with_the_reason(row: dict[str, Any], told: str) -> None:
    with pytest.raises(BadRow) as refused:
        read_customer(row, RELEASE)
    assert str(refused.value) == told


@pytest.mark.parametrize("written", ["2026-03-03T08:00:00Z", "2026-03-03 08:00", "2026-03-03T09:00:00+01:00", AT])
def test_a_time_without_a_zone_is_utc(written: object) -> None:
    assert read({"occurred_at": written}).occurred_at == AT


@pytest.mark.parametrize("written", [1772524800, "soon", "", None, "2026-02-30"])
def test_what_is_no_time_is_refused(written: object) -> None:
    with pytest.raises(BadRow, match=r"occurred_at: found .*; expected a time such as"):
        read({"occurred_at": written})


def test_an_event_occurred_at_the_latest_when_it_was_received() -> None:
    early = {"received_at": "2026-03-03T07:00:00Z"}
    assert read(early).occurred_at == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert read(early, Origin.REPLAY).occurred_at == AT
    half_a_day_before = AT - timedelta(hours=12)
    assert read({}, Origin.HISTORY, half_a_day_before).occurred_at == half_a_day_before


def test_an_event_of_the_day_after_tomorrow_is_a_mistake() -> None:
    with pytest.raises(BadRow, match="occurred_at: found 2026-03-03T08:00:00Z; expected a time that has come"):
        read({}, Origin.LIVE, AT - timedelta(days=2))


def test_a_phone_number_has_its_country() -> None:
    for written in ("+49 (0)151 1234-5678", "0049 151/1234.5678"):
        assert read_customer({"id": 7, "phone": written}, RELEASE)[0].phone == "+4915112345678"
    with pytest.raises(BadRow, match="country code"):
        read_customer({"id": 7, "phone": "0151 12345678"}, RELEASE)


def test_an_event_without_an_id_is_known_by_its_content_and_its_occurrence() -> None:
    row = {"customer": "c1", "name": "bought", "occurred_at": AT, "properties": {"amount": 12}}
    first, second = EventReader(Origin.REPLAY), EventReader(Origin.REPLAY)
    once = [first.read(row)[1].id for _ in range(3)]
    assert len(set(once)) == 3
    assert [second.read(row)[1].id for _ in range(3)] == once
    assert second.read({**row, "properties": {"amount": 13}})[1].id not in once


def test_consent_to_all_is_consent_to_every_topic_there_is() -> None:
    customer, unknown = read_customer({"id": "c1", "consent": {"email": ["all"]}}, RELEASE)
    assert (customer.consents, unknown) == ({("email", topic): True for topic in RELEASE.policy.topics}, ())
