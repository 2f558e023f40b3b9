"""Places whose providers are a stand-in, each on queues and on a database of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from channels.standin.server import StandIn
from tests.live.conftest import own_database
from tests.live.providers.forked import Mother
from tests.live.providers.place import PACE, Place, options_at
from tests.live.providers.traps import Traps
from workers.devserver import DevServer
from workers.pace import Pace

Settle = Callable[..., Place]


@pytest.fixture(scope="session")
def mother() -> Iterator[Mother]:
    """Forks every process."""
    with Mother() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def settle(request: pytest.FixtureRequest, tmp_path: Path, mother: Mother) -> Iterator[Settle]:
    """Makes places on a Temporal server, from any thread, with `action` behind their traps; they end with the test."""
    postgres = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    numbers = count(1)
    with ExitStack() as stack:

        def make(server: DevServer, action: str, pace: Pace = PACE) -> Place:
            folder = tmp_path / f"place{next(numbers)}"
            folder.mkdir()
            database = stack.enter_context(own_database(folder, postgres))
            stand_in = stack.enter_context(StandIn())
            options = options_at(folder, server, stand_in, database, pace)
            return stack.enter_context(Place(options, stand_in, Traps(folder / "traps", action), mother))

        yield make
