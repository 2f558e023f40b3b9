"""Local time: what the page on time promises, in zones that jump."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.calendar import FIRST, LAST, add, fact_instant, local_instant, zone, zone_of
from engine.facts import MISSING
from engine.moments import Length, Window
from engine.release import Policy
from tests.engine.jumpy_zones import (
    BERLIN,
    MINUTE,
    NEW_YORK,
    TOKYO,
    UTC_ZONE,
    clocks,
    instants,
    jumps,
    utc,
    wall,
    zones,
)

# Zones


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "Europe",
        "../etc/passwd",
        "/etc/passwd",
        "a\0b",
        "x" * 5000,
        "zone.tab",
        "\ud800",
        None,
        7,
        [],
    ],
)
def test_an_unknown_zone_is_none(name: object) -> None:
    assert zone(name) is None


def test_the_zone_is_the_windows_then_the_customers_then_otherwise_then_the_policys() -> None:
    policy = Policy(zone="UTC")
    named, own = Window(time(9), time(18), zone="Asia/Tokyo"), Window(time(9), time(18), otherwise="Europe/Berlin")
    assert zone_of(named, "America/New_York", policy) == TOKYO
    assert zone_of(own, "America/New_York", policy) == NEW_YORK
    assert zone_of(own, "Mars/Olympus", policy) == BERLIN
    assert zone_of(own, MISSING, policy) == BERLIN
    assert zone_of(Window(time(9), time(18)), None, policy) == UTC_ZONE
    assert zone_of(None, "America/New_York", policy) == NEW_YORK
    assert zone_of(None, None, policy) == UTC_ZONE


# Local instants


def test_a_skipped_local_time_is_the_first_instant_after() -> None:
    assert local_instant(date(2026, 3, 29), time(2, 30), BERLIN) == utc("2026-03-29T01:00")
    assert local_instant(date(2026, 3, 8), time(2, 0), NEW_YORK) == utc("2026-03-08T07:00")
    assert local_instant(date(2011, 12, 30), time(12), ZoneInfo("Pacific/Apia")) == utc("2011-12-30T10:00")


def test_a_local_time_that_comes_twice_is_the_first_of_the_two() -> None:
    assert local_instant(date(2026, 10, 25), time(2, 30), BERLIN) == utc("2026-10-25T00:30")
    assert local_instant(date(2026, 10, 25), time(2, 30, fold=1), BERLIN) == utc("2026-10-25T00:30")


@given(jumps, clocks)
def test_a_local_instant_is_the_first_at_which_clocks_have_come_so_far(
    jump: tuple[datetime, ZoneInfo], clock: time
) -> None:
    at, place = jump
    asked = datetime.combine(at.astimezone(place), clock)
    got = local_instant(asked.date(), clock, place)
    assert got.tzinfo is UTC
    assert wall(got, place) >= asked
    assert wall(got - timedelta(microseconds=1), place) < asked
    for earlier in range(1, 180):
        assert wall(got - earlier * MINUTE, place) < asked


# Waits


def test_a_day_keeps_the_local_time_and_24_hours_do_not() -> None:
    saturday = utc("2026-03-28T08:00")  # 09:00 in Berlin
    assert add(Length(days=1), saturday, BERLIN) == utc("2026-03-29T07:00")
    assert add(Length(exact=timedelta(hours=24)), saturday, BERLIN) == utc("2026-03-29T08:00")


def test_a_month_from_the_31st_ends_on_the_last_of_the_next() -> None:
    for start, months, end in [
        ("2026-01-31T12:00", 1, "2026-02-28T12:00"),
        ("2028-01-31T12:00", 1, "2028-02-29T12:00"),
        ("2028-02-29T12:00", 12, "2029-02-28T12:00"),
        ("2026-03-31T12:00", -1, "2026-02-28T12:00"),
        ("2026-10-31T12:00", 4, "2027-02-28T12:00"),
        ("2026-01-31T12:00", -2, "2025-11-30T12:00"),
    ]:
        assert add(Length(months=months), utc(start), UTC_ZONE) == utc(end)


def test_the_calendar_part_comes_before_the_exact_part() -> None:
    assert add(Length(months=1, days=1, exact=timedelta(hours=2)), utc("2026-01-31T08:00"), BERLIN) == utc(
        "2026-03-01T10:00"
    )


def test_a_day_that_ends_in_a_gap_ends_after_it() -> None:
    assert add(Length(days=1), utc("2026-03-28T01:30"), BERLIN) == utc("2026-03-29T01:00")


def test_exact_time_from_the_second_of_two_hours_stays_exact() -> None:
    second = utc("2026-10-25T01:30")
    assert add(Length(exact=timedelta(minutes=5)), second, BERLIN) == utc("2026-10-25T01:35")


def test_a_wait_beyond_the_calendar_ends_at_its_edge() -> None:
    assert add(Length(months=12 * 9000), utc("2026-01-01T00:00"), BERLIN) == LAST
    assert add(Length(days=-1), FIRST, NEW_YORK) == FIRST
    assert add(Length(exact=timedelta(days=1)), LAST, TOKYO) == LAST


@given(instants, zones, st.integers(0, 40), st.integers(0, 60))
def test_calendar_waits_keep_the_clock_wherever_it_exists(
    start: datetime, place: ZoneInfo, months: int, days: int
) -> None:
    assume(months + days)
    got, before = wall(add(Length(months, days), start, place), place), wall(start, place)
    exists = local_instant(got.date(), before.time(), place)
    assert got.time() == before.time() or wall(exists, place).time() != before.time()
    assert (got - before) > timedelta(0)


# Facts


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-07-01", "2026-06-30T22:00"),
        ("2026-07-01T10:00:00", "2026-07-01T08:00"),
        ("2026-07-01 10:00", "2026-07-01T08:00"),
        ("2026-07-01T10:00:00Z", "2026-07-01T10:00"),
        ("2026-07-01T10:00:00.5-04:00", "2026-07-01T14:00:00.500"),
        (datetime(2026, 7, 1, 10, tzinfo=TOKYO), "2026-07-01T01:00"),
        (datetime(2026, 7, 1, 10, tzinfo=UTC), "2026-07-01T10:00"),
        (datetime.fromisoformat("2026-07-01T10:00"), "2026-07-01T08:00"),
    ],
)
def test_a_fact_without_an_offset_is_local_time(value: object, instant: str) -> None:
    got = fact_instant(value, BERLIN, None)
    assert got == utc(instant)
    assert got.tzinfo is UTC


def test_what_is_no_date_has_no_instant() -> None:
    for value in (
        "",
        "pro",
        "20260701",
        "2026-02-30",
        "2026-W10-1",
        "2026-07-01x10:00",
        "2026-07-01T25:00",
        "-",
        "9999-99-99",
    ):
        assert fact_instant(value, BERLIN, None) is None
    for other in (None, MISSING, 20260701, 1.5, True, ["2026-07-01"], {"at": "2026-07-01"}, "2026-07-01\ud800"):
        assert fact_instant(other, BERLIN, None) is None


def test_at_replaces_the_time_of_day_on_the_local_calendar() -> None:
    assert fact_instant("2026-07-01", BERLIN, time(10)) == utc("2026-07-01T08:00")
    assert fact_instant("2026-06-30T23:30:00Z", BERLIN, time(10)) == utc("2026-07-01T08:00")


def test_dates_at_the_edge_of_the_calendar_are_held_there() -> None:
    assert fact_instant("9999-12-31", UTC_ZONE, None) == utc("9999-12-31T00:00")
    assert fact_instant("9999-12-31T23:00", NEW_YORK, None) == LAST
    assert fact_instant("0001-01-01", TOKYO, None) == FIRST
    assert fact_instant("0001-01-01T00:00:00+09:00", TOKYO, time(1)) == FIRST
    assert fact_instant("9999-12-31T23:59:59-09:00", TOKYO, time(9)) is not None


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?(Z|[+-]\d\d:\d\d)?", fullmatch=True), zones)
def test_any_text_is_an_instant_or_none(text: str, place: ZoneInfo) -> None:
    for at in (None, time(9)):
        got = fact_instant(text, place, at)
        assert got is None or got.tzinfo is UTC
