"""Places to live stories in, each on queues of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

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
