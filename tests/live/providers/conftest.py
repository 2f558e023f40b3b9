"""Places whose providers are a stand-in, each on queues of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from channels.standin.server import StandIn
from tests.live.providers.place import PACE, Place, options_at
from tests.live.providers.traps import Traps
from workers.devserver import DevServer
from workers.pace import Pace

Settle = Callable[..., Place]


@pytest.fixture
def settle(tmp_path: Path) -> Iterator[Settle]:
    """Makes a place on a Temporal server and a database, with `action` behind its traps; it ends with the test."""
    with ExitStack() as stack:

        def make(server: DevServer, database: str, action: str, pace: Pace = PACE) -> Place:
            stand_in = stack.enter_context(StandIn())
            options = options_at(tmp_path, server, stand_in, database, pace)
            return stack.enter_context(Place(options, stand_in, Traps(tmp_path / "traps", action)))

        yield make
