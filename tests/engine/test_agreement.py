"""Properties of settle on random projects and lives: what is decided depends on causes and their order alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalog import Catalog, is_state
from engine.conditions.truth import holds
from engine.customer import Customer
from engine.decisions import Decided
from engine.facts import Event
from engine.release import Release
from engine.settling.settle import settle
from engine.settling.view import View
from engine.simulate import live_through, log
from tests.engine.lives import START, at
from tests.engine.random_lives import happenings, releases, somebody

END = at(40)
EXAMPLES = 30
zones = st.sampled_from([None, "Asia/Tokyo", "America/New_York"])
lives = st.lists(happenings(), min_size=6, max_size=14, unique_by=lambda one: one.id)
cuts = st.lists(st.integers(0, 40 * 24 * 4).map(lambda n: START + n * timedelta(minutes=15)), max_size=12)


def lived(release: Release, events: Sequence[Event], zone: str | None) -> Customer:
    her = somebody(zone)
    live_through(her, events, Catalog(release), END)
    return her


def lived_in_pieces(release: Release, events: Sequence[Event], zone: str | None, stops: Sequence[datetime]) -> Customer:
    """She is settled at every stop and at every arrival, from catalogs that were made anew."""
    her, waiting = somebody(zone), sorted(events, key=lambda one: one.received_at)
    for now in sorted({*stops, *(one.received_at for one in events), END}):
        _settle(her, release, now - timedelta.resolution)
        while waiting and waiting[0].received_at <= now:
            her.inbox.add(waiting.pop(0))
        _settle(her, release, now)
    return her


def _settle(her: Customer, release: Release, now: datetime) -> None:
    while settle(her, Catalog(release), now, lambda: False):
        pass


@settings(max_examples=EXAMPLES, deadline=None)
@given(releases(), lives, zones, cuts)
def test_it_makes_no_difference_how_often_she_is_settled(
    release: Release, events: list[Event], zone: str | None, stops: list[datetime]
) -> None:
    at_once, in_pieces = lived(release, events, zone), lived_in_pieces(release, events, zone, stops)
    assert list(log(in_pieces)) == list(log(at_once))
    assert in_pieces.effects.planned == at_once.effects.planned
    assert (in_pieces.stage, in_pieces.attributes, in_pieces.recheck_at) == (
        at_once.stage,
        at_once.attributes,
        at_once.recheck_at,
    )


@settings(max_examples=EXAMPLES, deadline=None)
@given(releases(), lives, zones, st.randoms(use_true_random=False))
def test_it_makes_no_difference_in_which_order_events_were_stored(
    release: Release, events: list[Event], zone: str | None, random: object
) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert list(log(lived(release, shuffled, zone))) == list(log(lived(release, events, zone)))


@settings(max_examples=EXAMPLES, deadline=None)
@given(releases(), lives, zones, st.integers(0, 40 * 24))
def test_nothing_that_time_makes_true_is_seen_too_late(
    release: Release, events: list[Event], zone: str | None, hours: int
) -> None:
    now, her, catalog = at(hours=hours), somebody(zone), Catalog(release)
    live_through(her, events, catalog, now)
    if her.stage_since is None or decided_refused(her):
        return
    view, stage = View(her, catalog, now), release.stages[her.stage]
    if stage.stay is None or now >= her.stage_since + stage.stay:
        assert not any(holds(rule, view) for rule in catalog.rules(her.stage).states)
    for one in her.live():
        seen, journey = View(her, catalog, now, None, one), catalog.program(one.version).journey
        assert one.parting or not any(is_state(rule) and holds(rule, seen) for rule in journey.exits)
        assert one.standing.due_at is not None
        assert one.standing.due_at > now


def decided_refused(her: Customer) -> bool:
    return any(one.decided is Decided.REFUSED for one in her.effects.decisions)


@settings(max_examples=EXAMPLES, deadline=None)
@given(releases(), lives, zones)
def test_a_life_keeps_its_order(release: Release, events: list[Event], zone: str | None) -> None:
    her = lived(release, events, zone)
    assert all(before.at <= after.at for before, after in pairwise(her.effects.decisions))
    assert [one.sequence for one in her.effects.decisions] == list(range(1, her.decided + 1))
    assert len({one.id for one in her.effects.planned}) == len(her.effects.planned)
    assert len({one.id for one in her.enrollments}) == len(her.enrollments)
    inside = [(one.journey, one.key) for one in her.live()]
    assert len(set(inside)) == len(inside)
