"""The order of things, and what each word of a journey means to the second."""

from engine.decisions import Decided
from engine.words import EventKind
from tests.engine.lives import START, a_cause, a_customer, a_release, an_event, at, decided, kept_out, left, live, sent

HEAD = "purpose: marketing\ntopic: tips\n"
SIMPLE = HEAD + "enter: {event: signed_up}\nsteps: [{email: one}, {wait: 1 day}, {email: two}]\n"


def test_a_journey_goes_from_entry_to_end() -> None:
    her = live(a_release({"any/j": SIMPLE}), [an_event("signed_up")], at(5))
    assert sent(her) == [("0d 00:00", "one"), ("1d 00:00", "two")]
    assert left(her) == [("1d 00:00", "finished")]


def test_a_second_event_lets_nobody_in_twice() -> None:
    her = live(a_release({"any/j": SIMPLE}), [an_event("signed_up"), an_event("signed_up", at(hours=1))], at(5))
    assert kept_out(her) == ["already_inside"]


def test_again_never_is_the_default() -> None:
    her = live(a_release({"any/j": SIMPLE}), [an_event("signed_up"), an_event("signed_up", at(10))], at(20))
    assert kept_out(her) == ["again_too_soon"]


def test_again_after_lets_in_exactly_at_its_end() -> None:
    release = a_release({"any/j": SIMPLE + "again: after 90 days\n"})
    her = live(release, [an_event("signed_up"), an_event("signed_up", at(90)), an_event("signed_up", at(91))], at(100))
    assert kept_out(her) == ["again_too_soon"]
    assert len(her.enrollments) == 2


def test_restart_wins_over_again_while_inside() -> None:
    release = a_release({"any/j": SIMPLE + "while_inside: restart\n"})
    her = live(release, [an_event("signed_up"), an_event("signed_up", at(hours=6))], at(5))
    assert sent(her) == [("0d 00:00", "one"), ("0d 06:00", "one"), ("1d 06:00", "two")]
    assert left(her) == [("0d 06:00", "restarted"), ("1d 06:00", "finished")]


def test_the_goal_ends_the_passage_at_once_and_its_steps_still_go() -> None:
    goal = "goal: {event: bought, within: 14 days, value: amount, then: [{email: five}]}\n"
    events = [an_event("signed_up"), an_event("bought", at(hours=3), amount=7), an_event("bought", at(2), amount=5)]
    her = live(a_release({"any/j": SIMPLE + goal}), events, at(20))
    assert sent(her) == [("0d 00:00", "one"), ("0d 03:00", "five")]
    assert left(her) == [("0d 03:00", "goal")]
    assert her.enrollments[0].goal_value == 12


def test_a_goal_exactly_at_the_end_of_its_time_counts_and_one_after_it_leaves_uncounted() -> None:
    goal = "goal: {event: bought, within: 12 hours}\n"
    for hours, counted in ((12, True), (13, False)):
        events = [an_event("signed_up"), an_event("bought", at(hours=hours))]
        her = live(a_release({"any/j": SIMPLE + goal}), events, at(20))
        assert left(her) == [(f"0d {hours}:00", "goal")]
        assert (her.enrollments[0].goal_at is not None) is counted


def test_a_goal_is_counted_after_leaving_too() -> None:
    goal = "goal: {event: bought, within: 14 days}\n"
    her = live(a_release({"any/j": SIMPLE + goal}), [an_event("signed_up"), an_event("bought", at(5))], at(20))
    assert left(her) == [("1d 00:00", "finished")]
    assert her.enrollments[0].goal_at == at(5)


def test_a_goal_that_continues_is_counted_and_the_journey_goes_on() -> None:
    goal = "goal: {event: bought, within: 14 days, value: amount, then: continue}\n"
    events = [an_event("signed_up"), *(an_event("bought", at(hours=n), amount=1) for n in (2, 3))]
    her = live(a_release({"any/j": SIMPLE + goal}), events, at(20))
    assert left(her) == [("1d 00:00", "finished")]
    assert her.enrollments[0].goal_value == 2


def test_an_exit_takes_effect_in_the_middle_of_a_wait() -> None:
    her = live(
        a_release({"any/j": SIMPLE + "exit: [{event: cancelled}]\n"}),
        [an_event("signed_up"), an_event("cancelled", at(hours=1))],
        at(5),
    )
    assert left(her) == [("0d 01:00", "exit")]


def test_an_exit_by_a_state_takes_effect_when_time_makes_it_true() -> None:
    exits = "exit: [{absent: seen, for: 12 hours}]\n"
    her = live(a_release({"any/j": SIMPLE + exits}), [an_event("seen"), an_event("signed_up", at(hours=1))], at(5))
    assert left(her) == [("0d 12:00", "exit")]


WAIT_FOR = (
    HEAD
    + """
enter: {event: signed_up}
steps:
  - wait_for:
      up_to: 3 days
      first:
        - {event: demo_booked, as: demo, then: [{email: two}]}
        - {event: asked, where: {urgent: true}, then: [{email: three}]}
      timeout: [{email: four}]
  - email: five
"""
)


def test_wait_for_passes_with_the_first_cause() -> None:
    her = live(a_release({"any/j": WAIT_FOR}), [an_event("signed_up"), an_event("demo_booked", at(1))], at(9))
    assert sent(her) == [("1d 00:00", "two"), ("1d 00:00", "five")]


def test_wait_for_times_out() -> None:
    her = live(a_release({"any/j": WAIT_FOR}), [an_event("signed_up"), an_event("asked", at(1), urgent=False)], at(9))
    assert sent(her) == [("3d 00:00", "four"), ("3d 00:00", "five")]


def test_an_event_exactly_at_the_timeout_wins() -> None:
    her = live(a_release({"any/j": WAIT_FOR}), [an_event("signed_up"), an_event("demo_booked", at(3))], at(9))
    assert sent(her)[0] == ("3d 00:00", "two")


def test_wait_for_looks_back_to_the_entry_but_never_at_the_entering_event() -> None:
    journey = HEAD + (
        "enter: {event: visited}\nsteps:\n  - wait: 2 hours\n"
        "  - wait_for: {up_to: 1 day, first: [{event: visited, then: [{email: one}]}], timeout: [{email: two}]}\n"
    )
    release = a_release({"any/j": journey})
    assert sent(live(release, [an_event("visited")], at(9))) == [("1d 02:00", "two")]
    twice = [an_event("visited"), an_event("visited", at(hours=1))]
    assert sent(live(release, twice, at(9))) == [("0d 02:00", "one")]


def test_a_journey_lets_in_only_customers_of_its_stage_after_the_move_of_the_same_cause() -> None:
    journey = HEAD + "enter: {event: activated}\nagain: always\nsteps: [{email: one}]\n"
    her = live(a_release({"active/j": journey, "asleep/k": journey}), [an_event("activated")], at(1))
    assert [one.journey for one in her.enrollments] == ["j"]
    assert kept_out(her) == ["not_in_stage"]


def test_leaving_the_stage_ends_its_journeys_by_time_alone() -> None:
    journey = HEAD + "enter: {event: activated}\nsteps: [{wait: 60 days}, {email: one}]\n"
    her = live(a_release({"active/j": journey}), [an_event("activated")], at(90))
    assert her.stage == "asleep"
    assert left(her) == [("30d 00:00", "stage_left")]


def test_a_stage_lets_in_by_itself() -> None:
    journey = HEAD + "enter: {stage: asleep, existing: ignore}\nsteps: [{email: one}]\n"
    assert sent(live(a_release({"asleep/j": journey}), [an_event("activated")], at(90))) == [("30d 00:00", "one")]


def test_move_to_does_not_end_its_own_journey() -> None:
    journey = HEAD + "enter: {event: hello}\nsteps: [{move_to: active}, {wait: 1 day}, {email: one}]\n"
    other = HEAD + "enter: {event: hello}\nsteps: [{wait: 1 day}, {email: two}]\n"
    her = live(a_release({"new/j": journey, "new/k": other}), [an_event("hello")], at(9))
    assert sent(her) == [("1d 00:00", "one")]
    assert left(her) == [("1d 00:00", "finished"), ("0d 00:00", "stage_left")]


def test_an_update_is_seen_at_once_by_its_own_journey() -> None:
    journey = HEAD + (
        "enter: {event: hello}\nsteps:\n  - update: {visits: {add: 2}, plan: pro}\n"
        "  - choose: [{if: {attribute: plan, is: pro}, then: [{email: one}]}, {otherwise: [{email: two}]}]\n"
        "  - choose: [{if: {attribute: visits, at_least: 2}, then: [{email: three}]}]\n"
    )
    her = live(a_release({"any/j": journey}), [an_event("hello")], at(9))
    assert [template for _, template in sent(her)] == ["one", "three"]
    assert her.attributes == {"visits": 2, "plan": "pro"}


def test_marketing_without_consent_is_withheld_and_the_journey_goes_on_at_once() -> None:
    journey = SIMPLE.replace("{wait: 1 day}", "{sms: three}")
    her = live(
        a_release({"any/j": journey}), [an_event("signed_up")], at(5), a_customer(consents={("sms", "tips"): True})
    )
    assert sent(her) == [("0d 00:00", "three")]
    assert [one.detail["why"] for one in decided(her, Decided.WITHHELD)] == ["no_consent", "no_consent"]


def test_a_fallback_goes_where_the_first_address_is_missing() -> None:
    journey = HEAD + "enter: {event: signed_up}\nsteps: [{sms: one, fallback: {email: two}}]\n"
    her = live(a_release({"any/j": journey}), [an_event("signed_up")], at(5), a_customer(phone=None))
    assert sent(her) == [("0d 00:00", "two")]


def test_nobody_enters_a_journey_none_of_whose_messages_may_reach_her() -> None:
    her = live(a_release({"any/j": SIMPLE}), [an_event("signed_up")], at(5), a_customer(consents={}))
    assert kept_out(her) == ["no_permission"]


def test_an_opt_out_ends_a_journey_that_can_no_longer_reach_her() -> None:
    opt_out = a_cause(EventKind.CONSENT, at(hours=2), channel="email", topic="tips", state=False)
    her = live(a_release({"any/j": SIMPLE}), [an_event("signed_up"), opt_out], at(5))
    assert left(her) == [("0d 02:00", "no_permission")]


def test_outside_the_window_the_message_waits_for_the_opening() -> None:
    window = "window: {days: [mon, tue], from: 09:00, to: 10:00, zone: customer}\n"
    her = live(a_release({"any/j": SIMPLE + window}), [an_event("signed_up")], at(30))
    assert sent(her) == [("0d 23:00", "one"), ("6d 23:00", "two")]


def test_a_wait_until_the_past_does_as_it_is_told() -> None:
    def journey(if_past: str) -> str:
        return HEAD + (
            "enter: {event: hello}\nsteps:\n"
            f"  - wait: {{until: entry.starts_at, if_past: {if_past}}}\n"
            "  - email: one\n  - update: {seen: true}\n  - wait: 1 day\n  - email: two\n"
        )

    templates = {"continue": ["one", "two"], "skip": ["two"], "exit": []}
    for if_past, expected in templates.items():
        her = live(a_release({"any/j": journey(if_past)}), [an_event("hello", starts_at="2026-01-01T10:00:00Z")], at(9))
        assert [template for _, template in sent(her)] == expected
        assert her.attributes == ({} if if_past == "exit" else {"seen": True})


def test_a_moment_follows_its_fact() -> None:
    journey = HEAD + "enter: {event: hello}\nsteps: [{wait: {until: customer.ends, if_past: skip}}, {email: one}]\n"
    moved = a_cause(EventKind.IDENTIFY, at(1), attributes={"ends": "2026-03-09T09:00:00Z"})
    her = live(
        a_release({"any/j": journey}),
        [an_event("hello"), moved],
        at(30),
        a_customer(attributes={"ends": "2026-03-04T09:00:00Z"}),
    )
    assert sent(her) == [("7d 00:00", "one")]


def test_an_event_older_than_a_day_on_arrival_starts_and_wakes_nothing_but_still_ends() -> None:
    release = a_release({"any/j": SIMPLE + "goal: {event: bought}\n"})
    late = an_event("signed_up", START, received_at=at(hours=25))
    assert kept_out(live(release, [late], at(5))) == ["too_old"]
    bought = an_event("bought", at(hours=1), received_at=at(days=1, hours=2))
    waits = SIMPLE.replace("1 day", "3 days") + "goal: {event: bought}\n"
    her = live(a_release({"any/j": waits}), [an_event("signed_up"), bought], at(9))
    assert [reason for _, reason in left(her)] == ["goal"]


def test_an_entry_that_arrived_late_begins_at_its_arrival() -> None:
    her = live(a_release({"any/j": SIMPLE}), [an_event("signed_up", START, received_at=at(hours=2))], at(5))
    assert sent(her) == [("0d 02:00", "one"), ("1d 02:00", "two")]


def test_holdouts_go_through_everything_and_are_sent_nothing() -> None:
    her = live(a_release({"any/j": SIMPLE + "holdout: 100%\n"}), [an_event("signed_up")], at(5))
    assert (sent(her), left(her)) == ([], [("1d 00:00", "finished")])


def test_start_offers_the_customer_to_another_journey_in_the_next_generation() -> None:
    first = HEAD + "enter: {event: hello}\nsteps: [{start: k, with: {plan: pro}}, {email: one}]\n"
    second = HEAD + "enter: {api: true}\nsteps: [{email: two, with: {plan: {fact: entry.plan}}}]\n"
    her = live(a_release({"any/j": first, "any/k": second}), [an_event("hello")], at(5))
    assert [template for _, template in sent(her)] == ["one", "two"]
    assert her.effects.planned[1].values == {"plan": "pro"}


def test_leaving_one_journey_lets_into_another() -> None:
    second = HEAD + "enter: {journey: j, left: [finished]}\nsteps: [{email: three}]\n"
    her = live(a_release({"any/j": SIMPLE, "any/k": second}), [an_event("signed_up")], at(5))
    assert sent(her)[-1] == ("1d 00:00", "three")


def test_keys_keep_passages_apart() -> None:
    journey = HEAD + (
        "enter: {event: booked, key: id}\nagain: always\nexit: [{event: cancelled}]\n"
        "steps: [{wait: {until: 1 day before entry.starts_at, if_past: skip}}, {email: one}]\n"
    )
    events = [
        an_event("booked", id="a", starts_at="2026-03-05T09:00:00Z"),
        an_event("booked", at(hours=1), id="b", starts_at="2026-03-06T09:00:00Z"),
        an_event("cancelled", at(hours=2), id="a"),
        an_event("cancelled", at(hours=3)),
        an_event("booked", at(hours=4)),
    ]
    her = live(a_release({"any/j": journey}), events, at(9))
    assert left(her) == [("0d 02:00", "exit"), ("3d 00:00", "finished")]
    assert kept_out(her) == ["no_key"]


def test_a_paused_journey_lets_nobody_in_and_its_waits_are_lengthened_on_resume() -> None:
    release = a_release({"any/j": SIMPLE})
    assert kept_out(live(release, [an_event("signed_up")], at(1), paused=["j"])) == ["paused"]
    her = live(release, [an_event("signed_up")], at(hours=6))
    her = live(release, [], at(3), her, paused=["j"])
    resumed = a_cause(EventKind.RESUMED, at(hours=6), journey="j", resumed_at=at(3).isoformat())
    assert sent(live(release, [resumed], at(9), her))[-1] == ("3d 18:00", "two")
