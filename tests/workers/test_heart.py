"""The heart of the time-lapse clock: it rings who has overslept, and nobody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from records import clocks, outbox, releases
from records.clocks import Lapse
from records.database import Database
from records.events import add_customers, ingest
from records.outbox import Bell
from records.schema import migrate
from tests.records.living import MONDAY, a_customer, an_event, publish_example, settle_all
from workers.clocks import VirtualTime
from workers.clocks.heart import PATIENCE, Heart

DAY = timedelta(days=1)
RATE = DAY / timedelta(seconds=1)


@dataclass
class Asleep:
    """Ada waits in the trial for up to three days; her start was handed over; a day takes a second."""

    database: Database
    real: VirtualTime
    heart: Heart

    def beats(self, business: timedelta) -> list[Bell]:
        """The bells after a beat at so long past MONDAY."""
        now = self.real.now()
        self.database.write(lambda connection: clocks.write(connection, Lapse(MONDAY + business, now, RATE, now)))
        self.heart.beat()
        return list(self.database.read(lambda connection: outbox.due(connection, now, 10)))

    def hand_over(self, bells: list[Bell]) -> None:
        """Temporal has taken them."""
        self.database.write(lambda connection: outbox.sent(connection, bells))


@pytest.fixture
def asleep(tmp_path: Path) -> Iterator[Asleep]:
    """The world, with a clock that a test sets."""
    url = f"sqlite:///{tmp_path / 'sojourn.db'}"
    migrate(url)
    with closing(Database(url)) as database, ThreadPoolExecutor(1) as threads:
        publish_example(database)
        database.write(lambda connection: add_customers(connection, [a_customer()]))
        entered = [("ada", an_event("trial_started", timedelta(hours=1), plan="trial"))]
        database.write(lambda connection: ingest(connection, entered))
        settle_all(database, "ada", [MONDAY + timedelta(hours=2)])
        real = VirtualTime(MONDAY)
        world = Asleep(database, real, Heart(database, real, RATE, threads))
        world.hand_over(list(database.read(lambda connection: outbox.due(connection, MONDAY, 10))))
        yield world


def test_who_sleeps_in_time_is_left_alone(asleep: Asleep) -> None:
    assert asleep.beats(timedelta(days=3)) == []


def test_who_has_overslept_is_rung_once_in_a_while(asleep: Asleep) -> None:
    bells = asleep.beats(timedelta(days=9))
    assert [(bell.is_start, bell.seq < 0) for bell in bells] == [(False, True)]
    asleep.hand_over(bells)
    assert asleep.beats(timedelta(days=9)) == []
    asleep.real.instant += PATIENCE * 2
    assert len(asleep.beats(timedelta(days=9))) == 1


def test_nobody_oversleeps_in_a_paused_journey(asleep: Asleep) -> None:
    asleep.database.write(lambda connection: releases.pause(connection, "trial", MONDAY + DAY))
    assert asleep.beats(timedelta(days=9)) == []
