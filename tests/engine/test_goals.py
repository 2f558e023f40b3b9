"""Goals, exits and the other ways of leaving: when they count, and that they take effect at once."""

from typing import Any

import pytest

from engine.customer import Customer
from engine.decisions import Decided
from engine.facts import Event
from engine.words import EventKind, Origin
from tests.engine.lives import a_cause, a_customer, a_release, an_event, at, decided, left, live, sent

HEAD = "purpose: marketing\ntopic: tips\nenter: {event: hello}\n"
STEPS = "steps: [{email: one}, {wait: 3 days}, {email: two}]\n"


def lived(rest: str, *events: Event, who: Customer | None = None, days: float = 40) -> Customer:
    return live(a_release({"any/j": HEAD + STEPS + rest}), [an_event("hello"), *events], at(days), who)


def templates(her: Customer) -> list[str]:
    return [template for _, template in sent(her)]


# goals


def test_the_first_match_converts_and_the_value_adds_up_numbers_only() -> None:
    goal = "goal: {event: bought, within: 14 days, value: amount}\n"
    her = lived(
        goal, *(an_event("bought", at(n), amount=value) for n, value in ((1, 5), (2, "7"), (3, True), (4, 2.5)))
    )
    assert (her.enrollments[0].goal_at, her.enrollments[0].goal_value) == (at(1), 7.5)
    assert len(decided(her, Decided.GOAL)) == 1


def test_the_end_of_a_goals_time_alone_ends_nothing() -> None:
    assert left(lived("goal: {event: bought, within: 1 day}\n")) == [("3d 00:00", "finished")]


def test_a_goal_counts_for_holdouts_too() -> None:
    her = lived("goal: {event: bought, within: 14 days}\nholdout: 100%\n", an_event("bought", at(5)))
    assert (her.enrollments[0].goal_at, her.enrollments[0].held_out) == (at(5), True)


def test_a_goal_that_was_reached_before_entry_does_not_count_and_the_entering_event_neither() -> None:
    release = a_release(
        {"any/j": (HEAD + STEPS).replace("hello", "bought") + "goal: {event: bought, within: 9 days}\n"}
    )
    her = live(release, [an_event("bought")], at(20))
    assert (her.enrollments[0].goal_at, left(her)) == (None, [("3d 00:00", "finished")])


def test_a_state_as_goal_is_reached_when_time_makes_it_true() -> None:
    her = lived("goal: {absent: seen, for: 1 day, within: 14 days}\n", an_event("seen", at(hours=1)))
    assert left(her) == [("1d 01:00", "goal")]


def test_a_state_that_holds_on_counts_once() -> None:
    goal = "goal: {attribute: plan, is: pro, within: 14 days, then: continue}\n"
    her = lived(goal, a_cause(EventKind.IDENTIFY, at(1), attributes={"plan": "pro"}), an_event("seen", at(2)))
    assert len(decided(her, Decided.GOAL)) == 1
    assert left(her) == [("3d 00:00", "finished")]


def test_a_state_reached_after_its_time_neither_counts_nor_holds_up_a_journey_that_continues() -> None:
    goal = "goal: {attribute: plan, is: pro, within: 1 day, then: continue}\n"
    her = lived(goal, a_cause(EventKind.IDENTIFY, at(2), attributes={"plan": "pro"}), an_event("seen", at(2)))
    assert her.enrollments[0].goal_at is None
    assert left(her) == [("3d 00:00", "finished")]
    assert not decided(her, Decided.REFUSED)


def test_a_goals_steps_outside_the_window_go_at_its_opening_and_then_she_leaves() -> None:
    goal = "goal: {event: bought, within: 14 days, then: [{email: five}, {update: {happy: true}}]}\n"
    window = "window: {from: 09:00, to: 18:00, zone: customer}\n"
    her = lived(
        goal + window + "exit: [{event: cancelled}]\n",
        an_event("bought", at(hours=12)),
        an_event("cancelled", at(hours=13)),
    )
    assert her.enrollments[0].goal_at == at(hours=12)
    assert sent(her) == [("0d 00:00", "one"), ("0d 23:00", "five")]
    assert (left(her), her.attributes) == ([("0d 23:00", "goal")], {"happy": True})


def test_neither_a_move_nor_an_opt_out_ends_an_enrollment_whose_goals_steps_are_under_way() -> None:
    goal = "goal: {event: bought, within: 14 days, then: [{email: five}]}\n"
    window = "window: {from: 09:00, to: 18:00, zone: customer}\n"
    opt_out = a_cause(EventKind.CONSENT, at(hours=14), channel="email", topic="tips", state=False)
    release = a_release({"new/j": HEAD + STEPS + goal + window})
    events = [an_event("hello"), an_event("bought", at(hours=12)), an_event("activated", at(hours=13)), opt_out]
    her = live(release, events, at(9))
    assert left(her) == [("0d 23:00", "goal")]
    assert [one.detail["why"] for one in decided(her, Decided.WITHHELD)] == ["no_consent"]


def test_a_goal_takes_what_is_planned_back_but_not_its_own_steps() -> None:
    release = a_release(
        {"any/j": HEAD + "steps: [{email: one}, {wait: 3 days}]\ngoal: {event: paid, then: [{email: five}]}\n"}
    )
    her = live(release, [an_event("hello"), an_event("paid")], at(9))
    assert templates(her) == ["five"]
    assert her.enrollments[0].id in her.effects.withdrawn


def test_a_keyed_goal_counts_only_its_own_key() -> None:
    keyed = HEAD.replace("hello}", "hello, key: id}") + STEPS
    events = [an_event("hello", id="x"), an_event("bought", at(1), id="y"), an_event("bought", at(2), id="x")]
    assert left(live(a_release({"any/j": keyed + "goal: {event: bought}\n"}), events, at(9))) == [("2d 00:00", "goal")]
    any_key = "goal: {event: bought, any_key: true}\n"
    assert left(live(a_release({"any/j": keyed + any_key}), events, at(9))) == [("1d 00:00", "goal")]


def test_goals_come_before_exits() -> None:
    her = lived("goal: {event: bought}\nexit: [{event: bought}]\n", an_event("bought", at(1)))
    assert left(her) == [("1d 00:00", "goal")]


# exits


def test_exits_bar_as_states_and_end_as_events() -> None:
    her = lived("exit: [{event: cancelled, where: {why: price}}]\n", an_event("cancelled", at(1), why="x"))
    assert left(her) == [("3d 00:00", "finished")]
    her = lived("exit: [{event: cancelled, where: {why: price}}]\n", an_event("cancelled", at(1), why="price"))
    assert left(her) == [("1d 00:00", "exit")]


def test_an_exit_that_an_own_update_makes_true_ends_her_in_the_next_generation() -> None:
    release = a_release({"any/j": HEAD + "exit: [{attribute: a, is: 1}]\nsteps: [{update: {a: 1}}, {wait: 1 day}]\n"})
    assert left(live(release, [an_event("hello")], at(9))) == [("0d 00:00", "exit")]


def test_an_exit_by_stage_ends_her_with_the_move() -> None:
    her = lived("exit: [{stage: active}]\n", an_event("activated", at(1)))
    assert left(her) == [("1d 00:00", "exit")]


def test_exit_done_leaves_as_finished_with_the_word_as_label() -> None:
    her = live(a_release({"any/j": HEAD + "steps: [{email: one}, {exit: done}]\n"}), [an_event("hello")], at(1))
    assert (her.enrollments[0].reason, her.enrollments[0].label) == ("finished", "done")


@pytest.mark.parametrize("said", [{}, {"journey": "j"}])
def test_a_forced_exit_takes_effect_in_any_wait(said: dict[str, Any]) -> None:
    assert left(lived("", a_cause(EventKind.EXIT, at(1), **said))) == [("1d 00:00", "forced")]


def test_a_forced_exit_names_whom_it_ends() -> None:
    her = lived("", a_cause(EventKind.EXIT, at(1), journey="other"), a_cause(EventKind.EXIT, at(2), enrollment="no"))
    assert left(her) == [("3d 00:00", "finished")]
    own = her.enrollments[0].id
    assert left(lived("", a_cause(EventKind.EXIT, at(1), enrollment=own))) == [("1d 00:00", "forced")]


def test_an_opt_out_ends_a_journey_only_when_none_of_its_messages_may_reach_her() -> None:
    both = a_release(
        {"any/j": HEAD + "steps: [{wait: 1 day}, {email: one, fallback: {sms: two}}, {email: five, topic: offers}]\n"}
    )
    opted_out = (("email", "tips"), ("email", "offers"), ("sms", "tips"))
    opt_out = [
        a_cause(EventKind.CONSENT, at(minutes=n), channel=channel, topic=topic, state=False)
        for n, (channel, topic) in enumerate(opted_out, 1)
    ]
    assert templates(live(both, [an_event("hello"), *opt_out[:1]], at(9))) == ["two", "five"]
    assert templates(live(both, [an_event("hello"), *opt_out[:2]], at(9))) == ["two"]
    assert left(live(both, [an_event("hello"), *opt_out], at(9))) == [("0d 00:03", "no_permission")]


def test_a_suppression_is_an_opt_out_too() -> None:
    bounced = a_cause(EventKind.SUPPRESS, at(1), channel="email", topic="", everything=True)
    assert left(lived("", bounced)) == [("1d 00:00", "no_permission")]


def test_a_journey_without_messages_is_ended_by_no_opt_out() -> None:
    release = a_release({"any/j": "enter: {event: hello}\nsteps: [{wait: 1 day}, {update: {a: 1}}]\n"})
    opt_out = a_cause(EventKind.CONSENT, at(hours=1), channel="email", topic="tips", state=False)
    her = live(release, [an_event("hello"), opt_out], at(9), a_customer(consents={}))
    assert (left(her), her.attributes) == ([("1d 00:00", "finished")], {"a": 1})


# history


def test_history_reaches_goals_and_exits_and_sends_and_starts_nothing() -> None:
    goal = "goal: {event: bought, within: 14 days, then: [{email: five}]}\nexit: [{event: cancelled}]\n"
    farewell = "purpose: marketing\ntopic: tips\nenter: {journey: j}\nsteps: [{email: three}]\n"
    release = a_release({"any/j": HEAD + STEPS + goal, "any/k": farewell})
    for name, reason in (("bought", "goal"), ("cancelled", "exit")):
        past = Event("h", EventKind.TRACK, name, at(1), at(2), {}, Origin.HISTORY)
        her = live(release, [an_event("hello"), past], at(20))
        assert [reason for _, reason in left(her)] == [reason]
        assert templates(her) == ["one"]


def test_history_wakes_nobody_and_is_a_fact_for_whoever_is_looked_at_next() -> None:
    first = "{event: a, then: [{email: one}]}, {event: b, at_least: 1, then: [{email: two}]}"
    steps = f"steps: [{{wait_for: {{up_to: 9 days, first: [{first}], timeout: []}}}}]\n"
    past = [Event(name, EventKind.TRACK, name, at(1), at(2), {}, Origin.HISTORY) for name in ("a", "b")]
    her = live(a_release({"any/j": HEAD + steps}), [an_event("hello"), *past], at(20))
    assert sent(her) == [("9d 00:00", "two")]
