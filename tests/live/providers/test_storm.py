"""Thousands of messages while providers misbehave by chance and processes are killed and stalled by chance."""

import asyncio
import os
from functools import partial
from itertools import product
from random import Random
from typing import Final

import pytest

from channels.standin.faults import TWILIOS_OWN, Fault, FaultKind, Operation
from tests.live.providers.cases import JOURNEYS
from tests.live.providers.conftest import Settle
from tests.live.providers.oracle import figures, holds, repeat
from tests.live.providers.place import STORM, Place
from tests.live.providers.traps import POINTS
from workers.devserver import DevServer

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.trial]
MESSAGES: Final = int(os.environ.get("SOJOURN_STORM_MESSAGES", "10000"))
SECONDS: Final = float(os.environ.get("SOJOURN_STORM_SECONDS", "600"))
PATIENCE: Final = max(4 * SECONDS, 3000)
"""Seconds for feeding, and for draining: a machine that is busy is slow at both."""
CHANCE: Final = 0.03
"""Of each fault at each request."""
DENIALS: Final = 3
"""How often a key is refused in all: everything stands still each time."""


async def feed(place: Place) -> None:
    """The messages, a second's worth at a time."""
    names, a_second = list(JOURNEYS), max(1, round(MESSAGES / SECONDS))
    for first in range(0, MESSAGES, a_second):
        for number in range(first, min(first + a_second, MESSAGES)):
            journey = names[number % len(names)]
            await asyncio.to_thread(place.happens, f"customer{number}", f"+4915112{number:06}", journey)
        await asyncio.sleep(1)


async def rage(place: Place, chance: Random) -> None:
    """Somebody is met at some point, or killed or stalled wherever he is, every few seconds until it is cancelled.

    Whoever follows him is left in peace until he has begun: a machine that is busy would never come to send anything.
    """
    while True:
        await place.until(lambda: place.is_at_work)
        await asyncio.sleep(chance.uniform(2, 10))
        match chance.choice(("trap", "trap", "kill", "stall")):
            case "trap":
                place.traps.arm(chance.choice(POINTS))
            case "kill":
                place.kill()
            case "stall":
                place.stall()


def misbehave(place: Place) -> None:
    """Every fault by its chance, on submits and on look-ups."""
    everything = set(FaultKind) - {FaultKind.DENY}
    by_chance = [
        Fault(kind=kind, on=on, probability=CHANCE, seed=seed, seconds=1.5)
        for seed, (kind, on) in enumerate(product(sorted(everything), Operation))
        if on is Operation.SUBMIT or kind not in TWILIOS_OWN
    ]
    denials = Fault(kind=FaultKind.DENY, probability=CHANCE / 10, times=DENIALS)
    place.stand_in.misbehave(denials, *by_chance)
    place.stand_in.lag(2)
    place.listen(delay=2, duplicate=1, reorder=True, batch=True)


async def test_a_storm_doubles_no_marketing_loses_nothing_and_leaves_nothing_undeclared(
    temporal_server: DevServer, settle: Settle
) -> None:
    place = settle(temporal_server, "exit", STORM)
    misbehave(place)
    async with asyncio.TaskGroup() as group:
        fed = group.create_task(feed(place))
        raging = group.create_task(rage(place, Random(1)))
        await place.until(lambda: fed.done() and place.is_settled, PATIENCE)
        raging.cancel()
    place.stand_in.behave()
    place.traps.disarm()
    await place.until_quiet(PATIENCE)
    place.listen(duplicate=0)
    await place.attended(place.repeat)  # nobody was there to hear some of them
    await place.until_quiet()
    repeated = await place.attended(partial(repeat, place))
    await place.until_quiet()
    found = figures(holds(place))
    print(f"\nstorm of {MESSAGES} in {SECONDS:g} s: failures {place.failures}, {found}, repeated {repeated}")
