"""The order of things: of causes among each other, and of what one cause does."""

from dataclasses import replace
from itertools import permutations

from engine.decisions import Decided
from engine.journey import Emit
from engine.simulate import log
from engine.words import EventKind
from tests.engine.lives import a_cause, a_customer, a_release, an_event, at, decided, kept_out, left, live, sent

HEAD = "purpose: marketing\ntopic: tips\n"


def test_at_one_instant_events_go_by_message_id_however_they_were_stored() -> None:
    journey = HEAD + "enter: {event: [a, b]}\nexit: [{event: c}]\nagain: always\nsteps: [{email: one}, {wait: 1 day}]\n"
    release = a_release({"any/j": journey})
    logs = {
        tuple(log(live(release, order, at(9)))) for order in permutations([an_event("a"), an_event("b"), an_event("c")])
    }
    assert len(logs) == 1


def test_at_one_instant_events_come_before_rechecks_and_rechecks_before_waits() -> None:
    journey = HEAD + "enter: {event: activated}\nsteps: [{wait: 720 hours}, {email: one}]\n"
    release = a_release({"active/j": journey})
    her = live(release, [an_event("activated")], at(60))
    assert left(her) == [("30d 00:00", "stage_left")]
    kept = live(release, [an_event("activated"), an_event("activated", at(30))], at(45))
    assert (sent(kept), kept.stage) == ([("30d 00:00", "one")], "active")


def test_what_effects_emit_comes_after_its_cause_in_the_order_of_emission() -> None:
    journey = (
        HEAD
        + "enter: {event: hello}\n"
        + "steps: [{update: {plan: pro}}, {emit: {event: noted}}, {move_to: active}, {email: one}]\n"
    )
    other = HEAD + "enter: {event: noted, if: {attribute: plan, is: pro}}\nsteps: [{email: two}]\n"
    third = HEAD + "enter: {event: noted}\nsteps: [{email: three}]\n"
    her = live(a_release({"any/j": journey, "any/k": other, "active/l": third}), [an_event("hello")], at(9))
    assert [template for _, template in sent(her)] == ["one", "two"]
    assert kept_out(her) == ["not_in_stage"]
    assert [one.emission for one in her.effects.emitted] == [1, 2, 3]


def test_an_update_is_a_cause_of_the_next_generation_for_everybody_else() -> None:
    first = (
        HEAD + "enter: {event: hello}\nsteps: [{update: {plan: pro}}, {email: one, if: {attribute: plan, is: pro}}]\n"
    )
    second = HEAD + "enter: {event: hello}\nsteps: [{email: two, if: {attribute: plan, is: pro}}]\n"
    her = live(a_release({"any/a": first, "any/b": second}), [an_event("hello")], at(9))
    assert [template for _, template in sent(her)] == ["one"]


def test_an_own_update_stays_seen_until_every_update_of_the_passage_is_settled() -> None:
    journey = HEAD + "enter: {event: hello}\nexit: [{all: [{attribute: a, is: 1}, {attribute: b, exists: false}]}]\n"
    journey += "steps: [{update: {a: 1}}, {update: {b: 1}}, {wait: 1 day}, {email: one}]\n"
    assert left(live(a_release({"any/j": journey}), [an_event("hello")], at(9))) == [("1d 00:00", "finished")]


def test_adding_to_text_is_logged_and_changes_nothing_and_to_what_is_missing_it_gives_the_number() -> None:
    journey = HEAD + "enter: {event: hello}\nsteps: [{update: {name: {add: 1}, n: {add: 2}, m: {add: 0.5}}}]\n"
    her = live(
        a_release({"any/j": journey}), [an_event("hello")], at(9), a_customer(attributes={"name": "Ann", "m": 1})
    )
    assert her.attributes == {"name": "Ann", "n": 2, "m": 1.5}
    assert [one.detail for one in decided(her, Decided.NOT_ADDED)] == [{"attribute": "name", "why": "not_a_number"}]


def test_within_one_cause_exits_come_before_the_move_and_the_move_before_waits_and_entries() -> None:
    steps = "steps: [{wait_for: {up_to: 9 days, first: [{event: activated, then: [{email: one}]}], timeout: []}}]\n"
    inside = HEAD + "enter: {event: hello}\n" + steps
    entering = HEAD + "enter: {event: activated}\nsteps: [{email: three}]\n"
    release = a_release({"new/j": inside, "any/k": inside.replace("one", "two"), "active/l": entering})
    her = live(release, [an_event("hello"), an_event("activated", at(1))], at(20))
    assert sent(her) == [("1d 00:00", "two"), ("1d 00:00", "three")]
    kinds = [str(one.decided) for one in her.effects.decisions if one.at == at(1)]
    assert kinds == ["moved", "left", "woke", "planned", "left", "entered", "planned", "left"]


def test_a_split_deals_the_same_arm_for_ever_also_when_its_shares_change() -> None:
    def journey(plain: int) -> str:
        arms = f"plain: {{share: {plain}%, then: [{{email: one}}]}}"
        arms += f", offer: {{share: {100 - plain}%, then: [{{email: two}}]}}"
        return HEAD + f"enter: {{event: hello}}\nagain: always\nsteps: [{{split: {{name: s, arms: {{{arms}}}}}}}]\n"

    her = live(a_release({"any/j": journey(100)}), [an_event("hello")], at(1))
    her = live(a_release({"any/j": journey(0)}), [an_event("hello", at(2))], at(3), her)
    assert ([template for _, template in sent(her)], her.dealt) == (["one", "one"], {"s": "plain"})
    fresh = live(a_release({"any/j": journey(0)}), [an_event("hello")], at(1))
    assert [template for _, template in sent(fresh)] == ["two"]


def test_no_match_and_no_otherwise_goes_on() -> None:
    journey = (
        HEAD
        + "enter: {event: hello}\n"
        + "steps: [{choose: [{if: {attribute: a, exists: true}, then: [{email: one}]}]}, {email: two}]\n"
    )
    her = live(a_release({"any/j": journey}), [an_event("hello")], at(1))
    assert [template for _, template in sent(her)] == ["two"]


def test_a_step_whose_if_is_false_is_passed_over() -> None:
    never = "if: {attribute: a, exists: true}"
    journey = (
        HEAD
        + f"enter: {{event: hello}}\nsteps: [{{wait: 1 day, {never}}}, {{update: {{b: 1}}, {never}}}, {{email: one}}]\n"
    )
    her = live(a_release({"any/j": journey}), [an_event("hello")], at(1))
    assert (sent(her), her.attributes) == ([("0d 00:00", "one")], {})


def test_the_log_names_no_rows_and_is_the_same_every_time() -> None:
    journey = HEAD + "enter: {event: hello}\nsteps: [{email: one}, {wait: 1 day}, {emit: {event: x}}]\n"
    release, opt_out = (
        a_release({"any/j": journey}),
        a_cause(EventKind.CONSENT, at(3), channel="email", topic="tips", state=False),
    )
    first = list(log(live(release, [an_event("hello"), opt_out], at(9))))
    assert first == list(log(live(release, [an_event("hello"), opt_out], at(9))))
    assert all(line.startswith('{"at":"2026-03-') and '"customer":"ann"' in line for line in first)


def test_an_event_emitted_for_ever_is_refused_after_a_hundred_generations() -> None:
    journey = HEAD + "enter: {event: tick}\nagain: always\nsteps: [{emit: {event: tock}}]\n"
    loaded = a_release({"any/j": journey})
    endless = replace(loaded.journeys["j"], steps=(Emit("start.emit1", event="tick"),))
    her = live(replace(loaded, journeys={"j": endless}), [an_event("tick")], at(1))
    assert len(her.enrollments) == 101
    assert [one.detail["why"] for one in decided(her, Decided.REFUSED)] == ["too_many_generations"]
