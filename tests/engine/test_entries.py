"""Who enters, who does not and why, and how passages are told apart."""

import pytest

from engine import ids
from engine.catalog import Catalog
from engine.customer import Customer
from engine.decisions import Decided
from engine.facts import Event
from engine.simulate import live_through
from engine.words import EventKind
from tests.engine.lives import a_cause, a_customer, a_release, an_event, at, decided, kept_out, left, live, sent

HEAD = "purpose: marketing\ntopic: tips\n"
STEPS = "steps: [{wait: 1 day}, {email: one}]\n"


def a_start(journey: str, hours: int) -> Event:
    """An API's start with a key."""
    said = {"journey": journey, "with": {"id": "x"}}
    return Event(f"start {hours}", EventKind.START, "", at(hours=hours), at(hours=hours), said)


def test_where_and_if_are_asked_and_if_counts_the_entering_event() -> None:
    trigger = (
        "enter: {event: bought, where: {plan: [pro, team], amount: {at_least: 5}}, if: {event: bought, at_most: 1}}\n"
    )
    release = a_release({"any/j": HEAD + trigger + "again: always\n" + STEPS})
    events = [an_event("bought", plan="pro", amount=4), an_event("bought", at(1), plan="pro", amount=5)]
    her = live(release, events, at(9))
    assert (kept_out(her), her.enrollments) == (["condition_false"], [])
    assert len(live(release, events[1:], at(9)).enrollments) == 1


def test_states_bar_the_entry_and_events_before_it_do_not() -> None:
    goal, exits = (
        "goal: {any: [{event: bought}, {attribute: plan, is: pro}]}\n",
        "exit: [{attribute: staff, is: true}]\n",
    )
    release = a_release({"any/j": HEAD + "enter: {event: hello}\n" + goal + exits + STEPS})
    events = [an_event("bought"), an_event("hello", at(1))]
    assert kept_out(live(release, events, at(9))) == []
    assert kept_out(live(release, events, at(9), a_customer(attributes={"plan": "pro"}))) == ["goal_already_met"]
    assert kept_out(live(release, events, at(9), a_customer(attributes={"staff": True}))) == ["exit_already_true"]


def test_journeys_of_one_instant_enter_by_the_path_of_their_file() -> None:
    journey = HEAD + "enter: {event: hello}\nsteps: [{email: %s}]\n"
    release = a_release({"any/b": journey % "one", "new/a": journey % "two", "any/c": journey % "three"})
    assert [template for _, template in sent(live(release, [an_event("hello")], at(1)))] == ["one", "three", "two"]


def test_again_and_while_inside_count_by_key() -> None:
    release = a_release({"any/j": HEAD + "enter: {event: booked, key: id}\nagain: after 10 days\n" + STEPS})
    booked = [("a", 0), ("a", 1), ("b", 2), ("a", 72), ("a", 264), ("b", 265)]
    events = [an_event("booked", at(hours=hours), id=key) for key, hours in booked]
    her = live(release, events, at(30))
    assert kept_out(her) == ["already_inside", "again_too_soon", "again_too_soon"]
    assert [one.key for one in her.enrollments] == ["a", "b", "a"]


def test_restart_ends_only_the_passage_of_its_own_key() -> None:
    trigger = (
        "enter: {event: [booked, moved], key: {booked: id, moved: old_id}}\nagain: always\nwhile_inside: restart\n"
    )
    release = a_release({"any/j": HEAD + trigger + STEPS})
    her = live(
        release, [an_event("booked", id=1), an_event("booked", id=2), an_event("moved", at(hours=1), old_id="1")], at(9)
    )
    assert sorted(left(her)) == [("0d 01:00", "restarted"), ("1d 00:00", "finished"), ("1d 01:00", "finished")]


def test_a_key_in_a_map_is_found_by_dots_and_a_list_is_no_key() -> None:
    release = a_release({"any/j": HEAD + "enter: {event: booked, key: shop.id}\nagain: always\n" + STEPS})
    her = live(release, [an_event("booked", shop={"id": 7}), an_event("booked", shop={"id": [7]})], at(9))
    assert ([one.key for one in her.enrollments], kept_out(her)) == (["7"], ["no_key"])


def test_a_start_respects_stage_again_while_inside_and_if() -> None:
    start, again = (a_start("j", hours) for hours in (1, 2))
    journey = HEAD + "enter: {event: hello, key: id, if: {attribute: no, exists: false}}\n" + STEPS
    her = live(a_release({"any/j": journey}), [start, again], at(9))
    assert ([one.key for one in her.enrollments], kept_out(her)) == (["x"], ["already_inside"])
    assert kept_out(live(a_release({"any/j": journey}), [start], at(9), a_customer(attributes={"no": 1}))) == [
        "condition_false"
    ]
    assert kept_out(live(a_release({"active/j": journey}), [start], at(9))) == ["not_in_stage"]
    gone = a_start("gone", 1)
    assert kept_out(live(a_release({"any/j": journey}), [gone], at(9))) == ["no_such_journey"]


def test_publishing_lets_in_those_who_are_in_the_stage_already_once() -> None:
    journey = HEAD + "enter: {stage: new, existing: enter}\n" + STEPS
    release = a_release({"new/j": journey})
    published = a_cause(EventKind.PUBLISHED, at(1), journeys=["j"])
    her = live(release, [an_event("x"), published], at(9), a_customer(stage="new"))
    assert left(her) == [("2d 00:00", "finished")]
    her = live(release, [published], at(9))
    assert (len(her.enrollments), kept_out(her)) == (1, [])
    nobody = a_cause(EventKind.PUBLISHED, at(1), journeys=[])
    assert live(release, [an_event("x"), nobody], at(9), a_customer(stage="new")).enrollments == []


def test_leaving_lets_in_only_for_the_reasons_listed() -> None:
    first = HEAD + "enter: {event: hello}\nexit: [{event: cancelled}]\n" + STEPS
    release = a_release({"any/j": first, "any/k": HEAD + "enter: {journey: j, left: [exit]}\nsteps: [{email: two}]\n"})
    assert sent(live(release, [an_event("hello"), an_event("cancelled", at(hours=1))], at(9))) == [("0d 01:00", "two")]
    assert sent(live(release, [an_event("hello")], at(9))) == [("1d 00:00", "one")]


def test_what_let_her_in_is_known_as_entry() -> None:
    first = (
        HEAD
        + "enter: {event: hello}\nsteps:\n"
        + "  - {email: one, with: {n: {fact: entry.n}, deep: {fact: entry.a.b}, no: {fact: entry.no}}}\n"
    )
    her = live(a_release({"any/j": first}), [an_event("hello", n=3, a={"b": 4})], at(1))
    assert her.effects.planned[0].values == {"n": 3, "deep": 4}


def test_the_same_customers_are_held_out_every_time() -> None:
    release = a_release({"any/j": HEAD + "enter: {event: hello}\nagain: always\nholdout: 50%\n" + STEPS})
    held_out = []
    for n in range(200):
        her = Customer(f"c{n}", email="a@example.com", identified=True, consents={("email", "tips"): True})
        live_through(her, [an_event("hello"), an_event("hello", at(5))], Catalog(release), at(9))
        assert len({one.held_out for one in her.enrollments}) == 1
        held_out.append(her.enrollments[0].held_out)
    assert held_out == [ids.share("test", "holdout j", f"c{n}") < 50 for n in range(200)]
    assert 70 < sum(held_out) < 130


def test_those_inside_keep_their_version_and_a_journey_whose_file_is_gone_takes_no_newcomers() -> None:
    old = a_release({"any/j": HEAD + "enter: {event: hello}\nagain: always\n" + STEPS})
    new = a_release({"any/other": HEAD + "enter: {event: hello}\nsteps: [{email: two}]\n"})
    her = live(old, [an_event("hello")], at(hours=1))
    catalog = Catalog(new, find={one.digest: one for one in old.journeys.values()}.__getitem__)
    live_through(her, [an_event("hello", at(hours=2))], catalog, at(9))
    assert sent(her) == [("0d 02:00", "two"), ("1d 00:00", "one")]


@pytest.mark.parametrize(("identified_at", "expected"), [(2, [("0d 00:02", "one")]), (9, [])])
def test_grace_keeps_an_entry_until_she_is_known_and_not_longer(
    identified_at: int, expected: list[tuple[str, str]]
) -> None:
    release = a_release({"any/j": HEAD + "enter: {event: hello}\ngrace: 5 minutes\nsteps: [{email: one}]\n"})
    known = a_cause(EventKind.IDENTIFY, at(minutes=identified_at), email="a@b.example", consent={"email": ["tips"]})
    her = live(release, [an_event("hello"), known], at(9), a_customer(email=None, consents={}, identified=False))
    assert sent(her) == expected
    assert [one.at for one in decided(her, Decided.NOT_ENTERED)] == ([] if expected else [at(minutes=5)])


def test_grace_dates_the_entry_by_its_event_for_a_customer_who_is_not_known_yet() -> None:
    release = a_release(
        {
            "any/j": HEAD
            + "enter: {event: signed_up}\ngrace: 5 minutes\nsteps: [{email: one}, {wait: 1 day}, {email: two}]\n"
        }
    )
    known = a_cause(EventKind.IDENTIFY, at(minutes=2), email="ann@example.com", consent={"email": ["tips"]})
    nobody = a_customer(email=None, phone=None, consents={}, identified=False)
    her = live(release, [an_event("signed_up"), known], at(5), nobody)
    assert sent(her) == [("0d 00:02", "one"), ("1d 00:02", "two")]
    assert her.enrollments[0].entered_at == at()


def test_grace_that_passes_decides_with_what_is_known() -> None:
    release = a_release(
        {
            "any/j": HEAD
            + "enter: {event: signed_up}\ngrace: 5 minutes\nsteps: [{email: one}, {wait: 1 day}, {email: two}]\n"
        }
    )
    her = live(release, [an_event("signed_up")], at(5), a_customer(email=None, consents={}, identified=False))
    assert kept_out(her) == ["no_permission"]
