"""Customers lived through by simulate, against a loop that does nothing but decode and sort their events."""

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels.numbers import zones_of
from engine.catalog import Catalog
from engine.customer import Customer
from engine.facts import Event
from engine.release import Release
from engine.rows import EventReader
from engine.simulate import log, simulate
from engine.words import Origin
from sojourn.project import load_sound
from sojourn.rowfiles import EVENTS, Report, read_customers, read_events
from sojourn.sample.files import write_sample
from sojourn.tabular import Form, parse_columns
from tests.bench.carrying import HOME
from tests.bench.figures import Figure, Sizes
from tests.bench.machine import working

CDNOW = replace(
    EVENTS,
    delimiter="space",
    header=False,
    date_format="%Y%m%d",
    columns=parse_columns(["customer=1,occurred_at=3,items=4,amount=5"]),
    always={"name": "purchased"},
)


@dataclass(frozen=True, slots=True)
class Base:
    """A customer base in files, and where to stop."""

    what: str
    events: Path
    form: Form
    until: datetime
    customers: Path | None = None


def measure(sizes: Sizes, folder: Path) -> list[Figure]:
    """The seeded base, and CDNOW's where its folder is given, with the shipped journeys, loaded beforehand."""
    write_sample(folder, sizes.customers)
    until = datetime(2026, 11, 1, tzinfo=UTC)
    bases = [Base("sample customers", folder / "events.jsonl", EVENTS, until, folder / "customers.jsonl")]
    if sizes.cdnow is not None:
        end = datetime(1998, 12, 31, tzinfo=UTC)
        bases.append(Base("customers of CDNOW", sizes.cdnow / "CDNOW_sample.txt", CDNOW, end))
    release = load_sound(HOME)
    return [_compared(base, release) for base in bases]


def _compared(base: Base, release: Release) -> Figure:
    watch = working()
    lived = _lived(base, release)
    ours, watch = watch.rate(lived), working()
    baseline = watch.rate(_decoded(base))
    return Figure(
        f"simulate {lived:,} {base.what}",
        "/s of work",
        ours,
        baseline,
        "a loop that decodes and sorts the same events",
    )


def _lived(base: Base, release: Release) -> int:
    """Reads the files, lives through them and makes the lines of the log; how many customers there were."""
    known = read_customers(Report(base.customers), release) if base.customers else ()
    lives = {one.id: (one, list[Event]()) for one in known}
    for name, event in read_events(Report(base.events), release, EventReader(Origin.LIVE), base.form):
        lives.setdefault(name, (_buyer(name, release), []))[1].append(event)
    for one in simulate(lives.values(), Catalog(release, zones_of=zones_of), base.until):
        for _ in log(one):
            pass
    return len(lives)


def _buyer(name: str, release: Release) -> Customer:
    """A customer of whom only purchases are known, who may be written to about everything."""
    consents = {("email", topic): True for topic in release.policy.topics}
    stage = release.lifecycle.start
    return Customer(name, email=f"{name}@customers.example", identified=True, stage=stage, consents=consents)


def _decoded(base: Base) -> int:
    by_customer: defaultdict[str, list[Any]] = defaultdict(list)
    with base.events.open(encoding="utf-8") as lines:
        for line in lines:
            if base.form is CDNOW:
                customer, _, at, *_ = line.split()
                by_customer[customer].append(at)
            else:
                row = json.loads(line)
                by_customer[row["customer"]].append(row["occurred_at"])
    for times in by_customer.values():
        times.sort()
    return len(by_customer)
