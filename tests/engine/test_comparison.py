"""Comparisons: every edge of the page on them, time included."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.conditions import (
    Now,
    Operator,
)
from tests.engine.asking import DAY, compares, lacks

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
