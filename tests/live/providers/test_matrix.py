"""Whatever fails wherever, marketing goes at most once, the rest at least once, and the ledger knows."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from typing import Final

import pytest

from tests.live.providers.cases import ACTIONS, Case, every, few
from tests.live.providers.conftest import Settle
from tests.live.providers.oracle import Carried, figures, holds, repeat
from tests.live.providers.place import Place
from workers.devserver import DevServer

TRIES: Final = 5
server_wide = pytest.mark.asyncio(loop_scope="session")


async def meet(place: Place, customer: int, case: Case) -> bool:
    """One message through one case; the next one finds everything in order. False: it went by a point that was armed.

    That happens where whoever was stopped goes on before anybody has missed him, as on a machine that is busy.
    """
    for point in case.points:
        place.traps.arm(point)
    if case.fault is not None:
        place.stand_in.misbehave(case.fault)
    place.listen(silent=case.is_silent)
    await asyncio.to_thread(place.happens, f"customer{customer}", f"+4915112{customer:06}", case.journey)
    await place.until(lambda: all(map(place.traps.went_off, case.points)) or place.is_quiet)
    met = all(map(place.traps.went_off, case.points))
    place.traps.disarm()
    await place.until_quiet()
    place.stand_in.behave()
    if case.is_silent:
        place.listen(silent=False)
        await place.attended(place.repeat)
        await place.until_quiet()
    return met


class Run:
    """Cases that are lived through in places side by side, and what came of them."""

    def __init__(self, settle: Settle, server: DevServer, cases: Sequence[Case]) -> None:
        self._new_place = partial(settle, server)
        self._one_by_one = asyncio.Lock()  # migrations are for one thread at a time
        self._waiting = {action: deque(case for case in cases if case.action == action) for action in ACTIONS}
        self.carried: list[Carried] = []
        self.wrong: list[str] = []
        self.failures = 0
        self.repeated = 0

    async def live_through(self, side_by_side: int) -> None:
        """All of them."""
        async with asyncio.TaskGroup() as group:
            for number in range(side_by_side):
                group.create_task(self._lane(sorted(ACTIONS, reverse=bool(number % 2))))

    async def _lane(self, actions: Sequence[str]) -> None:
        """One case after the other, those of the first action first; after one that goes wrong in a new place."""
        while action := next((one for one in actions if self._waiting[one]), ""):
            async with self._one_by_one:
                place = await asyncio.to_thread(self._new_place, action)
            try:
                await self._live_at(place, self._waiting[action])
            except AssertionError as wrong:
                self.wrong.append(str(wrong))
            place.end()
            self.failures += place.failures

    async def _live_at(self, place: Place, waiting: deque[Case]) -> None:
        customers = count()
        while waiting:
            await self._live_once(place, customers, waiting.popleft())
        self.repeated += await place.attended(partial(repeat, place))
        await place.until_quiet()
        self.carried += await asyncio.to_thread(holds, place)

    async def _live_once(self, place: Place, customers: Iterator[int], case: Case) -> None:
        """Until it has really been lived."""
        try:
            for _ in range(TRIES):
                met = await meet(place, next(customers), case)
                await asyncio.to_thread(holds, place)
                if met:
                    return
        except AssertionError as wrong:
            raise AssertionError(f"{case}: {wrong}") from None
        raise AssertionError(f"{case}: nobody came by the points that were armed")


async def live_through(settle: Settle, server: DevServer, side_by_side: int, cases: Sequence[Case]) -> None:
    """All cases, then every webhook once more; prints the figures."""
    run, began = Run(settle, server, cases), time.monotonic()
    await run.live_through(side_by_side)
    took, came = time.monotonic() - began, figures(run.carried)
    print(f"\nruns {len(cases)}, failures {run.failures}, {came}, repeated {run.repeated}, {took:.0f} s")
    assert not run.wrong, "\n\n".join(run.wrong)


def test_any_two_things_that_come_together_in_the_whole_matrix_do_in_the_short_one() -> None:
    whole = frozenset[object]().union(*(case.pairs for case in every()))
    assert whole == frozenset[object]().union(*(case.pairs for case in few()))
    assert len(few()) < len(every()) / 5


@server_wide
@pytest.mark.timeout(1800)  # a minute or two, where nobody else is at work
async def test_any_two_of_point_outcome_purpose_and_failure(
    temporal_server: DevServer, settle: Settle, side_by_side: int
) -> None:
    await live_through(settle, temporal_server, side_by_side, few())


@pytest.mark.trial
@server_wide
async def test_every_outcome_for_every_purpose_at_every_point(
    temporal_server: DevServer, settle: Settle, side_by_side: int
) -> None:
    await live_through(settle, temporal_server, side_by_side, every())
