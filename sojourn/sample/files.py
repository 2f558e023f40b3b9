"""The sample as the two files that `import` and `simulate` read."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final

from sojourn.sample.customers import Customer, draw_customer
from sojourn.sample.events import Event, written
from sojourn.sample.lives import live

YEAR: Final = timedelta(days=365)
LAST_ARRIVAL: Final = 300


@dataclass(frozen=True, slots=True)
class Counts:
    """What was written; `by_name` counts events by their name."""

    customers: int
    events: int
    by_name: Mapping[str, int]


def write_sample(folder: Path, customers: int = 300, seed: int = 7, start: date = date(2025, 11, 1)) -> Counts:
    """Writes customers.jsonl and events.jsonl: a year from `start` on, the same bytes for the same arguments.

    A customer does not change when others are added. Events are in the order in which they occurred.
    """
    cast = [_one(seed, number, start) for number in range(1, customers + 1)]
    lived = sorted(
        ((event, customer.id) for customer, events in cast for event in events),
        key=lambda pair: (pair[0].at, pair[1], pair[0].name),
    )
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "customers.jsonl", (customer.row() for customer, _ in cast))
    _write(folder / "events.jsonl", (_row(number, *pair) for number, pair in enumerate(lived, 1)))
    return Counts(len(cast), len(lived), Counter(event.name for event, _ in lived))


def _one(seed: int, number: int, start: date) -> tuple[Customer, list[Event]]:
    rng = Random(f"{seed}:{number}")  # noqa: S311 - chance for a story, not for a secret
    customer = draw_customer(number, rng)
    begin = datetime.combine(start, time(), UTC)
    arrives = begin + timedelta(days=rng.randint(1, LAST_ARRIVAL))
    return customer, live(customer, rng, arrives, begin + YEAR)


def _row(number: int, event: Event, customer: str) -> dict[str, object]:
    return {
        "id": f"e-{number:06d}",
        "customer": customer,
        "name": event.name,
        "occurred_at": written(event.at),
        "properties": event.properties,
    }


def _write(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
