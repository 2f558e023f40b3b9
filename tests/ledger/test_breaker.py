"""A journey whose messages bounce or are complained about too often is paused, and says why."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from channels.inbound.heard import Told
from channels.protocol import DeliveryEvent
from records import health, releases
from records.database import Database
from records.ledger.rates import Rates
from records.messages import Message
from tests.ledger.hearings import NOW, hearing, known, planned, sent, told
from workers.ledger.breaker import Breaker

DELIVERED, BOUNCED, COMPLAINED = DeliveryEvent.DELIVERED, DeliveryEvent.BOUNCED, DeliveryEvent.COMPLAINED
SMALL = Breaker(bounces=0.5, complaints=0.3, fewest=4, fewest_bounces=2, fewest_complaints=2, window=10)


@pytest.fixture
def four(database: Database) -> list[Message]:
    """Messages of four customers, all of them taken by a provider."""
    return [sent(database, one) for one in planned(database, "ada", "bob", "cyd", "dan")]


def bounced(one: Message, id_: str = "") -> Told:
    """It bounced for good."""
    return told(BOUNCED, one.correlation, id_, is_dead=True)


@pytest.mark.parametrize(
    ("rates", "trips"),
    [
        (Rates(), False),
        (Rates(delivered=190, dead=9), False),
        (Rates(delivered=190, dead=10), True),
        (Rates(delivered=191, dead=9), False),
        (Rates(delivered=0, dead=200), True),
        (Rates(delivered=39, dead=10), False),  # of fewer than fifty
        (Rates(delivered=40, dead=10), True),
        (Rates(delivered=41, dead=9), False),  # fewer than ten
        (Rates(delivered=49, complained=3), False),
        (Rates(delivered=50, complained=3), True),
        (Rates(delivered=50, complained=2), False),  # fewer than three
        (Rates(delivered=200, complained=1), False),
        (Rates(delivered=1001, complained=3), False),
        (Rates(delivered=1000, complained=3), True),
    ],
)
def test_five_in_a_hundred_bounces_or_three_in_a_thousand_complaints_are_too_much(rates: Rates, trips: bool) -> None:
    assert bool(Breaker().why(rates)) is trips


def test_a_journey_that_bounces_too_often_is_paused_and_its_messages_wait(
    database: Database, four: list[Message]
) -> None:
    ear = hearing(database, SMALL)
    ear.told([told(DELIVERED, one.correlation) for one in four[:2]] + [bounced(four[2])])
    assert database.read(health.stopped_journeys) == {}
    ear.told([bounced(four[3])])
    assert database.read(health.stopped_journeys) == {four[0].journey: "2 of 4 bounced for good"}
    assert known(database, four[0].id).journey_paused


def test_what_is_told_twice_counts_once_and_a_passing_bounce_not_at_all(
    database: Database, four: list[Message]
) -> None:
    told_often = [bounced(four[0], id_) for id_ in "abcdef"]
    passing = [told(BOUNCED, one.correlation, is_dead=False) for one in four]
    hearing(database, SMALL).told([*told_often, *passing])
    assert database.read(health.stopped_journeys) == {}


def test_what_is_no_bounce_and_no_complaint_pauses_nothing_though_enough_is_known_by_it(
    database: Database, four: list[Message]
) -> None:
    ear = hearing(database, SMALL)
    ear.told([bounced(one) for one in four[:2]])
    ear.told([told(DELIVERED, one.correlation) for one in four[2:]])
    assert database.read(health.stopped_journeys) == {}
    ear.told([bounced(four[2])])
    assert list(database.read(health.stopped_journeys).values()) == ["3 of 5 bounced for good"]


def test_a_complaint_pauses_and_after_a_resume_counting_begins_anew(database: Database, four: list[Message]) -> None:
    ear = hearing(database, SMALL)
    ear.told([told(DELIVERED, one.correlation) for one in four])
    ear.told([told(COMPLAINED, one.correlation) for one in four[:2]])
    assert list(database.read(health.stopped_journeys).values()) == ["2 of 4 complained"]
    database.write(partial(releases.resume, name=four[0].journey, at=NOW + timedelta(hours=1), real_now=NOW))
    ear.told([told(COMPLAINED, four[2].correlation)])
    assert database.read(health.stopped_journeys) == {}


def test_what_was_told_long_ago_does_not_count(database: Database, four: list[Message]) -> None:
    long_ago = NOW - timedelta(days=SMALL.days, seconds=1)
    hearing(database, SMALL).told([told(BOUNCED, one.correlation, at=long_ago, is_dead=True) for one in four[:2]])
    hearing(database, SMALL).told([bounced(four[2]), told(DELIVERED, four[3].correlation)])
    assert database.read(health.stopped_journeys) == {}


def test_only_the_newest_of_the_window_count(database: Database, four: list[Message]) -> None:
    ear = hearing(database, replace(SMALL, window=3))
    ear.told([bounced(one) for one in four[:2]])
    ear.told([told(DELIVERED, one.correlation, f"late {one.id}") for one in four])
    assert database.read(health.stopped_journeys) == {}
    ear.told([bounced(four[2])])
    assert database.read(health.stopped_journeys) == {}


def test_a_journey_that_somebody_has_paused_keeps_that_reason(database: Database, four: list[Message]) -> None:
    database.write(partial(releases.pause, name=four[0].journey, at=NOW))
    hearing(database, SMALL).told([bounced(one) for one in four])
    assert database.read(health.stopped_journeys) == {}
    assert list(database.read(health.paused_journeys)) == [four[0].journey]
