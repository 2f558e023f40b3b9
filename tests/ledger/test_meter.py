"""Text messages go at the rate of their parts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workers.clocks import VirtualTime
from workers.ledger.meter import Meter

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_text_of_five_parts_counts_five() -> None:
    clock = VirtualTime(NOON)
    meter = Meter(1, clock)
    assert meter.take(5) is None
    assert meter.take(1) == NOON + 4 * SECOND
    clock.instant = NOON + 4 * SECOND
    assert meter.take(1) is None


def test_what_was_not_let_through_has_taken_nothing() -> None:
    meter = Meter(1, VirtualTime(NOON))
    meter.take(5)
    assert meter.take(3) == meter.take(3) == meter.full_until() == NOON + 4 * SECOND


def test_a_rest_saves_up_no_more_than_a_second() -> None:
    clock = VirtualTime(NOON)
    meter = Meter(2, clock)
    clock.instant += timedelta(days=1)
    let_through = [meter.take(1) is None for _ in range(10)]
    assert let_through.count(True) == 3


@given(
    st.floats(0.1, 50),
    st.lists(st.tuples(st.integers(1, 12), st.floats(0, 20)), min_size=1, max_size=60),
)
def test_no_stretch_of_time_sees_more_than_the_rate_allows(per_second: float, texts: list[tuple[int, float]]) -> None:
    clock = VirtualTime(NOON)
    meter = Meter(per_second, clock)
    gone: list[tuple[datetime, int]] = []
    for parts, pause in texts:
        if meter.take(parts) is None:
            gone.append((clock.instant, parts))
        clock.instant += timedelta(seconds=pause)
    for first, (begun, _) in enumerate(gone):
        for last in range(first, len(gone)):
            stretch = (gone[last][0] - begun).total_seconds()
            before = sum(parts for _, parts in gone[first:last])
            assert before <= per_second * (stretch + 1) + 0.001


@given(st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_who_comes_back_when_told_goes_and_nothing_is_lost_of_the_rate(texts: list[int]) -> None:
    clock = VirtualTime(NOON)
    meter = Meter(4, clock)
    for parts in texts:
        while (opens_at := meter.take(parts)) is not None:
            clock.instant = opens_at
    assert (clock.instant - NOON).total_seconds() <= sum(texts[:-1]) / 4
