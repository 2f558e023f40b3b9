"""What waits mean: lengths, moments that follow their facts, clocks, and what ends a wait_for."""

import pytest

from engine.catalog import Catalog
from engine.customer import Customer
from engine.decisions import Decided
from engine.facts import Event
from engine.simulate import live_through
from engine.words import EventKind
from tests.engine.lives import a_cause, a_customer, a_release, an_event, at, decided, left, live, sent

HEAD = "purpose: marketing\ntopic: tips\n"
HELLO = HEAD + "enter: {event: hello}\n"


def lived(steps: str, *events: Event, days: float = 60, who: Customer | None = None, **files: str) -> Customer:
    """A customer who said hello at the start and lived through these steps and events."""
    release = a_release({"any/j": HELLO + f"steps:\n{steps}"}, **files)
    return live(release, [an_event("hello"), *events], at(days), who)


def texts(her: Customer) -> list[str]:
    return [template for _, template in sent(her)]


def waits(first: str, rest: str = "", up_to: str = "3 days") -> str:
    block = f"  - wait_for: {{up_to: {up_to}, first: [{first}], timeout: [{{email: four}}]{rest}}}\n"
    return block + "  - email: five\n"


# wait


def test_days_of_a_wait_keep_the_local_time_and_hours_are_exact() -> None:
    """Berlin's clocks go forward on 29 March 2026, the 27th day."""
    assert sent(lived("  - wait: 30 days\n  - email: one\n")) == [("29d 23:00", "one")]
    assert sent(lived("  - wait: 720 hours\n  - email: one\n")) == [("30d 00:00", "one")]
    assert sent(lived("  - wait: 30 days\n  - email: one\n", who=a_customer(zone="Asia/Tokyo"))) == [
        ("30d 00:00", "one")
    ]


def test_an_unknown_zone_counts_as_none() -> None:
    assert sent(lived("  - wait: 30 days\n  - email: one\n", who=a_customer(zone="Moon/Base"))) == [
        ("29d 23:00", "one")
    ]


def test_the_log_says_whose_clock_a_wait_goes_by() -> None:
    steps = "  - wait: {until: 12:00}\n  - email: one\n"
    for who, zone in ((a_customer(zone="Asia/Tokyo"), "Asia/Tokyo"), (a_customer(), "Europe/Berlin")):
        assert decided(lived(steps, who=who), Decided.WAITING)[0].detail["zone"] == zone


def test_without_a_zone_of_her_own_a_wait_goes_by_what_the_window_names_otherwise() -> None:
    window = "window: {from: 00:00, to: 23:59, zone: customer, otherwise: America/New_York}\n"
    release = a_release({"any/j": HELLO + window + "steps: [{wait: {until: 09:00}}, {email: one}]\n"})
    assert sent(live(release, [an_event("hello")], at(2))) == [("0d 05:00", "one")]


def test_a_new_zone_moves_waits_and_shut_windows() -> None:
    moved = a_cause(EventKind.IDENTIFY, at(hours=1), zone="Asia/Tokyo")
    assert sent(lived("  - wait: {until: 2026-03-03 09:00}\n  - email: one\n", moved)) == [("0d 15:00", "one")]
    shut = "  - email: one\n    window: {from: 20:00, to: 22:00, zone: customer}\n"
    assert sent(lived(shut)) == [("0d 10:00", "one")]
    assert sent(lived(shut, moved)) == [("0d 02:00", "one")]


def test_a_clock_time_of_exactly_now_passes_at_once() -> None:
    assert sent(lived("  - wait: {until: 10:00}\n  - email: one\n")) == [("0d 00:00", "one")]
    assert sent(lived("  - wait: {until: monday 10:00}\n  - email: one\n")) == [("0d 00:00", "one")]


def test_a_moment_that_moves_into_the_past_does_as_it_is_told_at_once() -> None:
    moved = a_cause(EventKind.IDENTIFY, at(2), attributes={"ends": "2026-03-01"})
    for if_past, texts_ in (("continue", ["one", "two"]), ("skip", ["two"]), ("exit", [])):
        steps = f"  - wait: {{until: customer.ends, if_past: {if_past}, at: 10:00}}\n  - email: one\n"
        steps += "  - wait: 1 day\n  - email: two\n"
        her = lived(steps, moved, who=a_customer(attributes={"ends": "2026-03-20"}))
        assert texts(her) == texts_
        assert left(her) == [("2d 00:00" if if_past == "exit" else "3d 00:00", "finished")]


def test_a_missing_fact_is_a_moment_that_is_past() -> None:
    her = lived("  - wait: {until: customer.ends, if_past: skip, at: 10:00}\n  - email: one\n  - update: {a: 1}\n")
    assert (texts(her), her.attributes) == ([], {"a": 1})


def test_skip_passes_over_messages_in_paths_and_stops_at_a_wait_inside_one() -> None:
    steps = """
  - wait: {until: entry.when, if_past: skip}
  - choose:
      - if: {attribute: plan, exists: true}
        then: [{email: one}, {wait: 1 day}, {email: two}]
      - otherwise: [{email: three}]
  - email: four
"""
    release = a_release({"any/j": HELLO + f"steps:\n{steps}"})
    hello = an_event("hello", when="2026-01-01T00:00:00Z")
    assert texts(live(release, [hello], at(9))) == []
    assert texts(live(release, [hello], at(9), a_customer(attributes={"plan": "pro"}))) == ["two", "four"]


def test_skip_ends_with_the_list_in_which_the_wait_stands() -> None:
    steps = """
  - choose:
      - if: {attribute: plan, exists: false}
        then: [{wait: {until: entry.when, if_past: skip}}, {email: one}]
  - email: two
"""
    release = a_release({"any/j": HELLO + f"steps:\n{steps}"})
    assert texts(live(release, [an_event("hello", when="2026-01-01T00:00:00Z")], at(9))) == ["two"]


# wait_for


def test_two_items_at_the_same_instant_the_one_listed_first() -> None:
    first = "{event: a, then: [{email: one}]}, {event: b, then: [{email: two}]}"
    steps = "  - wait: 2 hours\n" + waits(first)
    assert texts(lived(steps, an_event("b", at(hours=1)), an_event("a", at(hours=1)))) == ["one", "five"]


def test_of_two_items_on_one_event_the_first_that_fits() -> None:
    first = "{event: a, where: {n: 2}, then: [{email: one}]}, {event: a, then: [{email: two}]}"
    assert texts(lived(waits(first), an_event("a", at(1), n=2))) == ["one", "five"]
    assert texts(lived(waits(first), an_event("a", at(1), n=1))) == ["two", "five"]


def test_of_several_in_the_past_the_earliest_wins() -> None:
    steps = "  - wait: 2 hours\n" + waits("{event: a, then: [{email: one}]}, {event: b, then: [{email: two}]}")
    her = lived(steps, an_event("b", at(minutes=5)), an_event("a", at(minutes=6)))
    assert sent(her) == [("0d 02:00", "two"), ("0d 02:00", "five")]


def test_since_now_takes_only_what_is_later() -> None:
    steps = "  - wait: 2 hours\n" + waits("{event: a, then: [{email: one}]}", ", since: now")
    assert texts(lived(steps, an_event("a", at(hours=1)))) == ["four", "five"]
    assert texts(lived(steps, an_event("a", at(hours=1)), an_event("a", at(hours=3)))) == ["one", "five"]


def test_the_look_back_begins_at_the_very_instant_of_the_entry() -> None:
    steps = "  - wait: 2 hours\n" + waits("{event: z, then: [{email: one}]}")
    assert texts(lived(steps, an_event("z", at()))) == ["one", "five"]


def test_one_event_ends_at_most_one_wait() -> None:
    two = waits("{event: a, then: [{email: one}]}") + waits("{event: a, then: [{email: two}]}").replace(
        "email: four", "email: three"
    ).replace("  - email: five\n", "")
    assert texts(lived(two, an_event("a", at(1)))) == ["one", "five", "three"]
    assert texts(lived(two, an_event("a", at(1)), an_event("a", at(2)))) == ["one", "five", "two"]
    assert (
        sent(lived("  - wait: 5 hours\n" + two, an_event("a", at(hours=1)), an_event("a", at(hours=2))))[-1][1] == "two"
    )


def test_two_purchases_on_one_day_are_two() -> None:
    release = a_release({"any/j": HEAD + "enter: {event: a}\nsteps:\n" + waits("{event: a, then: [{email: one}]}")})
    assert texts(live(release, [an_event("a", n=1)], at(9))) == ["four", "five"]
    assert texts(live(release, [an_event("a", n=1), an_event("a", n=2)], at(9))) == ["one", "five"]


def test_an_item_without_then_goes_on_behind_the_block_and_an_empty_timeout_too() -> None:
    steps = "  - wait_for: {up_to: 3 days, first: [{event: a}], timeout: []}\n  - email: five\n"
    assert sent(lived(steps, an_event("a", at(1)))) == [("1d 00:00", "five")]
    assert sent(lived(steps)) == [("3d 00:00", "five")]


def test_a_condition_that_is_true_passes_at_once() -> None:
    first = "{attribute: plan, is: pro, then: [{email: one}]}"
    assert sent(lived(waits(first), who=a_customer(attributes={"plan": "pro"})))[0] == ("0d 00:00", "one")
    becomes = a_cause(EventKind.IDENTIFY, at(1), attributes={"plan": "pro"})
    assert sent(lived(waits(first), becomes))[0] == ("1d 00:00", "one")


def test_a_condition_passes_when_time_makes_it_true() -> None:
    her = lived(waits("{absent: a, for: 1 day, then: [{email: one}]}"), an_event("a", at(hours=6)))
    assert sent(her)[0] == ("1d 06:00", "one")


def test_an_event_in_the_past_comes_before_a_condition_that_is_true_now() -> None:
    steps = "  - wait: 2 hours\n" + waits(
        "{attribute: plan, is: pro, then: [{email: one}]}, {event: a, then: [{email: two}]}"
    )
    who = a_customer(attributes={"plan": "pro"})
    assert texts(lived(steps, an_event("a", at(hours=1)), who=who)) == ["two", "five"]


def test_a_stage_is_a_condition_that_passes_with_the_cause_that_moves_her() -> None:
    first = "{stage: active, then: [{email: one}]}"
    assert sent(lived(waits(first), an_event("activated", at(1))))[0] == ("1d 00:00", "one")
    asleep = waits("{stage: asleep, then: [{email: one}]}", up_to="40 days")
    her = lived(asleep, an_event("activated", at(1)))
    assert sent(her)[0] == ("31d 00:00", "one")
    assert decided(her, Decided.WOKE)[0].cause.startswith("recheck")


def test_at_the_very_instant_of_the_timeout_the_event_wins() -> None:
    her = lived(waits("{event: a, then: [{email: one}]}", up_to="72 hours"), an_event("a", at(3)))
    assert texts(her) == ["one", "five"]


def test_what_ended_the_wait_is_known_by_its_name() -> None:
    first = "{event: demo_booked, as: demo, then: [{wait: {until: 1 day after demo.starts_at, if_past: continue}}]}"
    her = lived(waits(first, up_to="72 hours"), an_event("demo_booked", at(1), starts_at="2026-03-09T10:00:00+01:00"))
    assert sent(her) == [("8d 00:00", "five")]


def test_in_a_keyed_journey_only_its_own_key_ends_a_wait_unless_any_key_will_do() -> None:
    def journey(any_key: str) -> str:
        return (
            HEAD + "enter: {event: hello, key: id}\nsteps:\n" + waits(f"{{event: a{any_key}, then: [{{email: one}}]}}")
        )

    events = [an_event("hello", id="x"), an_event("a", at(hours=1), id="y"), an_event("a", at(hours=2))]
    assert texts(live(a_release({"any/j": journey("")}), events, at(9))) == ["four", "five"]
    assert sent(live(a_release({"any/j": journey(", any_key: true")}), events, at(9)))[0] == ("0d 01:00", "one")


def test_of_two_waiting_journeys_the_older_enrollment_wakes_first() -> None:
    steps = "steps:\n  - wait_for: {up_to: 3 days, first: [{event: a, then: [{email: %s}]}], timeout: []}\n"
    older = HEAD + "enter: {event: hello}\n" + steps % "one"
    younger = HEAD + "enter: {event: later}\n" + steps % "two"
    events = [an_event("hello"), an_event("later", at(hours=1)), an_event("a", at(1))]
    assert texts(live(a_release({"any/z": older, "any/a": younger}), events, at(9))) == ["one", "two"]


@pytest.mark.parametrize("minutes", [1, 59, 61])
def test_it_makes_no_difference_how_often_she_is_looked_at(minutes: int) -> None:
    steps = "  - wait: 2 hours\n" + waits("{absent: a, for: 1 day, then: [{email: one}]}")
    release = a_release({"any/j": HELLO + f"steps:\n{steps}"})
    events = [an_event("hello"), an_event("a", at(hours=6))]
    often = a_customer()
    live_through(often, events, Catalog(release), at())
    for n in range(0, 4 * 24 * 60, minutes):
        live_through(often, [], Catalog(release), at(minutes=n))
    live_through(often, [], Catalog(release), at(5))
    assert often.effects.decisions == live(release, events, at(5)).effects.decisions
