"""The table that makes an outcome of what an HTTP API answered, or did not answer."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.outbound import sendgrid, twilio, webhook
from channels.outbound.answers import PATIENCE, REFUSALS, Answer, Broken, Dialect, outcome_of, retry_after
from channels.outcomes import (
    Accepted,
    Ambiguous,
    Break,
    Doubt,
    NotAccepted,
    NotAcceptedKind,
    Outcome,
    Phase,
    Rejected,
    RejectedKind,
)

DENIED, THROTTLED, UNREACHABLE = NotAcceptedKind.DENIED, NotAcceptedKind.THROTTLED, NotAcceptedKind.UNREACHABLE
DIALECTS = [sendgrid.DIALECT, twilio.DIALECT, webhook.DIALECT]
every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=["sendgrid", "twilio", "webhook"])
SURE = {401, 403, 407, 429} | REFUSALS


def answer(status: int, body: object = "", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode())


def about(field: str) -> dict[str, object]:
    return {"errors": [{"message": "No ada@example.org here", "field": field, "help": None}]}


def odd(status: int) -> Ambiguous:
    return Ambiguous(Phase.BODY, Doubt.UNEXPECTED_REPLY, str(status))


SENDGRID: list[tuple[Answer, Outcome]] = [
    (answer(202, x_message_id="abc"), Accepted("abc")),
    (Answer(202, {"x-message-id": "abc"}, None), Accepted("abc")),
    (answer(202), Ambiguous(Phase.BODY, Doubt.UNREADABLE, "202")),
    (answer(202, x_message_id="a b\r\n<ada@example.org>"), Ambiguous(Phase.BODY, Doubt.UNREADABLE, "202")),
    (answer(200, x_message_id="sandbox"), odd(200)),
    (answer(201, x_message_id="abc"), odd(201)),
    (answer(302, location="https://example.org"), odd(302)),
    (answer(401), NotAccepted(DENIED, "401")),
    (answer(403), NotAccepted(DENIED, "403")),
    (answer(407), NotAccepted(UNREACHABLE, "407")),
    (answer(429, retry_after="7"), NotAccepted(THROTTLED, "429", timedelta(seconds=7))),
    (answer(429), NotAccepted(THROTTLED, "429")),
    (answer(400), Rejected(RejectedKind.POLICY, "400")),
    (
        answer(400, about("personalizations.0.to.0.email")),
        Rejected(RejectedKind.ADDRESS, "400 personalizations.0.to.0.email"),
    ),
    (answer(400, about("from.email")), Rejected(RejectedKind.SENDER, "400 from.email")),
    (answer(400, about("No <ada@example.org>")), Rejected(RejectedKind.POLICY, "400")),
    (Answer(400, {}, b"<html>no"), Rejected(RejectedKind.POLICY, "400")),
    (answer(404), Rejected(RejectedKind.POLICY, "404")),
    (answer(405), Rejected(RejectedKind.POLICY, "405")),
    (answer(413), Rejected(RejectedKind.CONTENT, "413")),
    (answer(415), Rejected(RejectedKind.POLICY, "415")),
    (answer(422), Rejected(RejectedKind.POLICY, "422")),
    (answer(408), odd(408)),
    (answer(500), odd(500)),
    (answer(503, retry_after="1"), odd(503)),
]
TWILIO: list[tuple[Answer, Outcome]] = [
    (answer(201, {"sid": "SM1"}), Accepted("SM1")),
    (answer(201, {}), Ambiguous(Phase.BODY, Doubt.UNREADABLE, "201")),
    (Answer(201, {}, None), Ambiguous(Phase.BODY, Doubt.UNREADABLE, "201")),
    (Answer(201, {}, b"[" * 100_000), Ambiguous(Phase.BODY, Doubt.UNREADABLE, "201")),
    (answer(200, {"sid": "SM1"}), odd(200)),
    (answer(400, {"code": 21610}), Rejected(RejectedKind.OPTED_OUT, "400 21610")),
    (answer(400, {"code": 21211}), Rejected(RejectedKind.ADDRESS, "400 21211")),
    (answer(400, {"code": 21614}), Rejected(RejectedKind.ADDRESS, "400 21614")),
    (answer(400, {"code": 21408}), Rejected(RejectedKind.POLICY, "400 21408")),
    (answer(429, {"code": 20429}), NotAccepted(THROTTLED, "429 20429")),
    (answer(503, {"code": 21610}), Ambiguous(Phase.BODY, Doubt.UNEXPECTED_REPLY, "503 21610")),
    (answer(401, {"code": 20003}), NotAccepted(DENIED, "401 20003")),
]
WEBHOOK: list[tuple[Answer, Outcome]] = [
    (answer(200, {"id": "7"}), Accepted("7")),
    (answer(202, {"id": 7}), Accepted("7")),
    (answer(204), Ambiguous(Phase.BODY, Doubt.UNREADABLE, "204")),
    (answer(422, {"code": "opted_out"}), Rejected(RejectedKind.OPTED_OUT, "422 opted_out")),
    (answer(422, {"code": "address"}), Rejected(RejectedKind.ADDRESS, "422 address")),
    (answer(302, {"id": "7"}), odd(302)),
]


@pytest.mark.parametrize(("given", "outcome"), SENDGRID)
def test_sendgrids_answers_have_their_outcome(given: Answer, outcome: Outcome) -> None:
    assert outcome_of(given, sendgrid.DIALECT) == outcome


@pytest.mark.parametrize(("given", "outcome"), TWILIO)
def test_twilios_answers_have_their_outcome(given: Answer, outcome: Outcome) -> None:
    assert outcome_of(given, twilio.DIALECT) == outcome


@pytest.mark.parametrize(("given", "outcome"), WEBHOOK)
def test_an_authors_own_answers_have_their_outcome(given: Answer, outcome: Outcome) -> None:
    assert outcome_of(given, webhook.DIALECT) == outcome


@every_dialect
@given(status=st.integers(0, 999), body=st.binary(max_size=40) | st.none(), code=st.integers(0, 99_999))
def test_no_status_outside_the_table_is_ever_sure(dialect: Dialect, status: int, body: bytes | None, code: int) -> None:
    for said in (body, json.dumps({"code": code, "id": "7", "sid": "SM7"}).encode()):
        outcome = outcome_of(Answer(status, {"x-message-id": "7"}, said), dialect)
        if isinstance(outcome, NotAccepted | Rejected):
            assert status in SURE
        if isinstance(outcome, Accepted):
            assert status in dialect.yes


@every_dialect
@pytest.mark.parametrize("how", Break)
def test_a_broken_line_is_in_doubt_only_once_the_request_went_out(dialect: Dialect, how: Break) -> None:
    assert isinstance(outcome_of(Broken(Phase.BODY, how), dialect), Ambiguous)
    assert isinstance(outcome_of(Broken(Phase.CONNECT, how), dialect), NotAccepted)


NOON = "Tue, 03 Mar 2026 12:00:00 GMT"
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "30"}, 30 * SECOND),
        ({"retry-after": "9" * 5000}, PATIENCE),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon", "date": NOON}, None),
        ({"retry-after": "Tue, 03 Mar 2026 12:01:00 GMT", "date": NOON}, 60 * SECOND),
        ({"retry-after": "Tue, 03 Mar 2026 11:00:00 GMT", "date": NOON}, 0 * SECOND),
        ({"retry-after": "Tue, 03 Mar 2026 12:01:00 GMT"}, None),
        ({"x-ratelimit-reset": "1772539205", "date": NOON}, 5 * SECOND),
        ({"x-ratelimit-reset": "1772539205"}, None),
    ],
)
def test_what_the_provider_asks_us_to_wait(headers: dict[str, str], wait: timedelta | None) -> None:
    assert retry_after(headers) == wait


@given(st.text(), st.text(), st.text())
def test_no_header_can_break_the_reading_of_how_long_to_wait(asked: str, reset: str, date: str) -> None:
    wait = retry_after({"retry-after": asked, "x-ratelimit-reset": reset, "date": date})
    assert wait is None or timedelta(0) <= wait <= PATIENCE
