"""Events that arrive late, twice, or out of history: what they still do, and what they no longer do."""

import pytest

from engine.decisions import Decided
from engine.facts import Event
from engine.words import EventKind, Origin
from tests.engine.lives import (
    START,
    a_cause,
    a_customer,
    a_release,
    an_event,
    at,
    decided,
    kept_out,
    left,
    live,
    sent,
    since,
)

HEAD = "purpose: marketing\ntopic: tips\nenter: {event: hello}\n"
WAIT = (
    HEAD + "steps: [{wait_for: {up_to: 9 days, first: [{event: a, then: [{email: one}]}], timeout: [{email: two}]}}]\n"
)


@pytest.mark.parametrize(("hours", "planned"), [(24, [("1d 00:00", "one")]), (24.1, [])])
def test_exactly_a_day_late_still_lets_in(hours: float, planned: list[tuple[str, str]]) -> None:
    late = an_event("hello", START, received_at=at(hours=hours))
    her = live(a_release({"any/j": HEAD + "steps: [{email: one}]\n"}), [late], at(5))
    assert sent(her) == planned
    assert kept_out(her) == ([] if planned else ["too_old"])


@pytest.mark.parametrize(("minutes", "begins"), [(10, "0d 00:00"), (11, "0d 00:11")])
def test_an_entry_more_than_ten_minutes_late_begins_at_its_arrival(minutes: int, begins: str) -> None:
    late = an_event("hello", START, received_at=at(minutes=minutes))
    her = live(a_release({"any/j": HEAD + "steps: [{email: one}]\n"}), [late], at(5))
    assert (sent(her), since(her.enrollments[0].entered_at)) == ([(begins, "one")], begins)


def test_an_exit_ends_an_entry_that_has_not_begun() -> None:
    late, quiet = an_event("hello", START, received_at=at(hours=5)), "exit: [{absent: seen, for: 3 hours}]\n"
    release = a_release({"any/j": HEAD + quiet + "steps: [{email: one}]\n"})
    her = live(release, [an_event("seen", START), late], at(5))
    assert (sent(her), left(her)) == ([], [("0d 03:00", "exit")])


def test_a_late_event_is_acted_on_at_her_last_instant_and_counts_by_its_own_time() -> None:
    recently = "{if: {event: a, at_least: 1, within_last: 2 hours}, then: [{email: one}]}"
    choice = f"steps: [{{wait: 1 day}}, {{choose: [{recently}, {{otherwise: [{{email: two}}]}}]}}]\n"
    release = a_release({"any/j": HEAD + choice})
    on_time, early = an_event("a", at(hours=23)), an_event("a", at(hours=21), received_at=at(hours=23))
    assert sent(live(release, [an_event("hello"), on_time], at(5))) == [("1d 00:00", "one")]
    assert sent(live(release, [an_event("hello"), early], at(5))) == [("1d 00:00", "two")]
    late = an_event("activated", at(hours=1), received_at=at(hours=3))
    her = live(a_release({"any/j": HEAD + choice}), [an_event("hello"), an_event("x", at(hours=2)), late], at(5))
    assert decided(her, Decided.MOVED)[0].at == at(hours=2)


def test_a_wait_for_takes_a_late_event_that_happened_after_its_look_back_began() -> None:
    release = a_release({"any/j": WAIT})
    late = an_event("a", at(hours=1), received_at=at(hours=20))
    assert sent(live(release, [an_event("hello"), an_event("x", at(hours=9)), late], at(20))) == [("0d 09:00", "one")]
    before = an_event("a", at(hours=-1), received_at=at(hours=2))
    assert sent(live(release, [an_event("hello"), before], at(20))) == [("9d 00:00", "two")]


def test_an_event_too_old_on_arrival_wakes_nobody() -> None:
    late = an_event("a", at(hours=1), received_at=at(hours=30))
    assert sent(live(a_release({"any/j": WAIT}), [an_event("hello"), late], at(20))) == [("9d 00:00", "two")]


def test_an_exit_counts_however_late_but_not_from_before_the_entry() -> None:
    release = a_release({"any/j": HEAD + "exit: [{event: cancelled}]\nsteps: [{wait: 9 days}, {email: one}]\n"})
    late = an_event("cancelled", at(hours=1), received_at=at(5))
    assert [reason for _, reason in left(live(release, [an_event("hello"), late], at(20)))] == ["exit"]
    before = an_event("cancelled", at(hours=-1), received_at=at(5))
    assert left(live(release, [an_event("hello"), before], at(20))) == [("9d 00:00", "finished")]


def test_a_goal_counts_by_its_own_time_however_late() -> None:
    goal = "goal: {event: bought, within: 1 day, value: amount}\nsteps: [{wait: 9 days}, {email: one}]\n"
    release = a_release({"any/j": HEAD + goal})
    for hours, counted in ((24, True), (25, False)):
        her = live(
            release, [an_event("hello"), an_event("bought", at(hours=hours), received_at=at(5), amount=3)], at(20)
        )
        assert ([reason for _, reason in left(her)], her.enrollments[0].goal_at is not None) == (["goal"], counted)


def test_of_one_message_id_the_first_to_arrive_counts_once() -> None:
    release = a_release({"any/j": HEAD + "again: always\nsteps: [{email: one, with: {n: {fact: entry.n}}}]\n"})
    hello = an_event("hello", n=1)
    other = Event(hello.id, EventKind.TRACK, "hello", at(1), at(2), {"n": 2})
    her = live(release, [other, hello, hello], at(9))
    assert [one.values for one in her.effects.planned] == [{"n": 1}]


def test_history_moves_stages_at_their_instants_and_time_then_goes_on_from_there() -> None:
    journey = "purpose: marketing\ntopic: tips\nenter: {stage: asleep, existing: ignore}\nsteps: [{email: one}]\n"
    release = a_release({"asleep/j": journey})
    past = Event("h", EventKind.TRACK, "activated", START, at(10), {}, Origin.HISTORY)
    her = live(release, [past], at(60))
    assert [(since(one.at), one.to) for one in her.effects.moves] == [
        ("0d 00:00", "new"),
        ("0d 00:00", "active"),
        ("30d 00:00", "asleep"),
    ]
    assert sent(her) == [("30d 00:00", "one")]


def test_history_starts_nothing_even_through_what_it_ends() -> None:
    second = "purpose: marketing\ntopic: tips\nenter: {journey: j}\nsteps: [{email: two}]\n"
    release = a_release(
        {"any/j": HEAD + "exit: [{event: cancelled}]\nsteps: [{wait: 9 days}, {email: one}]\n", "any/k": second}
    )
    past = Event("h", EventKind.TRACK, "cancelled", at(1), at(2), {}, Origin.HISTORY)
    her = live(release, [an_event("hello"), past], at(60))
    assert ([reason for _, reason in left(her)], sent(her)) == (["exit"], [])


def test_a_replay_lives_through_history_as_it_was() -> None:
    release = a_release({"any/j": HEAD + "steps: [{email: one}, {wait: 1 day}, {email: two}]\n"})
    past = Event("h", EventKind.TRACK, "hello", START, START, {}, Origin.REPLAY)
    assert sent(live(release, [past], at(60))) == [("0d 00:00", "one"), ("1d 00:00", "two")]


def test_an_identify_that_comes_late_is_learnt_all_the_same() -> None:
    late = Event("i", EventKind.IDENTIFY, "", START, at(3), {"attributes": {"a": 1}, "zone": "Asia/Tokyo"})
    her = live(a_release({"any/j": WAIT}), [late], at(5), a_customer(identified=False))
    assert (her.attributes, her.zone, her.identified) == ({"a": 1}, "Asia/Tokyo", True)
    assert a_cause(EventKind.IDENTIFY, START).kind is late.kind


def test_imported_history_moves_stages_and_starts_nothing() -> None:
    journey = "purpose: marketing\ntopic: tips\n" + "enter: {stage: asleep, existing: ignore}\nsteps: [{email: one}]\n"
    old = an_event("activated", START, received_at=at(60))
    history = type(old)(old.id, old.kind, old.name, old.occurred_at, old.received_at, {}, Origin.HISTORY)
    her = live(a_release({"asleep/j": journey}), [history], at(90))
    assert (her.stage, sent(her)) == ("asleep", [])
