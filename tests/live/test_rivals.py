"""Two whole Sojourns at once on the same customers: no deadlock, nothing twice, and everything drains."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.live.conftest import Found
from tests.live.site import Site
from tests.live.story import MONDAY, Story, a_customer, a_fortnight, an_event
from tests.live.verdict import decided_as_undisturbed, nothing_twice_nothing_lost
from workers.devserver import DevServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def a_throng() -> Story:
    """Many customers to whom everything happens at the same instants, and again."""
    names = [f"customer{number:02}" for number in range(16)]
    told = [("signed_up", 0.5), ("purchased", 0.5), ("came_back", 3.0), ("purchased", 3.0), ("purchased", 6.5)]
    events = [an_event(name, what, when) for name in names for what, when in told]
    return replace(
        a_fortnight(), customers=[a_customer(name) for name in names], events=events, until=MONDAY + timedelta(days=10)
    )


def deadlocks(site: Site) -> int:
    """How many deadlocks PostgreSQL has counted in this database."""
    if not site.options.database.startswith("postgresql"):
        return 0
    counted = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return int(site.database.read(lambda connection: connection.execute(counted).scalar_one()))


async def test_two_relays_and_two_workers_on_the_same_customers(
    temporal_server: DevServer, found: Found, database_url: str
) -> None:
    site = found(temporal_server, a_throng(), database=database_url)
    second = site.another_worker()
    await site.until(site.drained, 300)
    assert site.worker.runs
    assert second.runs
    assert deadlocks(site) == 0
    assert {one.arrived for one in site.ledger()} <= {0, 1}
    nothing_twice_nothing_lost(site)
    decided_as_undisturbed(site)


async def test_one_of_two_is_killed_and_the_other_does_its_work(
    temporal_server: DevServer, found: Found, database_url: str
) -> None:
    site = found(temporal_server, a_throng(), database=database_url)
    second = site.another_worker()
    await site.until(lambda: len(site.ledger()) > 8)
    second.kill()
    await site.until(site.drained, 300, failing=None)
    nothing_twice_nothing_lost(site)
    decided_as_undisturbed(site)
