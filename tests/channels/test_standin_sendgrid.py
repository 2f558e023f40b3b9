"""The stand-in is SendGrid to SendGrid's SDK, and stricter than SendGrid."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from python_http_client.exceptions import BadRequestsError, HTTPError, NotFoundError, UnauthorizedError

from channels.standin.descriptions import LOGS, Descriptions
from channels.standin.sendgrid.logs import NoQuery, parse
from channels.standin.server import StandIn
from tests.channels.standing import OFF, SECRETS, SPECS, a_mail, needs_specs, sendgrid

ADA = {"email": "ada@example.org"}
ARGS = {"sojourn_id": "m1.1"}
ONE_CLICK = {"List-Unsubscribe": "<https://acme.example/u/1>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    with StandIn(SECRETS) as running:
        yield running


def refusal(stand_in: StandIn, body: Any) -> list[dict[str, Any]]:
    """The errors that a request is answered with."""
    with pytest.raises(BadRequestsError) as raised:
        sendgrid(stand_in).send(body)
    errors: list[dict[str, Any]] = raised.value.to_dict["errors"]
    return errors


def search(stand_in: StandIn, query: str, limit: int = 10) -> list[dict[str, Any]]:
    """What the e-mail logs find."""
    answer = sendgrid(stand_in).client.logs.post(request_body={"query": query, "limit": limit})
    messages: list[dict[str, Any]] = answer.to_dict["messages"]
    return messages


def test_a_sound_message_is_taken_and_the_truth_knows_it_by_its_correlation(stand_in: StandIn) -> None:
    answer = sendgrid(stand_in).send(a_mail("taken.2", headers=ONE_CLICK))
    assert answer.status_code == 202
    [accepted] = stand_in.accepted("taken")
    assert (accepted.correlation, accepted.to, accepted.subject) == ("taken.2", "ada@example.org", "Hello")
    assert accepted.provider_id == answer.headers["X-Message-Id"]


def test_what_comes_twice_is_taken_twice(stand_in: StandIn) -> None:
    ids = {sendgrid(stand_in).send(a_mail("twice.1")).headers["X-Message-Id"] for _ in range(2)}
    assert len(ids) == len(stand_in.accepted("twice.1")) == 2


def test_a_wrong_key_is_denied(stand_in: StandIn) -> None:
    with pytest.raises(UnauthorizedError) as raised:
        sendgrid(stand_in, key="SG.wrong").send(a_mail("denied.1"))
    assert raised.value.to_dict["errors"][0]["field"] is None
    assert stand_in.requests()[-1].findings
    assert stand_in.accepted("denied.1") == ()


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("personalizations", {"personalizations": []}),
    ("personalizations", {"personalizations": [{"to": [ADA], "custom_args": ARGS}] * 2}),
    ("personalizations.0.to", {"personalizations": [{"to": [ADA, ADA], "custom_args": ARGS}]}),
    ("personalizations.0.to.0.email", {"personalizations": [{"to": [{"email": "ada"}], "custom_args": ARGS}]}),
    ("personalizations.0.cc", {"personalizations": [{"to": [ADA], "cc": [ADA], "custom_args": ARGS}]}),
    ("personalizations.0.custom_args.sojourn_id", {"personalizations": [{"to": [ADA]}]}),
    (
        "personalizations.0.custom_args.sojourn_id",
        {"personalizations": [{"to": [ADA], "custom_args": {"sojourn_id": "m1"}}]},
    ),
    ("personalizations.0.custom_args", {"personalizations": [{"to": [ADA], "custom_args": {**ARGS, "n": 1}}]}),
    (
        "personalizations.0.custom_args",
        {"personalizations": [{"to": [ADA], "custom_args": {**ARGS, "n": "x" * 10_000}}]},
    ),
    ("custom_args", {"custom_args": ARGS}),
    ("send_at", {"send_at": 1}),
    ("mail_settings", {"mail_settings": {"sandbox_mode": {"enable": True}}}),
    ("from.name", {"from": {"email": "a@acme.example", "name": ""}}),
    ("from.name", {"from": {"email": "a@acme.example", "name": "Acme, Inc"}}),
    ("from.email", {"from": {"name": "Acme"}}),
    ("subject", {"subject": ""}),
    ("subject", {"subject": None}),
    ("subject", {"subject": "Hi\r\nBcc: eve@evil.example"}),
    ("content", {"content": [{"type": "text/html", "value": "<p>"}]}),
    ("content", {"content": [{"type": "text/html", "value": "<p>"}, {"type": "text/plain", "value": "x"}]}),
    ("content.0.value", {"content": [{"type": "text/plain", "value": ""}]}),
    ("tracking_settings.click_tracking.enable", {"tracking_settings": {}}),
    ("tracking_settings.open_tracking.enable", {"tracking_settings": {**OFF, "open_tracking": {"enable": 0}}}),
    ("tracking_settings.subscription_tracking.enable", {"tracking_settings": {**OFF, "subscription_tracking": {}}}),
    ("tracking_settings.click_tracking.enable_text",
     {"tracking_settings": {**OFF, "click_tracking": {"enable": True}}}),
    ("headers", {"headers": {"List-Unsubscribe": "<https://acme.example/u/1>"}}),
    ("headers", {"headers": {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}}),
    ("headers.List-Unsubscribe-Post", {"headers": {**ONE_CLICK, "List-Unsubscribe-Post": "yes"}}),
    ("headers.List-Unsubscribe", {"headers": {**ONE_CLICK, "List-Unsubscribe": "<mailto:u@acme.example>"}}),
    ("headers.List-Unsubscribe", {"headers": {**ONE_CLICK, "List-Unsubscribe": "<http://acme.example/u/1>"}}),
    ("headers.Bcc", {"headers": {"Bcc": "eve@evil.example"}}),
    ("headers.'X-A'", {"headers": {"X-A": "a\nBcc: eve"}}),
    ("headers.'X-A'", {"headers": {"X-A": 1}}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "said"), WRONG)
def test_what_we_would_not_have_sent_is_refused_and_noted(stand_in: StandIn, field: str, said: dict[str, Any]) -> None:
    taken = len(stand_in.accepted())
    assert field in {error["field"] for error in refusal(stand_in, a_mail(**said))}
    assert any(finding.startswith(f"{field}: ") for finding in stand_in.requests()[-1].findings)
    assert len(stand_in.accepted()) == taken


@pytest.mark.parametrize("body", ["", "null", "[]", "{", '{"personalizations": {"0": 1}, "content": 3, "headers": []}',
                                  '{"personalizations": [1], "from": "x", "tracking_settings": [true]}'])  # fmt: skip
def test_what_is_no_request_at_all_is_refused_and_crashes_nothing(stand_in: StandIn, body: str) -> None:
    with pytest.raises(HTTPError) as raised:
        sendgrid(stand_in).client.mail.send.post(request_body=body, request_headers={"Content-Type": "text/plain"})
    assert raised.value.status_code == 400


def test_the_logs_find_a_message_by_address_and_time_and_give_its_correlation_back(stand_in: StandIn) -> None:
    to = [{"to": [{"email": "logs@example.org"}], "custom_args": {"sojourn_id": "logged.1"}}]
    answer = sendgrid(stand_in).send(a_mail(personalizations=to))
    query = (
        "to_email = 'logs@example.org' AND sg_message_id_created_at >= TIMESTAMP \"2026-01-01T00:00:00Z\""
        " AND status IN ('delivered', 'processed')"
    )
    [row] = search(stand_in, query)
    assert row["sg_message_id"].startswith(answer.headers["X-Message-Id"] + ".")
    opened = sendgrid(stand_in).client.logs._(row["sg_message_id"]).get().to_dict
    assert opened["custom_args"] == {"sojourn_id": "logged.1"}
    assert [event["event"] for event in opened["events"]] == ["processed", "delivered"]
    assert search(stand_in, "to_email = 'logs@example.org' AND subject = 'Another'") == []


def test_the_logs_are_the_latest_first_and_no_more_than_were_asked_for(stand_in: StandIn) -> None:
    to = [{"to": [{"email": "many@example.org"}], "custom_args": ARGS}]
    for number in range(3):
        sendgrid(stand_in).send(a_mail(personalizations=to, subject=f"No. {number}"))
    assert [row["subject"] for row in search(stand_in, "to_email = 'many@example.org'", 2)] == ["No. 2", "No. 1"]


def test_the_logs_are_as_late_as_they_are_told_to_be() -> None:
    with StandIn(SECRETS) as stand_in:
        stand_in.lag(3600)
        sendgrid(stand_in).send(a_mail("late.1"))
        assert len(stand_in.accepted("late.1")) == 1
        assert search(stand_in, "to_email = 'ada@example.org'") == []
        stand_in.lag(0)
        assert len(search(stand_in, "to_email = 'ada@example.org'")) == 1


def test_a_message_that_nobody_took_is_not_found(stand_in: StandIn) -> None:
    with pytest.raises(NotFoundError) as raised:
        sendgrid(stand_in).client.logs._("nothing.recvd-standin-1-1.0").get()
    assert raised.value.to_dict["errors"]


@pytest.mark.parametrize(
    "query",
    [
        "to_email = ada@example.org",
        "to_email LIKE 'ada%'",
        "to_email = 'a' OR to_email = 'b'",
        "(to_email = 'a')",
        "status = 'delivered'",
        "to_email = 'it's'",
        "sg_message_id_created_at > '2026-01-01T00:00:00Z'",
        'sg_message_id_created_at > TIMESTAMP "yesterday"',
        "to_email = 'a' AND",
    ],
)
def test_a_query_that_the_logs_do_not_know_is_refused(stand_in: StandIn, query: str) -> None:
    with pytest.raises(NoQuery):
        parse(query)
    with pytest.raises(BadRequestsError):
        search(stand_in, query)


def test_and_within_quotes_is_no_and() -> None:
    assert parse("subject = 'Salt AND pepper' AND to_email = 'a'")({"subject": "Salt AND pepper", "to_email": "a"})


@needs_specs
@pytest.mark.parametrize(
    "said",
    [
        {"subjekt": "x"},
        {"categories": ["a"] * 11},
        {"reply_to": {"name": "Ada"}, "asm": {"group_id": "7"}},
        {"attachments": [{"content": "eA=="}]},
    ],
)
def test_what_sendgrid_describes_otherwise_is_refused(said: dict[str, Any]) -> None:
    with StandIn(SECRETS, specs=SPECS) as stand_in:
        sendgrid(stand_in).send(a_mail(headers=ONE_CLICK, categories=["onboarding"]))
        assert any("description" in error["message"] for error in refusal(stand_in, a_mail(**said)))
        assert len(stand_in.accepted()) == 1


@needs_specs
def test_the_logs_answer_as_sendgrid_describes_them() -> None:
    described = Descriptions(SPECS)
    with StandIn(SECRETS, specs=SPECS) as stand_in:
        sendgrid(stand_in).send(a_mail())
        [row] = search(stand_in, "to_email = 'ada@example.org'")
        opened = sendgrid(stand_in).client.logs._(row["sg_message_id"]).get().to_dict
    assert described.of_answer(LOGS, "/v3/logs", "post", 200, {"messages": [row]}) == []
    assert described.of_answer(LOGS, "/v3/logs/{sg_message_id}", "get", 200, {**opened, "events": []}) == []
    assert described.of_answer(LOGS, "/v3/logs", "post", 200, {"messages": [json.loads("{}")]})


def test_what_went_to_an_erased_address_is_forgotten_and_that_it_was_taken_stays_true() -> None:
    with StandIn(SECRETS) as stand_in:
        sendgrid(stand_in).send(a_mail("forgotten.1"))
        erased = sendgrid(stand_in).client.recipients.erasejob.post({"email_addresses": ["Ada@example.org"]})
        assert (erased.status_code, "job_id" in erased.to_dict) == (202, True)
        [accepted] = stand_in.accepted("forgotten")
        assert (accepted.to, accepted.subject) == ("", "")
        assert httpx.get(f"{stand_in.url}/stand-in/accepted/{accepted.number}").status_code == 404
        found = sendgrid(stand_in).client.logs.post({"query": "to_email = 'ada@example.org'"})
        assert found.to_dict == {"messages": []}


@pytest.mark.parametrize("said", [{}, {"email_addresses": []}, {"email_addresses": ["nobody"]}, {"emails": ["a@b.c"]}])
def test_an_erasure_that_names_no_address_is_refused(said: dict[str, Any]) -> None:
    with StandIn(SECRETS) as stand_in:
        headers = {"Authorization": f"Bearer {SECRETS.sendgrid_key}"}
        assert httpx.post(f"{stand_in.url}/v3/recipients/erasejob", json=said, headers=headers).status_code == 400
