"""Whatever fails wherever, marketing goes at most once, the rest at least once, and the ledger knows."""

from collections.abc import Sequence

import pytest

from tests.live.providers.cases import Case, every, few
from tests.live.providers.conftest import Settle
from tests.live.providers.oracle import holds, repeat
from tests.live.providers.place import Place
from tests.live.providers.traps import POINTS
from workers.devserver import DevServer

pytestmark = [pytest.mark.trial, pytest.mark.asyncio(loop_scope="session")]


async def meet(place: Place, number: int, case: Case) -> None:
    """One message through one case; the next one finds everything in order."""
    for point in case.points:
        place.traps.arm(point)
    if case.fault is not None:
        place.stand_in.misbehave(case.fault)
    place.listen(silent=case.is_silent)
    place.happens(f"customer{number}", f"+4915112{number:06}", case.journey)
    await place.until(lambda: all(map(place.traps.went_off, case.points)))
    await place.until_quiet()
    place.stand_in.behave()
    if case.is_silent:
        place.listen(silent=False)
        place.repeat()
        await place.until_quiet()


async def live_through(place: Place, cases: Sequence[Case]) -> None:
    """One case after the other, then every webhook once more; prints the figures."""
    for number, case in enumerate(cases):
        try:
            await meet(place, number, case)
            holds(place)
        except AssertionError as wrong:
            raise AssertionError(f"{place.traps.action} at {case}: {wrong}") from None
    repeated = repeat(place)
    await place.until_quiet()
    print(f"\n{place.traps.action}: runs {len(cases)}, failures {place.failures}, {holds(place)}, repeated {repeated}")


async def test_killed_at_every_other_point_and_outcome(
    temporal_server: DevServer, settle: Settle, database_url: str
) -> None:
    await live_through(settle(temporal_server, database_url, "exit"), few(0)[::2])


async def test_stalled_at_the_others_while_a_successor_does_its_work(
    temporal_server: DevServer, settle: Settle, database_url: str
) -> None:
    await live_through(settle(temporal_server, database_url, "stop"), few(0)[1::2])


@pytest.mark.parametrize("action", ["exit", "stop"])
@pytest.mark.parametrize("point", POINTS)
async def test_every_outcome_for_every_purpose_at_a_point(
    temporal_server: DevServer, settle: Settle, database_url: str, point: str, action: str
) -> None:
    cases = [case for case in every() if case.point == point]
    await live_through(settle(temporal_server, database_url, action), cases)
