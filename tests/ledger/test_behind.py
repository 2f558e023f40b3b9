"""A customer of whom more is waiting than one load brings: nothing goes before all of it is known."""

from datetime import timedelta

from engine.facts import Event
from engine.words import EventKind
from records.customers.loading import EVENTS_PER_LOAD
from records.events import ingest
from tests.ledger.test_claiming import MORNING, Desk, desk
from workers.ledger.claiming import Claim, Later
from workers.pace import Pace

__all__ = ["desk"]


def waiting(at_desk: Desk, number: int) -> None:
    """So much has happened to her that is still to be settled."""
    times = (MORNING + timedelta(seconds=place) for place in range(1, number + 1))
    came = [("ada", Event(f"seen {at:%T}", EventKind.TRACK, "seen", at, at)) for at in times]
    at_desk.database.write(lambda connection: ingest(connection, came))


def test_what_one_load_brings_whole_holds_up_nothing(desk: Desk) -> None:
    desk.greet()
    waiting(desk, EVENTS_PER_LOAD - 1)
    assert isinstance(desk.claim(), Claim)


def test_nothing_is_claimed_while_an_opt_out_may_lie_behind_what_one_load_brings(desk: Desk) -> None:
    desk.greet()
    waiting(desk, EVENTS_PER_LOAD)
    assert desk.claim() == Later(desk.clock.instant + Pace().paused)
    desk.greet()
    assert isinstance(desk.claim(), Claim)
