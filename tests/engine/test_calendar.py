"""Local time: what the page on time promises, in zones that jump."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.calendar import FIRST, LAST, add, fact_instant, is_open, local_instant, next_open, reach, zone, zone_of
from engine.errors import WindowNeverOpens
from engine.facts import MISSING
from engine.moments import Length, Moment, Window
from engine.release import Policy

BERLIN, NEW_YORK, TOKYO, UTC_ZONE = (ZoneInfo(n) for n in ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"))
BEIRUT = ZoneInfo("Asia/Beirut")  # leaps at midnight
JUMPY = [
    BERLIN,
    NEW_YORK,
    TOKYO,
    BEIRUT,
    ZoneInfo("Australia/Lord_Howe"),  # by half an hour
    ZoneInfo("America/Nuuk"),  # the gap is the day's last hour
    ZoneInfo("America/St_Johns"),
    ZoneInfo("Africa/Casablanca"),  # backwards in spring
    ZoneInfo("Pacific/Apia"),  # 30 December 2011 never was
]
MINUTE = timedelta(minutes=1)
EVERY_DAY = frozenset(range(7))

zones = st.sampled_from(JUMPY)
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))
instants = st.timedeltas(timedelta(0), timedelta(days=9000)).map(lambda later: datetime(2005, 1, 1, tzinfo=UTC) + later)


def _days_of_change(place: ZoneInfo) -> list[datetime]:
    days = [datetime(2005, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(365 * 25)]
    offsets = [day.astimezone(place).utcoffset() for day in days]
    return [day for day, old, new in zip(days, offsets, offsets[1:], strict=False) if old != new] or days[::97]


CHANGES = [(day, place) for place in JUMPY for day in _days_of_change(place)]
jumps = st.builds(
    lambda change, later: (change[0] + later, change[1]),
    st.sampled_from(CHANGES),
    st.timedeltas(timedelta(days=-1), timedelta(days=2)),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(at: datetime, place: ZoneInfo) -> datetime:
    return at.astimezone(place).replace(tzinfo=None, fold=0)


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
