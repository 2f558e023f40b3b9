"""Every bench runs: what it finds is not asked here, for speed is no matter of tests."""

import json
from pathlib import Path

import pytest

from tests.bench.__main__ import ALONE, SERVED, Measure
from tests.bench.figures import Figure, Sizes, shown, write
from workers.devserver import DevServer

TINY = Sizes(enrollments=2, rounds=1, waiting=3, customers=5, journeys=16, events=20, mails=3)


@pytest.mark.parametrize("name", ALONE)
def test_a_bench_without_a_server_runs(name: Measure, tmp_path: Path) -> None:
    assert all(figure.ours > 0 for figure in ALONE[name](TINY, tmp_path))


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", SERVED)
async def test_a_bench_on_the_server_runs(name: Measure, temporal_server: DevServer, tmp_path: Path) -> None:
    assert await SERVED[name](TINY, tmp_path, temporal_server)


def test_figures_are_told_with_their_ratio(tmp_path: Path) -> None:
    figure = Figure("walks", "/s", 45.0, 50.0, "on crutches")
    write([figure], tmp_path / "figures.json")
    assert json.loads((tmp_path / "figures.json").read_text())[0]["ratio"] == 0.9
    assert shown([figure]).row_count == 1
