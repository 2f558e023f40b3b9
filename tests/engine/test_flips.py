"""The instants at which time alone turns a condition."""

from datetime import UTC, datetime

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
)
from engine.conditions import Test as Comparison
from engine.conditions.truth import holds, next_flip
from engine.facts import Scope
from tests.engine.asking import DAY, HOUR, NEVER, TICK, where
from tests.engine.facts_in_memory import NOON, FactsInMemory, Remembered, an_event, facts

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
