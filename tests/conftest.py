"""What the whole suite shares: one Temporal server, and the PostgreSQL it was given."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from workers.devserver import DevServer


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_server() -> AsyncIterator[DevServer]:
    """One real Temporal server in memory for the whole run: keep apart by task queue and workflow id."""
    async with DevServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL database to make schemas in; skips, and says so, where the run was given none."""
    url = os.environ.get("SOJOURN_TEST_POSTGRES")
    if not url:
        pytest.skip("NOT TESTED ON POSTGRESQL: set SOJOURN_TEST_POSTGRES=postgresql+psycopg://... (.ci/run starts one)")
    return url
