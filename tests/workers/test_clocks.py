"""The two clocks: business time runs fast, stands where nobody keeps it, and never jumps or goes back."""

from datetime import UTC, datetime, timedelta

from records.clocks import Lapse
from workers.clocks import STILL, RealTime, VirtualTime, business_at, ticked
from workers.clocks.heart import SLOWEST, rate_after
from workers.clocks.progress import Progress

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RATE = 86_400.0
ROW = Lapse(LONG_AGO, NOON, RATE, NOON)


def test_a_day_a_second_passes_while_the_heart_beats() -> None:
    assert business_at(ROW, NOON + SECOND) == LONG_AGO + timedelta(days=1)


def test_time_stands_where_the_heartbeat_is_missing() -> None:
    stands = business_at(ROW, NOON + STILL)
    assert business_at(ROW, NOON + timedelta(hours=5)) == stands


def test_time_goes_on_where_it_stood_without_a_jump() -> None:
    morning = NOON + timedelta(hours=20)
    woken = ticked(ROW, morning, backlog=False)
    assert business_at(woken, morning) == business_at(ROW, NOON + STILL)
    assert business_at(woken, morning + SECOND) == business_at(woken, morning) + timedelta(days=1)


def test_time_stands_at_once_when_there_is_a_backlog() -> None:
    stopped = ticked(ROW, NOON + SECOND, backlog=True)
    assert business_at(stopped, NOON + SECOND) == business_at(ROW, NOON + SECOND)
    assert business_at(stopped, NOON + 9 * SECOND) == business_at(ROW, NOON + SECOND)


def test_time_runs_slower_after_a_backlog_and_then_as_fast_as_was_wished() -> None:
    rate = 1000.0
    for _ in range(200):
        rate = rate_after(rate, 1000.0, backlog=True)
    assert rate == 1000.0 * SLOWEST
    for _ in range(200):
        rate = rate_after(rate, 1000.0, backlog=False)
    assert rate == 1000.0


def test_time_never_goes_back_whatever_the_heart_does() -> None:
    row, seen = ROW, LONG_AGO
    for beat in range(40):
        real = NOON + beat * timedelta(milliseconds=700)
        assert business_at(row, real) >= seen
        seen = business_at(row, real)
        if beat % 5:
            row = ticked(row, real, backlog=beat % 7 == 0)


def test_a_real_wake_is_rounded_up_and_never_in_the_past() -> None:
    clock = RealTime(VirtualTime(NOON))
    assert clock.look_at(NOON + SECOND) > NOON + SECOND
    assert clock.look_at(LONG_AGO) > NOON


def test_a_sleep_is_reckoned_by_how_fast_time_has_really_gone_and_rather_too_short() -> None:
    progress, running = Progress(), 1000.0
    for beat in range(20):  # half of the time it stands
        rate = progress.rate(LONG_AGO + beat * SECOND * running / 2, NOON + beat * SECOND, running)
    assert running / 2 < rate < running
    assert progress.rate(LONG_AGO + 10 * SECOND * running, NOON + timedelta(hours=1), running) == running / 16


def test_a_sleep_is_reckoned_by_the_clock_where_it_never_stood() -> None:
    progress, running = Progress(), 1000.0
    for beat in range(20):
        rate = progress.rate(LONG_AGO + beat * SECOND * running, NOON + beat * SECOND, running)
    assert rate == running


def test_a_sleep_is_reckoned_by_the_clock_as_long_as_nothing_has_been_seen() -> None:
    assert Progress().rate(LONG_AGO, NOON, 1000.0) == 1000.0
