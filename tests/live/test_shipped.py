"""The journeys that ship: a sample year and CDNOW's buyers, lived and simulated to the same decision log."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from temporalio.client import Client

from engine.customer import Customer
from engine.release import Release
from engine.rows import EventReader
from engine.words import Channel, Origin, Withheld
from sojourn.project import load_sound, read_texts
from sojourn.rowfiles import EVENTS, Report, read_customers, read_events
from sojourn.sample.files import YEAR, write_sample
from sojourn.tabular import parse_columns
from tests.live.conftest import Found
from tests.live.site import Site
from tests.live.story import Story
from tests.live.verdict import decided_as_undisturbed
from workers.devserver import DevServer
from workers.pace import Pace

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROOT = Path(__file__).parents[2]
CDNOW = ROOT.parent / "shared" / "data" / "cdnow" / "CDNOW_sample.txt"
BOUGHT = replace(
    EVENTS,
    delimiter="space",
    header=False,
    date_format="%Y%m%d",
    columns=parse_columns(["customer=1,occurred_at=3,items=4,amount=5"]),
    always={"name": "purchased"},
)
START = datetime(2025, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Course:
    """How a life was lived: the seconds of both, and what it came to."""

    simulated: float
    lived: float
    enrollments: int
    messages: int
    history_events: int

    def __str__(self) -> str:
        each = self.lived / max(self.enrollments, 1) * 1000
        return (
            f"simulated in {self.simulated:.1f} s, lived in {self.lived:.0f} s: {self.enrollments} enrollments, "
            f"{self.messages} messages, {self.history_events} history events; {each:.0f} ms an enrollment, "
            f"{self.history_events / max(self.enrollments, 1):.1f} events"
        )


def a_sample_year(folder: Path, customers: int) -> Story:
    """The demo's customers and their year."""
    write_sample(folder, customers)
    release = load_sound(ROOT)
    cast = list(read_customers(Report(folder / "customers.jsonl"), release))
    told = list(read_events(Report(folder / "events.jsonl"), release, EventReader(Origin.REPLAY)))
    return Story(read_texts(ROOT), cast, told, START + YEAR)


def the_buyers_of_cdnow() -> Story:
    """Eighteen months of purchases, by customers who allow everything."""
    release = load_sound(ROOT)
    told = list(read_events(Report(CDNOW), release, EventReader(Origin.REPLAY), BOUGHT))
    cast = [_a_buyer(name, release) for name in sorted({name for name, _ in told})]
    return Story(read_texts(ROOT), cast, told, datetime(1998, 10, 1, tzinfo=UTC))


def _a_buyer(name: str, release: Release) -> Customer:
    consents = {(channel.value, topic): True for channel in Channel for topic in release.policy.topics}
    return Customer(
        name,
        identified=True,
        email=f"{name}@customers.example",
        phone="+447700900123",
        stage=release.lifecycle.start,
        consents=consents,
        attributes={"first_name": f"Buyer {name}"},
    )


async def lived(site: Site, client: Client, seconds: float) -> Course:
    """Lives and simulates a story, compares, and says what it took."""
    begun = monotonic()
    site.story.simulated()
    simulated, begun = monotonic() - begun, monotonic()
    await site.until(site.drained, seconds)
    took = monotonic() - begun
    site.worker.stop()
    decided_as_undisturbed(site)
    assert Withheld.LEFT not in {one.reason for one in site.ledger()}, "days went by while a message was on its way"
    runs = [run async for run in client.list_workflows(f"TaskQueue = '{site.options.queue}'")]
    return Course(
        simulated, took, len(site.runs(client)), len(site.ledger()), sum(run.history_length or 0 for run in runs)
    )


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[object], None]:
    """Prints figures though the test is quiet."""

    def told(figures: object) -> None:
        with capsys.disabled():
            print(f"\n{figures}")

    return told


async def test_a_sample_year_of_a_few(temporal_server: DevServer, found: Found, tmp_path: Path) -> None:
    site = found(temporal_server, a_sample_year(tmp_path / "sample", 15), time_lapse=timedelta(seconds=0.1))
    await lived(site, await temporal_server.connect(), 300)


@pytest.mark.trial
async def test_the_year_of_the_demo(tmp_path: Path, found: Found, tell: Callable[[object], None]) -> None:
    async with DevServer(db_file=tmp_path / "temporal.db") as server:
        site = found(server, a_sample_year(tmp_path / "sample", 200), time_lapse=timedelta(seconds=0.3), pace=Pace())
        tell(await lived(site, await server.connect(), 1800))


@pytest.mark.trial
@pytest.mark.skipif(not CDNOW.exists(), reason="NOT TESTED ON CDNOW: its sample does not lie beside the repository")
async def test_the_buyers_of_cdnow(tmp_path: Path, found: Found, tell: Callable[[object], None]) -> None:
    async with DevServer(db_file=tmp_path / "temporal.db") as server:
        site = found(server, the_buyers_of_cdnow(), time_lapse=timedelta(seconds=0.7), pace=Pace())
        tell(await lived(site, await server.connect(), 6000))
