"""Files of customers and of events, read row by row: what can be taken, and a report of what cannot."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from engine.customer import Customer
from engine.declared import strange_event
from engine.facts import Event
from engine.moments import utc
from engine.release import Release
from engine.rows import BadRow, EventReader, read_customer
from sojourn.tabular import Form, read_lines

CUSTOMERS: Final = Form(
    frozenset({"id", "email", "phone", "zone", "stage", "created_at"}) | {"consent", "attributes"},
    "attributes",
    frozenset({"id"}),
)
EVENTS: Final = Form(
    frozenset({"id", "customer", "name", "occurred_at", "received_at"}) | {"properties"},
    "properties",
    frozenset({"customer", "name", "occurred_at"}),
)


@dataclass
class Report:
    """What was wrong in a file: rows that were left out, and remarks on rows that were taken."""

    path: Path
    taken: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """The bad rows as CSV: line and reason."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("line", "reason"))
            rows.writerows(self.bad)

    def sentences(self, most: int = 5) -> Iterator[str]:
        """The first of them as a person reads them."""
        for what, found in (("left out", self.bad), ("taken, but", self.remarks)):
            for number, reason in found[:most]:
                yield f"{self.path}:{number}: {what}: {reason}"
            if len(found) > most:
                yield f"{self.path}: and {len(found) - most} more {what.removesuffix(', but')}"


Advance = Callable[[int], None]


def read_customers(
    report: Report, release: Release, form: Form = CUSTOMERS, advance: Advance = lambda _: None
) -> Iterator[Customer]:
    """The customers of the file; of several rows with one id the first is taken."""
    seen: set[str] = set()
    for number, row in _rows(report, replace(form, kinds=release.declared.attributes or {}), advance):
        try:
            customer, remarks = read_customer(row, release)
        except BadRow as bad:
            report.bad.append((number, str(bad)))
            continue
        if customer.id in seen:
            report.bad.append((number, f"id: found '{customer.id}' a second time; expected one row for each customer"))
            continue
        seen.add(customer.id)
        report.taken += 1
        report.remarks += [(number, remark) for remark in remarks]
        yield customer


def read_events(
    report: Report, release: Release, reader: EventReader, form: Form = EVENTS, advance: Advance = lambda _: None
) -> Iterator[tuple[str, Event]]:
    """The events of the file, each with the id of its customer."""
    kinds = {name: kind for event in (release.declared.events or {}).values() for name, kind in event.items()}
    for number, row in _rows(report, replace(form, kinds=kinds), advance):
        try:
            pair = reader.read(row)
        except BadRow as bad:
            report.bad.append((number, str(bad)))
            continue
        report.taken += 1
        report.remarks += [(number, remark) for remark in strange_event(release.declared, pair[1])]
        yield pair


def write_events(pairs: Iterable[tuple[str, Event]], file: Path) -> None:
    """Events as JSON lines, each with its id, as `import` and `simulate` read them."""
    with file.open("w", encoding="utf-8", newline="\n") as lines:
        for customer, event in pairs:
            row = {"id": event.id, "customer": customer, "name": event.name, "occurred_at": utc(event.occurred_at)}
            lines.write(json.dumps({**row, "properties": event.properties}, ensure_ascii=False) + "\n")


def _rows(report: Report, form: Form, advance: Advance) -> Iterator[tuple[int, Any]]:
    for line in read_lines(report.path, form, advance):
        if line.wrong:
            report.bad.append((line.number, line.wrong))
        else:
            yield line.number, line.row
