"""Places to live stories in, each on queues of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zlib import crc32

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.live.site import Site
from tests.live.story import Story
from tests.workers.whole import options_for
from workers.devserver import DevServer

DAY = timedelta(seconds=0.5)
Found = Callable[..., Site]


@pytest.fixture
def found(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Found]:
    """Makes a site on a Temporal server and prepares its story; what it runs ends with the test."""
    with ExitStack() as stack:

        def make(server: DevServer, story: Story, outside: Any = None, **changed: Any) -> Site:
            folder = tmp_path / f"site{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            options = replace(options_for(folder, server), **{"time_lapse": DAY, **changed})
            mark = f"{crc32(request.node.nodeid.encode()):08x}.{folder.name}"
            site = stack.enter_context(Site(options, story.apart(mark), outside))
            site.prepare()
            return site

        yield make


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of one's own."""
    postgres = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with own_database(tmp_path, postgres) as url:
        yield url


@contextmanager
def own_database(folder: Path, postgres: str) -> Iterator[str]:
    """An empty database while the block runs: on a PostgreSQL server, or on SQLite where none is named."""
    if not postgres:
        yield f"sqlite:///{folder / 'shared.db'}"
        return
    name = f"shared_{uuid4().hex}"
    administrator = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with administrator.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with administrator.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    administrator.dispose()
