"""The fault matrix: whatever fails wherever, marketing goes at most once, the rest at least once, and the ledger knows."""

from collections.abc import Sequence
import time
from pathlib import Path

import pytest

from channels.standin.server import StandIn
from tests.live.providers.cases import Case, every, few
from tests.live.providers.oracle import Figures, holds
from tests.live.providers.place import Place, options_at
from tests.live.providers.traps import Traps
from workers.devserver import DevServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def meet(place: Place, number: int, case: Case) -> None:
    """One message through one case; the next one finds everything in order."""
    for point in case.points:
        place.traps.arm(point)
    if case.fault is not None:
        place.stand_in.misbehave(case.fault)
    place.listen(delay=case.silence)
    place.happens(f"customer{number}", f"+4915112{number:06}", case.journey)
    await place.until(lambda: all(map(place.traps.went_off, case.points)))
    await place.until_quiet()
    place.stand_in.behave()


async def live_through(server: DevServer, folder: Path, database: str, action: str, cases: Sequence[Case]) -> Figures:
    """One after the other, in one place."""
    with StandIn() as stand_in, Place(options_at(folder, server, stand_in, database), stand_in, Traps(folder / "traps", action)) as place:
        for number, case in enumerate(cases):
            t0 = time.time()
            try:
                await meet(place, number, case)
                figures = holds(place)
                print(f"{time.time() - t0:.1f} {case}", flush=True)
            except AssertionError as wrong:
                raise AssertionError(f"{action} at {case}: {wrong}") from None
        print(f"\n{action}: {len(cases)} runs, {place.failures} failures: {figures}")
        return figures


async def test_first(temporal_server: DevServer, tmp_path: Path) -> None:
    cases = few(0)
    await live_through(temporal_server, tmp_path, f"sqlite:///{tmp_path / 'sojourn.db'}", "exit", cases)


async def test_second(temporal_server: DevServer, tmp_path: Path) -> None:
    cases = few(1)
    await live_through(temporal_server, tmp_path, f"sqlite:///{tmp_path / 'sojourn.db'}", "stop", cases)
