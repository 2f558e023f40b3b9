"""Each fault does to the SDKs what its name says, and the truth knows what was taken all the same."""

from collections.abc import Iterator
from http.client import RemoteDisconnected
from typing import Any

import httpx
import pytest
import requests
from pydantic import ValidationError
from python_http_client.exceptions import HTTPError
from twilio.base.exceptions import TwilioRestException

from channels.standin.faults import Fault, FaultKind, Faults, Operation
from channels.standin.server import StandIn
from channels.standin.wire import Provider
from tests.channels.standing import SECRETS, a_mail, a_text, eventually, sendgrid, twilio

LONG = 3600.0
TAKING = {"accept_and_lose", "accept_then_error", "accept_slowly", "slow_body", "garble"}
LOSING = {"accept_and_lose", "accept_late", "lose"}


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn(SECRETS) as running:
        yield running


def by_mail(stand_in: StandIn, correlation: str = "m1.1", timeout: float = 10) -> Any:
    """The status that SendGrid's SDK tells, or how it failed."""
    try:
        return sendgrid(stand_in, timeout=timeout).send(a_mail(correlation)).status_code
    except HTTPError as refusal:
        return refusal.status_code
    except TimeoutError:
        return "timeout"
    except (RemoteDisconnected, ConnectionResetError):
        return "lost"


def by_text(stand_in: StandIn, correlation: str = "m1.1", timeout: float = 10.0) -> Any:
    """The status that Twilio's SDK tells, with Twilio's number, or how it failed."""
    try:
        twilio(stand_in, timeout=timeout).messages.create(**a_text(correlation))
    except TwilioRestException as refusal:
        return (refusal.status, refusal.code)
    except requests.Timeout:
        return "timeout"
    except requests.ConnectionError:
        return "lost"
    except ValueError:
        return "unreadable"
    return 201


@pytest.mark.parametrize(
    ("fault", "mail", "text"),
    [
        (Fault(kind=FaultKind.ACCEPT_AND_LOSE), "lost", "lost"),
        (Fault(kind=FaultKind.ACCEPT_THEN_ERROR), 503, (503, 20500)),
        (Fault(kind=FaultKind.ACCEPT_LATE, seconds=LONG), "lost", "lost"),
        (Fault(kind=FaultKind.LOSE), "lost", "lost"),
        (Fault(kind=FaultKind.ERROR, status=500), 500, (500, 20500)),
        (Fault(kind=FaultKind.THROTTLE), 429, (429, 20429)),
        (Fault(kind=FaultKind.DENY), 401, (401, 20003)),
        (Fault(kind=FaultKind.OPTED_OUT), 202, (400, 21610)),
        (Fault(kind=FaultKind.BAD_NUMBER), 202, (400, 21211)),
        (Fault(kind=FaultKind.GARBLE), 200, "unreadable"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_a_fault_is_what_its_name_says(stand_in: StandIn, fault: Fault, mail: Any, text: Any) -> None:
    for outcome, send in ((mail, by_mail), (text, by_text)):
        stand_in.behave()
        stand_in.misbehave(fault)
        taken = len(stand_in.accepted())
        assert send(stand_in) == outcome
        assert len(stand_in.accepted()) - taken == (fault.kind in TAKING or outcome == 202)
        assert stand_in.requests()[-1].fault == ("" if outcome == 202 else fault.kind)
        assert (stand_in.requests()[-1].status is None) == (fault.kind in LOSING)
    assert stand_in.accepted() or fault.kind not in TAKING


@pytest.mark.parametrize("kind", [FaultKind.ACCEPT_SLOWLY, FaultKind.SLOW_BODY])
def test_a_slow_answer_outlasts_the_callers_patience_and_the_message_is_taken(
    stand_in: StandIn, kind: FaultKind
) -> None:
    stand_in.misbehave(Fault(kind=kind, seconds=LONG, times=2))
    assert by_mail(stand_in, "mail.1", timeout=0.2) == "timeout"
    assert by_text(stand_in, "text.1", timeout=0.2) in ("timeout", "lost")
    assert len(stand_in.accepted("mail")) == len(stand_in.accepted("text")) == 1


@pytest.mark.parametrize("kind", [FaultKind.ACCEPT_SLOWLY, FaultKind.SLOW_BODY])
def test_a_slow_answer_is_a_whole_one_in_the_end(stand_in: StandIn, kind: FaultKind) -> None:
    stand_in.misbehave(Fault(kind=kind, seconds=0.05, times=2))
    assert (by_mail(stand_in), by_text(stand_in)) == (202, 201)


def test_what_is_accepted_late_is_lost_first_and_taken_in_the_end(stand_in: StandIn) -> None:
    stand_in.misbehave(Fault(kind=FaultKind.ACCEPT_LATE, seconds=0.05))
    assert by_mail(stand_in, "late.1") == "lost"
    assert eventually(lambda: len(stand_in.accepted("late.1")) == 1)


def test_a_throttled_caller_is_told_for_how_long(stand_in: StandIn) -> None:
    stand_in.misbehave(Fault(kind=FaultKind.THROTTLE, retry_after=7, times=2))
    headers = {"Authorization": f"Bearer {SECRETS.sendgrid_key}"}
    answer = httpx.post(f"{stand_in.url}/v3/mail/send", json=a_mail(), headers=headers)
    assert answer.headers["Retry-After"] == "7"
    assert answer.json()["errors"][0]["message"] == "too many requests"


def test_sendgrids_sdk_takes_a_redirect_for_a_success_and_nothing_was_taken(stand_in: StandIn) -> None:
    stand_in.misbehave(Fault(kind=FaultKind.REDIRECT, times=2))
    assert by_mail(stand_in) == 200
    assert by_text(stand_in)[0] == 302
    assert stand_in.accepted() == ()


def test_faults_meet_the_next_requests_in_their_order_and_then_all_is_well(stand_in: StandIn) -> None:
    stand_in.misbehave(Fault(kind=FaultKind.ERROR, times=2), Fault(kind=FaultKind.LOSE))
    assert [by_mail(stand_in) for _ in range(4)] == [503, 503, "lost", 202]


def test_a_fault_meets_only_whom_it_is_meant_for(stand_in: StandIn) -> None:
    stand_in.misbehave(
        Fault(kind=FaultKind.ERROR, provider=Provider.TWILIO),
        Fault(kind=FaultKind.LOSE, message="m7"),
        Fault(kind=FaultKind.DENY, message="m8.2"),
    )
    assert [by_mail(stand_in, name) for name in ("m6.1", "m7.3", "m8.1", "m8.2")] == [202, "lost", 202, 401]
    assert by_text(stand_in, "m6.1") == (503, 20500)


def test_a_request_that_is_wrong_meets_no_fault(stand_in: StandIn) -> None:
    stand_in.misbehave(Fault(kind=FaultKind.LOSE))
    assert by_mail(stand_in, "no-correlation") == 400
    assert by_mail(stand_in) == "lost"


@pytest.mark.parametrize("kind", [FaultKind.ERROR, FaultKind.LOSE, FaultKind.THROTTLE, FaultKind.ACCEPT_AND_LOSE])
def test_look_ups_have_faults_of_their_own(stand_in: StandIn, kind: FaultKind) -> None:
    stand_in.misbehave(Fault(kind=kind, on=Operation.LOOK_UP))
    logs = sendgrid(stand_in).client.logs
    assert by_mail(stand_in) == 202
    with pytest.raises((HTTPError, ConnectionError)):
        logs.post(request_body={"query": "to_email = 'ada@example.org'"})
    assert len(logs.post(request_body={"query": "to_email = 'ada@example.org'"}).to_dict["messages"]) == 1
    assert len(stand_in.accepted()) == 1


def cast(faults: Faults, correlations: list[str]) -> dict[str, FaultKind | None]:
    """What each meets."""
    met = {name: faults.take(Provider.SENDGRID, Operation.SUBMIT, name) for name in correlations}
    return {name: fault.kind if fault else None for name, fault in met.items()}


def test_chance_depends_on_the_seed_and_not_on_the_order_of_requests() -> None:
    names = [f"m{number}.1" for number in range(400)]
    ordered = [Fault(kind=FaultKind.LOSE, probability=0.25, seed=3), Fault(kind=FaultKind.ERROR, probability=0.5)]
    faults = [Faults() for _ in range(3)]
    for one in faults[:2]:
        one.order(*ordered)
    faults[2].order(ordered[0].model_copy(update={"seed": 4}))
    there, back, other = cast(faults[0], names), cast(faults[1], names[::-1]), cast(faults[2], names)
    assert there == back
    assert 60 < sum(kind is FaultKind.LOSE for kind in there.values()) < 140
    assert 100 < sum(kind is FaultKind.ERROR for kind in there.values()) < 200
    assert {name for name in names if there[name] is FaultKind.LOSE} != {name for name in names if other[name]}


def test_each_try_of_the_same_request_has_a_chance_of_its_own() -> None:
    faults = Faults()
    faults.order(Fault(kind=FaultKind.LOSE, probability=0.5))
    met = [faults.take(Provider.TWILIO, Operation.SUBMIT, "m1.1") is not None for _ in range(50)]
    assert set(met) == {True, False}


def test_a_fault_by_chance_lasts_until_it_is_lifted_or_used_up() -> None:
    faults = Faults()
    faults.order(Fault(kind=FaultKind.LOSE, probability=0.999, times=2))
    cast(faults, [f"m{number}.1" for number in range(50)])
    assert faults.waiting() == ()
    faults.order(Fault(kind=FaultKind.LOSE, probability=0.5))
    cast(faults, [f"m{number}.1" for number in range(50)])
    assert len(faults.waiting()) == 1
    faults.clear()
    assert set(cast(faults, ["m1.1", "m2.1"]).values()) == {None}


@pytest.mark.parametrize("said", [{"kind": "explode"}, {"kind": "lose", "often": 3}, {"kind": "lose", "times": 0},
                                  {"kind": "lose", "probability": 1.5}, {}])  # fmt: skip
def test_a_fault_that_is_none_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(said)


def test_faults_are_ordered_and_the_truth_is_told_over_http_too(stand_in: StandIn) -> None:
    with httpx.Client(base_url=f"{stand_in.url}/stand-in") as pages:
        assert pages.post("/faults", json={"kind": "accept_and_lose"}).status_code == 201
        assert by_mail(stand_in) == "lost"
        [taken] = pages.get("/accepted", params={"message": "m1"}).json()["accepted"]
        assert (taken["correlation"], taken["fault"]) == ("m1.1", "accept_and_lose")
        assert pages.get(f"/accepted/{taken['number']}").json()["subject"] == "Hello"
        assert pages.get("/accepted/2").status_code == 404
        assert pages.post("/faults", json=[{"kind": "lose"}, {"kind": "deny", "times": 2}]).status_code == 201
        assert [fault["times"] for fault in pages.get("/faults").json()["faults"]] == [1, 2]
        assert pages.delete("/faults").json() == {"faults": []}
        assert pages.post("/faults", json={"kind": "explode"}).status_code == 422
        assert by_mail(stand_in, "wrong") == 400
        [wrong] = pages.get("/requests", params={"wrong": True}).json()["requests"]
        assert wrong["status"] == 400
        assert pages.post("/lag", json={"seconds": 5}).json() == {"seconds": 5}


def test_a_page_of_another_host_cannot_read_what_was_taken(stand_in: StandIn) -> None:
    assert httpx.get(f"{stand_in.url}/stand-in/accepted", headers={"Host": "evil.example"}).status_code == 400


def test_no_key_and_no_token_shows() -> None:
    assert "right" not in repr(SECRETS)
