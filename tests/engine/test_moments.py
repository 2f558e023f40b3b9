"""Moments and windows, in zones that jump."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.calendar import is_open, next_end, next_open, reach
from engine.errors import WindowNeverOpens
from engine.facts import MISSING
from engine.moments import Length, Moment, Window
from tests.engine.jumpy_zones import (
    BEIRUT,
    BERLIN,
    EVERY_DAY,
    MINUTE,
    UTC_ZONE,
    clocks,
    jumps,
    utc,
)

# Moments


def test_a_clock_time_is_today_or_tomorrow_and_exactly_now_passes_at_once() -> None:
    nine = Moment(at=time(9))
    assert reach(nine, utc("2026-07-01T06:59"), BERLIN, None) == utc("2026-07-01T07:00")
    assert reach(nine, utc("2026-07-01T07:00"), BERLIN, None) == utc("2026-07-01T07:00")
    assert reach(nine, utc("2026-07-01T07:00:00.000001"), BERLIN, None) == utc("2026-07-02T07:00")


def test_a_weekday_is_this_week_or_next() -> None:
    tuesday = Moment(weekday=1, at=time(10))  # 30 June 2026 is a Tuesday
    assert reach(tuesday, utc("2026-06-29T12:00"), BERLIN, None) == utc("2026-06-30T08:00")
    assert reach(tuesday, utc("2026-06-30T08:00"), BERLIN, None) == utc("2026-06-30T08:00")
    assert reach(tuesday, utc("2026-06-30T08:01"), BERLIN, None) == utc("2026-07-07T08:00")


def test_a_clock_time_that_comes_twice_asked_in_between_is_tomorrow_and_a_weekday_next_week() -> None:
    between = utc("2026-10-25T01:10")  # 02:10 for the second time, a Sunday
    assert reach(Moment(at=time(2, 30)), between, BERLIN, None) == utc("2026-10-26T01:30")
    assert reach(Moment(weekday=6, at=time(2, 30)), between, BERLIN, None) == utc("2026-11-01T01:30")
    assert reach(Moment(at=time(2, 30)), utc("2026-10-25T00:30"), BERLIN, None) == utc("2026-10-25T00:30")


def test_a_skipped_clock_time_is_reached_when_the_next_day_has_already_begun() -> None:
    leap = utc("2025-03-30T01:00")  # from Saturday 23:00 straight to Sunday 00:00
    for asked in (leap - timedelta(hours=1), leap):
        assert reach(Moment(at=time(23, 30)), asked, ZoneInfo("America/Nuuk"), None) == leap


def test_a_date_is_its_instant_even_when_past() -> None:
    christmas = Moment(on=date(2025, 12, 24), at=time(9))
    assert reach(christmas, utc("2026-07-01T00:00"), BERLIN, None) == utc("2025-12-24T08:00")
    assert reach(Moment(on=date(2025, 12, 24)), utc("2026-07-01T00:00"), BERLIN, None) == utc("2025-12-23T23:00")


@pytest.mark.parametrize(
    ("moment", "fact", "instant"),
    [
        (Moment(fact="customer.trial_ends"), "2026-07-04", "2026-07-03T22:00"),
        (Moment(fact="customer.trial_ends", offset=Length(days=3), sign=-1), "2026-07-04", "2026-06-30T22:00"),
        (Moment(fact="c", offset=Length(days=3), sign=-1, at=time(10)), "2026-07-04", "2026-07-01T08:00"),
        (Moment(fact="c", offset=Length(days=1)), "2026-03-28T09:00:00", "2026-03-29T07:00"),
        (Moment(fact="c", offset=Length(exact=timedelta(hours=2))), "2026-07-04T10:00:00Z", "2026-07-04T12:00"),
        (
            Moment(fact="c", offset=Length(exact=timedelta(hours=36)), sign=-1, at=time(10)),
            "2026-07-04",
            "2026-07-02T08:00",
        ),
        (
            Moment(fact="c", offset=Length(0, 1, timedelta(hours=36)), sign=-1, at=time(10)),
            "2026-07-04",
            "2026-07-01T08:00",
        ),
        (Moment(fact="c", offset=Length(months=1), sign=-1, at=time(9)), "2026-03-31", "2026-02-28T08:00"),
        (Moment(fact="c", offset=Length(days=3), sign=-1, at=time(10)), "2026-07-03T22:30:00Z", "2026-07-01T08:00"),
    ],
)
def test_a_fact_moves_by_its_offset_and_takes_the_time_of_day(moment: Moment, fact: str, instant: str) -> None:
    assert reach(moment, utc("2026-12-01T00:00"), BERLIN, fact) == utc(instant)


def test_days_before_a_date_whose_midnight_is_skipped_begin_at_midnight() -> None:
    moment = Moment(fact="c", offset=Length(days=3), sign=-1)
    assert reach(moment, utc("2026-01-01T00:00"), BEIRUT, "2026-03-29") == utc("2026-03-25T22:00")


def test_a_fact_that_is_missing_or_no_date_is_never_reached() -> None:
    for value in (MISSING, None, "soon", 3):
        assert reach(Moment(fact="customer.trial_ends"), utc("2026-07-01T00:00"), BERLIN, value) is None


@given(jumps, clocks, st.none() | st.integers(0, 6))
def test_a_moment_is_never_past_and_when_reached_stays(
    jump: tuple[datetime, ZoneInfo], clock: time, weekday: int | None
) -> None:
    now, place = jump
    moment = Moment(weekday=weekday, at=clock)
    got = reach(moment, now, place, None)
    assert got is not None
    assert now <= got <= now + timedelta(days=2 if weekday is None else 15)
    assert reach(moment, got, place, None) == got
    assert reach(moment, now + (got - now) / 2, place, None) == got


# Windows


def test_from_is_inside_and_to_is_outside() -> None:
    window = Window(time(9), time(18))
    for clock, inside in [("08:59:59", False), ("09:00", True), ("17:59:59", True), ("18:00", False)]:
        assert is_open(window, utc(f"2026-07-01T{clock}"), None, UTC_ZONE) is inside


def test_a_window_across_midnight_belongs_to_the_day_it_began() -> None:
    friday_night = Window(time(20), time(2), days=frozenset({4}))  # 3 July 2026 is a Friday
    for at, inside in [
        ("2026-07-03T01:00", False),
        ("2026-07-03T20:00", True),
        ("2026-07-04T01:59", True),
        ("2026-07-04T02:00", False),
        ("2026-07-04T20:00", False),
    ]:
        assert is_open(friday_night, utc(at), None, UTC_ZONE) is inside
    assert next_open(friday_night, utc("2026-07-04T02:00"), None, UTC_ZONE) == utc("2026-07-10T20:00")


def test_a_window_that_ends_where_it_begins_is_the_whole_day() -> None:
    window = Window(time(0), time(0), days=frozenset({4}))
    assert is_open(window, utc("2026-07-03T23:59"), None, UTC_ZONE)
    assert not is_open(window, utc("2026-07-04T00:00"), None, UTC_ZONE)


def test_after_friday_evening_comes_monday_morning() -> None:
    weekdays = Window(time(9), time(20), days=frozenset(range(5)))
    assert next_open(weekdays, utc("2026-07-03T20:10"), BERLIN, UTC_ZONE) == utc("2026-07-06T07:00")


def test_an_open_window_is_now_in_utc() -> None:
    now = datetime(2026, 7, 1, 10, tzinfo=BERLIN)
    assert next_open(Window(time(9), time(18)), now, BERLIN, UTC_ZONE) == now
    assert next_open(Window(time(9), time(18)), now, BERLIN, UTC_ZONE).tzinfo is UTC


def test_a_window_without_days_never_opens() -> None:
    with pytest.raises(WindowNeverOpens):
        next_open(Window(time(9), time(18), days=frozenset()), utc("2026-07-01T00:00"), None, UTC_ZONE)


def test_a_window_inside_a_gap_opens_the_day_after() -> None:
    window = Window(time(2, 10), time(2, 50))
    assert next_open(window, utc("2026-03-29T00:55"), BERLIN, UTC_ZONE) == utc("2026-03-30T00:10")


def test_a_window_whose_start_is_skipped_opens_with_the_leap() -> None:
    assert next_open(Window(time(2, 30), time(4)), utc("2026-03-29T00:00"), BERLIN, UTC_ZONE) == utc("2026-03-29T01:00")


@given(jumps, clocks, clocks, st.frozensets(st.integers(0, 6), min_size=1), st.sampled_from([None, "Asia/Tokyo"]))
@example((utc("2026-10-25T00:40"), BERLIN), time(1, 30), time(2, 30), EVERY_DAY, None)
@example((utc("2026-10-25T01:10"), BERLIN), time(2, 30), time(3), EVERY_DAY, None)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    jump: tuple[datetime, ZoneInfo], from_: time, to: time, days: frozenset[int], named: str | None
) -> None:
    now, place = jump
    window = Window(from_, to, days, named)
    got = next_open(window, now, place, UTC_ZONE)
    assert got.tzinfo is UTC
    assert is_open(window, got, place, UTC_ZONE)
    assert got == now or not is_open(window, got - timedelta(microseconds=1), place, UTC_ZONE)
    steps = min(400, (got - now) // (7 * MINUTE))
    for step in range(steps + 1):
        before = got - timedelta(microseconds=1) - step * 7 * MINUTE
        assert before < now or not is_open(window, before, place, UTC_ZONE)


@given(jumps, clocks, clocks, st.frozensets(st.integers(0, 6), min_size=1), st.sampled_from([None, "Asia/Tokyo"]))
@example((utc("2026-10-25T00:10"), BERLIN), time(0, 0), time(2, 30), EVERY_DAY, None)
@example((utc("2026-10-25T01:10"), BERLIN), time(0, 0), time(2, 30), EVERY_DAY, None)
@example((utc("2026-10-25T00:45"), BERLIN), time(2, 30), time(23), EVERY_DAY, None)
def test_an_open_window_is_open_until_its_next_end(
    jump: tuple[datetime, ZoneInfo], from_: time, to: time, days: frozenset[int], named: str | None
) -> None:
    now, place = jump
    window = Window(from_, to, days, named)
    assume(is_open(window, now, place, UTC_ZONE))
    end = next_end(window, now, place, UTC_ZONE)
    assert now < end <= now + timedelta(days=1)
    for step in range(min(400, (end - now) // (7 * MINUTE)) + 1):
        assert is_open(window, max(now, end - timedelta(microseconds=1) - step * 7 * MINUTE), place, UTC_ZONE)
