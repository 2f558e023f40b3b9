"""Conditions: every edge of the page on them, and the instants at which time alone turns them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditions import (
    Absent,
    AllOf,
    AnyOf,
    Condition,
    Consented,
    Count,
    Fact,
    Happens,
    InSegment,
    InStage,
    MessageWas,
    NoneOf,
    Now,
    Operator,
    Where,
)
from engine.conditions import Test as Comparison
from engine.conditions.truth import holds, is_that, key_of, matches, next_flip
from engine.facts import Scope
from engine.words import EventKind
from tests.engine.facts_in_memory import NOON, FactsInMemory, Remembered, an_event, facts

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
NEVER = Fact("customer.nothing", Comparison(Operator.EXISTS, True))
ALWAYS = Fact("customer.nothing", Comparison(Operator.EXISTS, False))


def compares(value: object, operator: str, other: object, **given: Any) -> bool:
    """Does `{attribute: a, operator: other}` hold for a customer whose `a` is the value?"""
    return holds(
        Fact("customer.a", Comparison(Operator(operator), other)), facts(values={"customer.a": value, **given})
    )


def lacks(operator: str, other: object) -> bool:
    """The same for a customer who has no `a`."""
    return holds(Fact("customer.a", Comparison(Operator(operator), other)), facts())


def where(name: str, operator: str, other: object) -> Where:
    return Where(((name, Comparison(Operator(operator), other)),))


# Comparisons


def test_a_positive_comparison_with_a_missing_value_is_false() -> None:
    for operator in Operator:
        if operator not in (Operator.IS_NOT, Operator.NOT_IN, Operator.EXISTS):
            assert not lacks(operator, DAY if operator is Operator.WITHIN_LAST else ["x"])


def test_null_is_as_good_as_missing() -> None:
    assert not compares(None, "exists", True)
    assert not compares(None, "is", None)
    assert compares(None, "is_not", "pro")


def test_is_not_and_not_in_are_exactly_the_negation_of_is_and_in() -> None:
    assert lacks("is_not", "pro")
    assert lacks("not_in", ["pro"])
    for value in ("pro", "Pro", 1, 1.0, True, False, 0, "1", ["pro"], {"a": 1}):
        for other in ("pro", 1, True, 0, ["pro"]):
            assert compares(value, "is_not", other) is not compares(value, "is", other)
            assert compares(value, "not_in", [other]) is not compares(value, "in", [other])


def test_a_boolean_is_no_number() -> None:
    assert not compares(True, "is", 1)
    assert not compares(1, "is", True)
    assert not compares(0, "in", [False])
    assert not compares(True, "at_least", 1)
    assert not compares(1, "at_least", True)
    assert not compares([True], "contains", 1)
    assert compares(True, "is", True)


def test_whole_and_broken_numbers_compare() -> None:
    assert compares(1, "is", 1.0)
    assert compares(2.5, "more_than", 2)
    assert compares(2, "at_least", 2.0)
    assert compares(2, "at_most", 2.0)
    assert not compares(2, "more_than", 2)
    assert not compares(2, "less_than", 2.0)


def test_what_cannot_be_compared_is_false() -> None:
    assert not compares("9", "more_than", 1)
    assert not compares(9, "less_than", "10")
    assert not compares("b", "more_than", "a")
    assert not compares(7, "contains", 7)
    assert not compares("7", "contains", 7)
    assert not compares(12, "starts_with", "1")
    assert not compares(12, "matches", "*")
    assert not compares("soon", "before", Now())
    assert not compares(20260101, "before", Now())
    assert not compares("soon", "within_last", DAY)


def test_text_compares_case_sensitively() -> None:
    assert not compares("Pro", "is", "pro")
    assert not compares("Pro", "contains", "pro")
    assert not compares("Pro", "matches", "p*")
    assert not compares("Pro", "starts_with", "p")


def test_contains_is_membership_of_lists_and_part_of_text() -> None:
    assert compares(["news", "offers"], "contains", "news")
    assert not compares(["newsletter"], "contains", "news")
    assert compares("newsletter", "contains", "news")


@pytest.mark.parametrize(
    ("value", "pattern", "matched"),
    [
        ("ada@acme.example", "*@acme.example", True),
        ("ada@acme.example.org", "*@acme.example", False),
        ("ada@acmeXexample", "*@acme.example", False),
        ("a1", "a?", True),
        ("a", "a?", False),
        ("a12", "a?", False),
        ("[x]", "[x]", True),
        ("x", "[x]", False),
        ("", "*", True),
        ("", "", True),
        ("a", "", False),
        ("a\nb", "a*b", True),
        ("a\nb", "a?b", True),
        ("ab\n", "ab", False),
        ("aXbXc", "a*b*c", True),
        ("abab", "*ab", True),
        ("aab", "a*ab", True),
        ("ab", "a*ab", False),
        ("a.c", "a.c", True),
        ("a\\c", "a\\c", True),
        ("xaybz", "**a**b**", True),
    ],
)
def test_matches_takes_the_whole_value_with_star_and_question_mark_alone(
    value: str, pattern: str, matched: bool
) -> None:
    assert compares(value, "matches", pattern) is matched


def test_a_pattern_of_many_stars_does_not_explode() -> None:
    assert not compares("a" * 5000, "matches", "*a" * 40 + "*b")


@given(st.text("ab*?[", max_size=8), st.text("ab[", max_size=8))
def test_patterns_agree_with_their_definition(pattern: str, value: str) -> None:
    def fits(signs: str, text: str) -> bool:
        if not signs:
            return not text
        if signs[0] == "*":
            return any(fits(signs[1:], text[skip:]) for skip in range(len(text) + 1))
        return bool(text) and signs[0] in ("?", text[0]) and fits(signs[1:], text[1:])

    assert compares(value, "matches", pattern) is fits(pattern, value)


def test_exists_asks_for_a_value_or_for_none() -> None:
    assert compares("", "exists", True)
    assert compares(False, "exists", True)
    assert not compares(0, "exists", False)
    assert lacks("exists", False)
    assert not lacks("exists", True)


# Time in comparisons


def test_before_and_after_are_strict() -> None:
    now = "2026-03-03T12:00:00Z"
    assert not compares(now, "before", Now())
    assert not compares(now, "after", Now())
    assert compares("2026-03-03T11:59:59Z", "before", Now())
    assert compares("2026-03-03T12:00:01Z", "after", Now())
    assert compares("2026-03-03", "before", "2026-03-04")
    assert not compares("2026-03-04", "before", "2026-03-04")
    assert compares("9999-12-31", "after", Now())


def test_a_date_begins_at_midnight_on_the_customers_clock_or_in_utc() -> None:
    tokyo = {"customer.zone": "Asia/Tokyo"}
    assert compares("2026-03-04", "before", "2026-03-03T15:00:01Z", **tokyo)
    assert not compares("2026-03-04", "before", "2026-03-03T15:00:01Z")
    assert not compares("2026-03-04", "before", "2026-03-03T15:00:01Z", **{"customer.zone": "Mars/Olympus"})


def test_within_last_is_open_at_its_far_end_and_shut_at_now() -> None:
    assert compares("2026-03-03T12:00:00Z", "within_last", DAY)
    assert compares("2026-03-02T12:00:01Z", "within_last", DAY)
    assert not compares("2026-03-02T12:00:00Z", "within_last", DAY)
    assert not compares("2026-03-03T12:00:01Z", "within_last", DAY)


# Events


def test_where_holds_all_its_tests_and_reads_by_dots() -> None:
    both = Where((("plan", Comparison(Operator.IN, ["trial", "team"])), ("amount", Comparison(Operator.AT_LEAST, 5))))
    assert matches(both, {"plan": "team", "amount": 5})
    assert not matches(both, {"plan": "team"})
    assert matches(where("shop.city", "is", "Oslo"), {"shop": {"city": "Oslo"}})
    assert matches(where("shop.city", "is", "Oslo"), {"shop.city": "Oslo"})
    assert not matches(where("shop.city", "is", "Oslo"), {"shop": "Oslo"})
    assert matches(Where(), {})


def test_now_in_where_is_when_the_event_occurred() -> None:
    booked = an_event("booked", 2 * DAY, starts_at="2026-03-02T12:00:00Z")
    assert is_that(Happens("booked", where("starts_at", "after", Now())), booked, None)
    assert holds(Count("booked", where=where("starts_at", "after", Now())), facts(booked))
    assert not matches(where("starts_at", "after", Now()), booked.properties)


def test_an_event_is_matched_by_name_only_when_it_was_tracked() -> None:
    tracked = an_event("left")
    assert is_that(Happens("left"), tracked, None)
    assert not is_that(Happens("signed_up"), tracked, None)
    assert not is_that(Happens("left"), replace(tracked, kind=EventKind.LEFT), None)


def test_happens_is_this_very_cause() -> None:
    purchased = an_event("purchased")
    assert holds(Happens("purchased"), facts(purchased, cause=purchased))
    assert not holds(Happens("purchased"), facts(purchased))
    assert not holds(Happens("purchased"), facts(purchased, cause=an_event("opened")))


def test_in_a_keyed_scope_only_the_same_key_matches_as_text() -> None:
    scope = Scope(NOON - DAY, 1, key="42", keys={"moved": "appointment_id", "": "id"})
    happens = Happens("moved")
    assert is_that(happens, an_event("moved", appointment_id=42), scope)
    assert is_that(happens, an_event("moved", appointment_id="42"), scope)
    assert not is_that(happens, an_event("moved", appointment_id=43), scope)
    assert not is_that(happens, an_event("moved", id=42), scope)
    assert not is_that(happens, an_event("moved"), scope)
    assert is_that(Happens("moved", any_key=True), an_event("moved"), scope)
    assert is_that(Happens("other"), an_event("other", id=42), scope)
    assert is_that(happens, an_event("moved"), Scope(NOON - DAY, 1))


def test_an_event_without_the_key_property_has_no_key() -> None:
    assert key_of(an_event("moved", id=7), {"": "id"}) == "7"
    assert key_of(an_event("moved", shop={"id": 7}), {"moved": "shop.id"}) == "7"
    for event in (an_event("moved"), an_event("moved", id=None), an_event("moved", id=[7]), an_event("moved", id={})):
        assert key_of(event, {"": "id"}) is None
    assert key_of(an_event("moved", id=7), {"other": "id"}) is None


def test_a_count_is_at_least_one_unless_at_most_stands_alone() -> None:
    assert not holds(Count("opened"), facts())
    assert holds(Count("opened"), facts(an_event("opened")))
    assert holds(Count("opened", at_least=None, at_most=1), facts())
    assert not holds(Count("opened", at_least=None, at_most=0), facts(an_event("opened")))


def test_the_bounds_of_a_count_are_inclusive() -> None:
    three = facts(*(an_event("opened", HOUR, order) for order in range(3)), an_event("other"))
    assert holds(Count("opened", at_least=3, at_most=3), three)
    assert not holds(Count("opened", at_least=4), three)
    assert not holds(Count("opened", at_least=1, at_most=2), three)


def test_a_window_is_open_at_its_far_end_and_shut_at_now() -> None:
    in_a_day = Count("opened", within=DAY)
    assert holds(in_a_day, facts(an_event("opened")))
    assert holds(in_a_day, facts(an_event("opened", DAY - TICK)))
    assert not holds(in_a_day, facts(an_event("opened", DAY)))
    assert not holds(in_a_day, facts(an_event("opened", -TICK)))


def test_a_window_longer_than_time_itself_takes_all() -> None:
    assert holds(Count("opened", within=timedelta(days=999_999)), facts(an_event("opened", 3000 * DAY)))
    assert next_flip(Count("opened", within=timedelta(days=999_999_999)), facts(an_event("opened"))) is None


def test_since_entry_counts_what_was_settled_after_the_entering_event_and_not_dated_before_it() -> None:
    since, scope = Count("bought", since_entry=True), Scope(NOON - DAY, 5)
    for event, counted in [
        (an_event("bought", DAY, 5), False),
        (an_event("bought", DAY, 6), True),
        (an_event("bought", DAY + TICK, 6), False),
        (an_event("bought", HOUR, 4), False),
    ]:
        assert holds(since, facts(event, scope=scope)) is counted
        assert holds(Count("bought"), facts(event, scope=scope))
    assert not holds(since, facts(an_event("bought", HOUR, 9)))


def test_since_entry_counts_by_key_and_a_plain_count_does_not() -> None:
    scope = Scope(NOON - DAY, 0, key="a", keys={"": "id"})
    other = facts(an_event("bought", HOUR, 1, id="b"), scope=scope)
    assert not holds(Count("bought", since_entry=True), other)
    assert holds(Count("bought", since_entry=True, any_key=True), other)
    assert holds(Count("bought"), other)
    assert holds(Count("bought", since_entry=True), facts(an_event("bought", HOUR, 1, id="a"), scope=scope))


def test_absent_needs_silence_and_acquaintance_of_that_length() -> None:
    absent = Absent("opened", DAY)
    assert holds(absent, facts())
    assert holds(absent, facts(an_event("opened", DAY)))
    assert not holds(absent, facts(an_event("opened", DAY - TICK)))
    assert holds(absent, facts(known_since=NOON - DAY))
    assert not holds(absent, facts(known_since=NOON - DAY + TICK))
    assert holds(absent, facts(an_event("opened", -HOUR)))
    assert not holds(absent, facts(an_event("opened", -HOUR), an_event("opened", HOUR)))


# States


def test_in_stage_for_at_least_is_inclusive() -> None:
    fresh = facts(stage="retention", stage_since=NOON - DAY)
    assert holds(InStage("retention"), fresh)
    assert holds(InStage("retention", DAY), fresh)
    assert not holds(InStage("retention", DAY + TICK), fresh)
    assert not holds(InStage("expansion", DAY), fresh)


def test_consent_is_by_channel_and_topic_or_any_topic() -> None:
    given_ = facts(consented=frozenset({("email", "offers")}))
    assert holds(Consented("email", "offers"), given_)
    assert holds(Consented("email"), given_)
    assert not holds(Consented("email", "news"), given_)
    assert not holds(Consented("sms"), given_)


def test_a_message_was_sent_ever_or_within_a_window() -> None:
    sent = facts(messages={("welcome", "sent"): NOON - DAY})
    assert holds(MessageWas("welcome", "sent"), sent)
    assert not holds(MessageWas("welcome", "clicked"), sent)
    assert not holds(MessageWas("welcome", "sent", DAY), sent)
    assert holds(MessageWas("welcome", "sent", DAY + TICK), sent)


def test_segments_hold_through_each_other_and_a_gone_one_is_met_by_nobody() -> None:
    segments: dict[str, Condition] = {"a": AllOf((InSegment("b"), ALWAYS)), "b": InStage("onboarding")}
    assert holds(InSegment("a"), facts(segments=segments))
    assert not holds(InSegment("gone"), facts(segments=segments))
    assert next_flip(InSegment("gone"), facts()) is None


def test_all_any_and_none() -> None:
    who = facts()
    assert holds(AllOf((ALWAYS, ALWAYS)), who)
    assert not holds(AllOf((ALWAYS, NEVER)), who)
    assert holds(AnyOf((NEVER, ALWAYS)), who)
    assert not holds(AnyOf((NEVER, NEVER)), who)
    assert holds(NoneOf((NEVER, NEVER)), who)
    assert not holds(NoneOf((NEVER, ALWAYS)), who)
    assert holds(NoneOf((AllOf((ALWAYS, NEVER)),)), who)


# Flips


def test_absence_begins_exactly_its_length_after_the_last_event_or_the_first_acquaintance() -> None:
    assert (
        next_flip(Absent("opened", DAY), facts(an_event("opened", HOUR), an_event("opened", 5 * HOUR)))
        == NOON + 23 * HOUR
    )
    assert next_flip(Absent("opened", DAY), facts(known_since=NOON - HOUR)) == NOON + 23 * HOUR
    assert next_flip(Absent("opened", DAY), facts(an_event("opened", DAY))) is None


def test_a_count_flips_when_the_decisive_event_falls_out_of_the_window() -> None:
    three = facts(*(an_event("opened", ago * HOUR) for ago in (1, 2, 3)))
    assert next_flip(Count("opened", at_least=1, within=DAY), three) == NOON + 23 * HOUR
    assert next_flip(Count("opened", at_least=2, within=DAY), three) == NOON + 22 * HOUR
    assert next_flip(Count("opened", at_least=4, within=DAY), three) is None
    assert next_flip(Count("opened", at_least=None, at_most=2, within=DAY), three) == NOON + 21 * HOUR
    assert next_flip(Count("opened", at_least=None, at_most=3, within=DAY), three) is None
    assert next_flip(Count("opened", at_least=2, at_most=2, within=DAY), three) == NOON + 21 * HOUR
    assert next_flip(Count("opened"), three) is None


def test_a_date_after_now_ends_at_its_instant_and_before_now_begins_just_after() -> None:
    tomorrow = facts(values={"customer.a": "2026-03-04T12:00:00Z"})
    assert next_flip(Fact("customer.a", Comparison(Operator.AFTER, Now())), tomorrow) == NOON + DAY
    assert next_flip(Fact("customer.a", Comparison(Operator.BEFORE, Now())), tomorrow) == NOON + DAY + TICK
    today = facts(values={"customer.a": "2026-03-03T12:00:00Z"})
    assert next_flip(Fact("customer.a", Comparison(Operator.AFTER, Now())), today) is None
    assert next_flip(Fact("customer.a", Comparison(Operator.BEFORE, Now())), today) == NOON + TICK
    eternal = facts(values={"customer.a": datetime.max.replace(tzinfo=UTC)})
    assert next_flip(Fact("customer.a", Comparison(Operator.BEFORE, Now())), eternal) is None


def test_within_last_begins_at_a_future_value_and_ends_its_length_later() -> None:
    recent = Fact("customer.a", Comparison(Operator.WITHIN_LAST, DAY))
    assert next_flip(recent, facts(values={"customer.a": "2026-03-04T12:00:00Z"})) == NOON + DAY
    assert next_flip(recent, facts(values={"customer.a": "2026-03-03T12:00:00Z"})) == NOON + DAY
    assert next_flip(recent, facts(values={"customer.a": "2026-03-02T12:00:00Z"})) is None


def test_a_stage_and_a_message_flip_at_the_end_of_their_length() -> None:
    fresh = facts(stage_since=NOON - HOUR, messages={("welcome", "sent"): NOON - HOUR})
    assert next_flip(InStage("onboarding", DAY), fresh) == NOON + 23 * HOUR
    assert next_flip(InStage("retention", DAY), fresh) is None
    assert next_flip(MessageWas("welcome", "sent", DAY), fresh) == NOON + 23 * HOUR
    assert next_flip(MessageWas("welcome", "sent"), fresh) is None


def test_a_tree_flips_with_its_first_leaf_through_segments_too() -> None:
    who = facts(an_event("opened", HOUR), segments={"quiet": NoneOf((Absent("opened", DAY),))})
    assert next_flip(AllOf((NEVER, InSegment("quiet"), Absent("opened", 2 * DAY))), who) == NOON + 23 * HOUR


def test_time_alone_never_brings_an_event_a_consent_or_a_fixed_comparison() -> None:
    for condition in (
        Happens("opened"),
        Consented("email"),
        Fact("customer.a", Comparison(Operator.IS, "x")),
        Fact("customer.a", Comparison(Operator.BEFORE, "2026-09-01")),
        Fact("customer.a", Comparison(Operator.AFTER, "2026-02-01")),
    ):
        assert next_flip(condition, facts(values={"customer.a": "2026-08-01"})) is None


hours = st.integers(0, 60).map(lambda hours: hours * HOUR)
lengths = st.integers(1, 50).map(lambda hours: hours * HOUR)
bounds = st.none() | st.integers(0, 4)
dates = st.integers(-60, 60).map(lambda hours: (NOON + hours * HOUR).isoformat())
tests_of_time = st.one_of(
    st.builds(Comparison, st.sampled_from([Operator.BEFORE, Operator.AFTER]), st.just(Now()) | dates),
    st.builds(Comparison, st.just(Operator.WITHIN_LAST), lengths),
)
leaf = st.one_of(
    st.builds(Absent, st.just("opened"), lengths),
    st.builds(Count, st.just("opened"), bounds, bounds, st.none() | lengths, since_entry=st.booleans()),
    st.builds(Count, st.just("opened"), st.integers(1, 2), within=lengths, where=st.just(where("big", "is", True))),
    st.builds(InStage, st.just("onboarding"), st.none() | lengths),
    st.builds(MessageWas, st.just("welcome"), st.just("sent"), st.none() | lengths),
    st.builds(Fact, st.just("customer.a"), tests_of_time),
)
trees = st.recursive(
    leaf | st.just(InSegment("some")),
    lambda part: st.builds(
        lambda kind, parts: kind(tuple(parts)), st.sampled_from([AllOf, AnyOf, NoneOf]), st.lists(part)
    ),
    max_leaves=5,
)


@st.composite
def customers(draw: st.DrawFn) -> FactsInMemory:
    told = draw(
        st.lists(st.builds(an_event, st.just("opened"), hours, st.integers(0, 9), big=st.booleans()), max_size=6)
    )
    return FactsInMemory(
        values={"customer.a": draw(dates)},
        scope=Scope(NOON - draw(hours), draw(st.integers(0, 5))),
        history=Remembered(tuple(told)),
        known_since=NOON - draw(hours),
        stage_since=NOON - draw(hours),
        segments={"some": draw(leaf)},
        messages={("welcome", "sent"): NOON - draw(hours)},
    )


@given(leaf, customers())
def test_a_leaf_keeps_its_truth_until_its_flip_and_then_changes_it(condition: Condition, who: FactsInMemory) -> None:
    flip, truth = next_flip(condition, who), holds(condition, who)
    if flip is not None:
        assert flip > who.now
        two_bounds = isinstance(condition, Count) and None not in (condition.at_least, condition.at_most)
        assert two_bounds or holds(condition, who.at(flip)) is not truth
    end = NOON + 130 * HOUR if flip is None else flip
    for quarter in range(int((end - NOON) / (HOUR / 2)) + 1):
        for now in (NOON + quarter * HOUR / 2, NOON + quarter * HOUR / 2 + TICK):
            assert now >= end or holds(condition, who.at(now)) is truth
    assert holds(condition, who.at(end - TICK)) is truth


@given(trees, customers())
def test_a_tree_keeps_its_truth_until_its_flip(condition: Condition, who: FactsInMemory) -> None:
    flip, truth = next_flip(condition, who), holds(condition, who)
    end = NOON + 130 * HOUR if flip is None else flip
    for hour in range(int((end - NOON) / HOUR) + 1):
        for now in (NOON + hour * HOUR, NOON + hour * HOUR + TICK, NOON + hour * HOUR - TICK):
            assert not NOON <= now < end or holds(condition, who.at(now)) is truth
