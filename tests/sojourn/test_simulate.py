"""`sojourn simulate`."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.sojourn.calling import Said, a_customer, an_event, call, write_lines

SIGNED_UP = an_event("signed_up", "2026-03-03T08:00:00Z")


def simulate(folder: Path, customers: Sequence[object], events: Sequence[object], *more: object) -> Said:
    cast = write_lines(folder / "customers.jsonl", customers)
    year = write_lines(folder / "events.jsonl", events)
    return call("simulate", "--customers", cast, "--events", year, "--until", "2026-06-01", *more)


def test_its_json_says_what_was_sent_who_left_and_where_everybody_is(folder: Path) -> None:
    said = simulate(folder, [a_customer(attributes={"first_name": "Ada"})], [SIGNED_UP], "--json")
    assert said.status == 0
    assert said.json == {
        "messages": [
            {"at": "2026-03-03T08:00:00Z", "customer": "c1", "channel": "email", "template": "hello",
             "journey": "welcome", "step": "hello"},
            {"at": "2026-03-05T08:00:00Z", "customer": "c1", "channel": "email", "template": "reminder",
             "journey": "welcome", "step": "reminder"},
        ],
        "left": [{"at": "2026-03-05T08:00:00Z", "customer": "c1", "journey": "welcome", "reason": "finished",
                  "label": "done"}],
        "stages": {"c1": "onboarding"},
        "attributes": {"c1": {"first_name": "Ada"}},
    }  # fmt: skip


def test_a_goal_ends_the_journey_at_once(folder: Path) -> None:
    bought = an_event("purchased", "2026-03-04T09:30:00Z", properties={"amount": 12})
    said = simulate(folder, [a_customer()], [bought, SIGNED_UP], "--json")
    assert [(one["at"], one["template"]) for one in said.json["messages"]] == [
        ("2026-03-03T08:00:00Z", "hello"),
        ("2026-03-04T09:30:00Z", "receipt"),
    ]
    assert ("welcome", "goal") in [(one["journey"], one["reason"]) for one in said.json["left"]]


def test_a_customer_begins_in_the_stage_that_the_file_gives(folder: Path) -> None:
    bought = an_event("purchased", "2026-03-04T09:30:00Z", properties={"amount": 12})
    said = simulate(folder, [a_customer(stage="onboarding"), a_customer("c2", stage="onboarding")], [bought], "--json")
    assert said.json["stages"] == {"c1": "engagement", "c2": "onboarding"}


def test_a_customer_of_whom_nothing_is_known_but_an_event_lives_too(folder: Path) -> None:
    said = simulate(folder, [], [SIGNED_UP], "--json")
    assert said.json["stages"] == {"c1": "onboarding"}
    assert said.json["messages"] == []


def test_an_event_acts_when_it_was_received(folder: Path) -> None:
    late = {**SIGNED_UP, "received_at": "2026-03-03T12:00:00Z"}
    said = simulate(folder, [a_customer()], [late], "--json")
    assert said.json["messages"][0]["at"] == "2026-03-03T12:00:00Z"


def test_an_event_that_was_received_a_day_late_starts_nothing(folder: Path) -> None:
    late = {**SIGNED_UP, "received_at": "2026-03-04T08:00:01Z"}
    said = simulate(folder, [a_customer()], [late], "--json")
    assert said.json["messages"] == []
    assert said.json["stages"] == {"c1": "onboarding"}


def test_an_event_that_claims_the_future_occurred_when_it_was_received(folder: Path) -> None:
    early = {**SIGNED_UP, "received_at": "2026-03-01T08:00:00Z"}
    assert simulate(folder, [a_customer()], [early], "--json").json["messages"][0]["at"] == "2026-03-01T08:00:00Z"


def test_the_same_event_twice_counts_once_and_equal_ones_without_an_id_count_each(folder: Path) -> None:
    bought = an_event("purchased", "2026-03-04T09:30:00Z", properties={"amount": 12})
    same = [{**bought, "id": "e1"}] * 2
    assert len(simulate(folder, [a_customer()], same, "--json").json["messages"]) == 1
    assert len(simulate(folder, [a_customer()], [bought, bought], "--json").json["messages"]) == 2


def test_the_log_tells_every_decision_by_customer_and_in_her_order(folder: Path) -> None:
    cast = [a_customer("c2"), a_customer("c1")]
    year = [an_event("signed_up", f"2026-03-0{day}", f"c{day}") for day in (1, 2)]
    simulate(folder, cast, [*year], "--log", folder / "log.jsonl")
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [(one["customer"], one["sequence"]) for one in log] == sorted(
        (one["customer"], one["sequence"]) for one in log
    )
    assert {one["decided"] for one in log} >= {"arrived", "moved", "entered", "planned", "waiting", "left"}


def test_rows_that_cannot_be_taken_are_left_out_and_told(folder: Path) -> None:
    said = simulate(folder, [a_customer(), a_customer("c2", zone="Mars/Base")], [SIGNED_UP, "{"], "--json")
    assert said.status == 1
    assert list(said.json["stages"]) == ["c1"]
    assert "customers.jsonl:2: left out: zone: found 'Mars/Base'; expected an IANA time zone" in said.err
    assert "events.jsonl:2: left out: is no JSON" in said.err


def test_it_sums_up_for_a_person(folder: Path) -> None:
    said = simulate(folder, [a_customer()], [SIGNED_UP])
    assert said.out.index("Customers") < said.out.index("Messages") < said.out.index("Left")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--until", "soon"], "--until: found 'soon'"),
        (["--until", "9999-12-31T23:00:00-10:00"], "--until: found '9999"),
        (["--customers", "nobody.jsonl"], "nobody.jsonl: cannot be read"),
    ],
)
def test_what_cannot_be_read_is_a_wrong_usage(folder: Path, wrong: list[str], told: str) -> None:
    said = simulate(folder, [], [], *wrong)
    assert said.status == 2
    assert told in said.err


def test_journeys_with_faults_are_not_simulated(folder: Path) -> None:
    (folder / "journeys/any/receipt.yaml").write_text("steps: []\n")
    said = simulate(folder, [], [])
    assert said.status == 2
    assert "journeys/any/receipt.yaml:1:" in said.err
