"""Customers lived through by simulate, against a loop that does nothing but decode and sort their events."""

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.catalog import Catalog
from engine.customer import Customer
from engine.facts import Event
from engine.rows import EventReader
from engine.simulate import log, simulate
from engine.words import Origin
from sojourn.project import load_sound
from sojourn.rowfiles import EVENTS, Report, read_customers, read_events
from sojourn.sample.files import write_sample
from sojourn.tabular import Form, parse_columns
from tests.bench.carrying import HOME
from tests.bench.figures import Figure, Sizes
from tests.bench.machine import Watch

CDNOW = replace(
    EVENTS,
    delimiter=" ",
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
    """The seeded base, and CDNOW's where its folder is given."""
    write_sample(folder, sizes.customers)
    sample = Base(
        f"simulate {sizes.customers:,} sample customers",
        folder / "events.jsonl",
        EVENTS,
        datetime(2026, 11, 1, tzinfo=UTC),
        folder / "customers.jsonl",
    )
    bases = [sample]
    if sizes.cdnow is not None:
        file = sizes.cdnow / "CDNOW_sample.txt"
        bases.append(Base("simulate CDNOW's sample", file, CDNOW, datetime(1998, 12, 31, tzinfo=UTC)))
    return [_compared(base) for base in bases]


def _compared(base: Base) -> Figure:
    watch = Watch()
    ours = watch.rate(_lived(base))
    watch = Watch()
    baseline = watch.rate(_decoded(base))
    return Figure(base.what, "customers/s", ours, baseline, "a loop that decodes and sorts the events")


def _lived(base: Base) -> int:
    """Reads the files, lives through them, and writes the decision log's lines; how many customers there were."""
    release = load_sound(HOME)
    known = read_customers(Report(base.customers), release) if base.customers else ()
    lives = {one.id: (one, list[Event]()) for one in known}
    for customer, event in read_events(Report(base.events), release, EventReader(Origin.LIVE), base.form):
        lives.setdefault(customer, (Customer(customer), []))[1].append(event)
    return sum(1 for one in simulate(lives.values(), Catalog(release), base.until) if list(log(one)) or True)


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
