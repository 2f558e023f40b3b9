"""Places whose providers are a stand-in, each on queues and on a database of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import create_engine, text

from channels.standin.server import StandIn
from tests.live.conftest import own_database
from tests.live.providers.forked import Mother
from tests.live.providers.place import PACE, Place, options_at
from tests.live.providers.traps import Traps
from workers.devserver import DevServer
from workers.pace import Pace

Settle = Callable[..., Place]
MOST: Final = 12
CONNECTIONS_EACH: Final = 16


@pytest.fixture(scope="session")
def mother() -> Iterator[Mother]:
    """Forks every process."""
    with Mother() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def postgres(request: pytest.FixtureRequest) -> str:
    """The server that databases are made on; empty for SQLite."""
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""


@pytest.fixture
def side_by_side(postgres: str) -> int:
    """How many places may live at once: they mostly wait for leases to end, but each wants its connections."""
    return min(MOST, allowed_connections(postgres) // CONNECTIONS_EACH) if postgres else MOST


@pytest.fixture
def settle(postgres: str, tmp_path: Path, mother: Mother) -> Iterator[Settle]:
    """Makes places on a Temporal server, in one thread at a time, with `action` behind their traps.

    They end with the test.
    """
    numbers = count(1)
    with ExitStack() as stack:

        def make(server: DevServer, action: str, pace: Pace = PACE) -> Place:
            folder = tmp_path / f"place{next(numbers)}"
            folder.mkdir()
            database = stack.enter_context(own_database(folder, postgres))
            stand_in = stack.enter_context(StandIn())
            httpx.get(f"{stand_in.url}/stand-in/requests")  # it makes its routes now, which only one may do at a time
            options = options_at(folder, server, stand_in, database, pace)
            return stack.enter_context(Place(options, stand_in, Traps(folder / "traps", action), mother))

        yield make


def allowed_connections(postgres: str) -> int:
    """How many connections a server allows."""
    engine = create_engine(postgres)
    with engine.connect() as connection:
        allowed = int(connection.execute(text("SHOW max_connections")).scalar_one())
    engine.dispose()
    return allowed
