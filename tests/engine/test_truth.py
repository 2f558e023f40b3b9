"""Conditions on events and on states: every edge of the page on them."""

from dataclasses import replace
from datetime import timedelta

from engine.conditions import (
    Absent,
    AllOf,
    AnyOf,
    Condition,
    Consented,
    Count,
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
from tests.engine.asking import ALWAYS, DAY, HOUR, NEVER, TICK, where
from tests.engine.facts_in_memory import NOON, an_event, facts

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
