"""What has to be true of a story that was lived through, whatever was done to it."""

from itertools import zip_longest

from engine.words import MessageState, Purpose
from tests.live.site import Site
from tests.live.story import Story

FINAL = {MessageState.ACCEPTED, MessageState.WITHHELD, MessageState.REJECTED, MessageState.UNCERTAIN}


def nothing_twice_nothing_lost(site: Site) -> None:
    """Marketing arrives at most once, transactional messages at least once, and what is not known is declared."""
    ledger = site.ledger()
    assert ledger, "nothing was sent at all"
    for one in ledger:
        assert one.state in FINAL, one
        assert (one.arrived > 0) == (one.state is MessageState.ACCEPTED) or one.state is MessageState.UNCERTAIN, one
        if one.purpose is Purpose.MARKETING or not one.possible_duplicate:
            assert one.arrived <= 1, one
        if one.purpose is Purpose.TRANSACTIONAL:
            assert one.arrived >= 1, one
    assert set(site.arrivals()) <= {one.id for one in ledger}


def decided_as_undisturbed(site: Site) -> None:
    """The decision log is, byte for byte, the one of a simulation that nothing disturbed."""
    lived, wished = site.log(), simulated(site.story)
    apart = [pair for pair in zip_longest(lived, wished) if pair[0] != pair[1]]
    assert not apart, f"{len(apart)} lines differ, the first: {apart[:4]}"


def simulated(story: Story) -> list[str]:
    """The log of the undisturbed lives."""
    return story.told(story.simulated())
