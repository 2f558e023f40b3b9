"""Stages: one at a time, one move a cause, rules that time makes true, and what a move ends and lets in."""

import pytest

from engine.customer import Customer
from engine.decisions import Decided
from engine.facts import Event
from engine.release import Release
from engine.words import EventKind
from tests.engine.lives import a_cause, a_customer, a_release, an_event, at, decided, left, live, sent, since

QUIET = "purpose: marketing\ntopic: tips\nenter: {event: nothing}\nsteps: [{email: one}]\n"
HEAD = "purpose: marketing\ntopic: tips\n"


def moves(her: Customer) -> list[tuple[str, str]]:
    return [(since(one.at), one.to) for one in her.effects.moves]


def a_life(stages: str, **files: str) -> Release:
    return a_release({"any/quiet": QUIET}, lifecycle=f"start: a\nstages:\n  a: {{about: first}}\n{stages}", **files)


def lived(stages: str, *events: Event, days: float = 100, who: Customer | None = None, **files: str) -> Customer:
    return live(a_life(stages, **files), list(events), at(days), who)


def test_the_first_rule_of_the_file_that_is_true_wins_and_one_cause_moves_once() -> None:
    stages = "  b: {enter: {event: x}, from: [a]}\n  c: {enter: {event: x}, from: [a, b]}\n"
    her = lived(stages, an_event("x"), an_event("x", at(1)))
    assert moves(her) == [("0d 00:00", "a"), ("0d 00:00", "b"), ("1d 00:00", "c")]


def test_a_rule_applies_only_from_the_stages_it_names_or_from_any() -> None:
    stages = "  b: {enter: {event: x}, from: [c]}\n  c: {enter: {event: y}, from: any}\n"
    her = lived(stages, an_event("x"), an_event("y", at(1)), an_event("x", at(2)), an_event("y", at(3)))
    assert moves(her) == [("0d 00:00", "a"), ("1d 00:00", "c"), ("2d 00:00", "b"), ("3d 00:00", "c")]


def test_an_event_in_a_rule_is_this_very_cause_and_a_count_is_a_state() -> None:
    stages = (
        "  b: {enter: {event: x, at_least: 2}, from: [a]}\n  c: {enter: {all: [{event: x}, {event: y}]}, from: [b]}\n"
    )
    her = lived(stages, an_event("x"), an_event("x", at(1)), an_event("y", at(2)))
    assert moves(her) == [("0d 00:00", "a"), ("1d 00:00", "b")]


@pytest.mark.parametrize("seconds", [0, 1])
def test_absence_moves_her_at_its_very_instant_whether_or_not_she_is_in_a_journey(seconds: int) -> None:
    stages = "  b: {enter: {absent: x, for: 30 days}, from: [a]}\n"
    her = lived(stages, an_event("x", at(1, seconds=seconds)), days=31)
    assert moves(her)[1:] == ([("31d 00:00", "b")] if seconds == 0 else [])


def test_the_window_of_a_count_moves_her_when_it_runs_empty() -> None:
    stages = "  b: {enter: {event: x, at_most: 1, within_last: 10 days}, from: [a]}\n"
    her = lived(stages, *(an_event("x", at(hours=n)) for n in range(3)), who=a_customer(known_since=at(-1), stage="a"))
    assert moves(her) == [("0d 00:00", "a"), ("0d 00:00", "b")]
    stages = "  b: {enter: {event: x, at_least: 3, within_last: 10 days}, from: [a]}\n"
    stages += "  c: {enter: {event: x, at_most: 1, within_last: 10 days}, from: [b]}\n"
    her = lived(stages, *(an_event("x", at(hours=n)) for n in range(3)))
    assert moves(her) == [("0d 00:00", "a"), ("0d 02:00", "b"), ("10d 01:00", "c")]


def test_a_date_moves_her_when_it_comes() -> None:
    stages = "  b: {enter: {attribute: renews, before: now}, from: [a]}\n"
    her = lived(stages, an_event("x"), who=a_customer(attributes={"renews": "2026-03-12T09:00:00Z"}))
    assert her.effects.moves[1].at.isoformat() == "2026-03-12T09:00:00.000001+00:00"


def test_a_segment_moves_her_through_its_own_leaves() -> None:
    stages = "  b: {enter: {segment: lazy}, from: [a]}\n"
    her = lived(stages, an_event("x"), segments="lazy: {absent: x, for: 5 days}\n")
    assert moves(her)[1:] == [("5d 00:00", "b")]


def test_during_stay_no_rule_moves_her_and_its_end_asks_the_rules_again() -> None:
    stages = (
        "  b: {enter: {event: x}, from: [a], stay: 10 days}\n  c: {enter: {attribute: nps, at_least: 9}, from: [b]}\n"
    )
    nps = a_cause(EventKind.IDENTIFY, at(2), attributes={"nps": 9})
    her = lived(stages, an_event("x"), nps)
    assert moves(her) == [("0d 00:00", "a"), ("0d 00:00", "b"), ("10d 00:00", "c")]


def test_an_event_during_stay_is_gone_when_it_ends() -> None:
    stages = "  b: {enter: {event: x}, from: [a], stay: 10 days}\n  c: {enter: {event: y}, from: [b]}\n"
    her = lived(stages, an_event("x"), an_event("y", at(2)))
    assert moves(her)[2:] == []
    assert moves(lived(stages, an_event("x"), an_event("y", at(10))))[2:] == [("10d 00:00", "c")]


def test_the_api_and_a_journey_move_her_during_stay() -> None:
    stages = "  b: {enter: {event: x}, from: [a], stay: 10 days}\n  c: {about: last}\n"
    for move in (a_cause(EventKind.MOVE, at(2), stage="c"), a_cause(EventKind.IDENTIFY, at(2), stage="c")):
        her = lived(stages, an_event("x"), move)
        assert moves(her)[2:] == [("2d 00:00", "c")]
        assert her.effects.moves[2].by == "api"
    journey = HEAD + "enter: {event: go}\nsteps: [{email: one}, {move_to: c}]\n"
    release = a_release({"any/j": journey}, lifecycle=f"start: a\nstages:\n  a: {{about: first}}\n{stages}")
    her = live(release, [an_event("x"), an_event("go", at(2))], at(9))
    assert (her.stage, her.effects.moves[-1].by) == ("c", "j")


def test_a_state_that_is_true_already_moves_her_on_at_the_same_instant() -> None:
    stages = "  b: {enter: {event: x}, from: [a]}\n  c: {enter: {attribute: vip, is: true}, from: [b]}\n"
    her = lived(stages, an_event("x"), who=a_customer(attributes={"vip": True}))
    assert moves(her) == [("0d 00:00", "a"), ("0d 00:00", "b"), ("0d 00:00", "c")]


def test_stages_that_chase_each_other_are_stopped_after_a_hundred_generations_and_reported() -> None:
    stages = (
        "  b: {enter: {attribute: vip, is: true}, from: [a]}\n  c: {enter: {attribute: vip, is: true}, from: [b]}\n"
    )
    stages += (
        "  d: {enter: {attribute: vip, is: true}, from: [c]}\n  e: {enter: {attribute: vip, is: true}, from: [d]}\n"
    )
    release = a_life(
        stages
        + "  f: {enter: {attribute: vip, is: true}, from: [e, g]}\n"
        + "  g: {enter: {attribute: vip, is: true}, from: [f]}\n"
    )
    her = live(release, [an_event("x")], at(9), a_customer(attributes={"vip": True}))
    assert len(her.effects.moves) == 102
    assert [one.detail["why"] for one in decided(her, Decided.REFUSED)] == ["too_many_generations"]


def test_a_customer_is_known_since_she_was_created_else_since_her_first_event() -> None:
    stages = "  b: {enter: {absent: y, for: 30 days}, from: [a]}\n"
    assert moves(lived(stages, an_event("x")))[1:] == [("30d 00:00", "b")]
    assert moves(lived(stages, an_event("x"), who=a_customer(known_since=at(-10))))[1:] == [("20d 00:00", "b")]


def test_journeys_of_a_stage_that_was_left_end_unless_they_survive() -> None:
    steps = "enter: {event: hello}\nsteps: [{wait: 3 days}, {email: one}]\n"
    release = a_release(
        {"new/j": HEAD + steps, "new/k": HEAD + steps + "survives_stage: true\n", "any/l": HEAD + steps}
    )
    her = live(release, [an_event("hello"), an_event("activated", at(1))], at(9))
    assert {one.journey: str(one.reason) for one in her.enrollments} == {
        "j": "stage_left",
        "k": "finished",
        "l": "finished",
    }


def test_an_update_that_makes_a_stage_rule_true_ends_its_own_journey() -> None:
    lifecycle = "start: a\nstages:\n  a: {about: first}\n  b: {enter: {attribute: vip, is: true}, from: [a]}\n"
    journey = HEAD + "enter: {event: hello}\nsteps: [{update: {vip: true}}, {wait: 1 day}, {email: one}]\n"
    assert left(live(a_release({"a/j": journey}, lifecycle=lifecycle), [an_event("hello")], at(9))) == [
        ("0d 00:00", "stage_left")
    ]


def test_every_move_is_recorded_with_its_cause() -> None:
    stages = "  b: {enter: {event: x}, from: [a]}\n  c: {enter: {absent: x, for: 5 days}, from: [b]}\n"
    x = an_event("x")
    her = lived(stages, x)
    assert [one.cause for one in her.effects.moves] == [x.id, x.id, "recheck 2026-03-07T09:00:00Z"]
    assert [one.by for one in her.effects.moves] == ["start", "rule", "rule"]


def test_the_stage_in_which_everybody_begins_lets_in_with_the_first_cause() -> None:
    journey = HEAD + "enter: {stage: new, existing: ignore}\nsteps: [{email: one}]\n"
    assert sent(live(a_release({"new/j": journey}), [an_event("x")], at(1))) == [("0d 00:00", "one")]
    assert sent(live(a_release({"new/j": journey}), [an_event("x")], at(1), a_customer(stage="new"))) == []


def test_who_moves_through_a_stage_is_offered_only_the_journeys_of_where_the_cause_leaves_her() -> None:
    journey = HEAD + "enter: {stage: active, existing: ignore}\nsteps: [{email: one}]\n"
    her = live(a_release({"active/j": journey}), [an_event("activated")], at(1))
    assert sent(her) == [("0d 00:00", "one")]
