"""What one cause is worked on with: the customer, the catalog, the instant, and how effects are noted."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from engine import calendar, ids
from engine.catalog import Catalog, Program
from engine.conditions import Value
from engine.customer import Customer, Enrollment
from engine.decisions import Decided, Decision
from engine.facts import MISSING, Event
from engine.journey import Add, FactRef, Given
from engine.settling.view import View
from engine.words import EventKind, Origin

GENERATIONS_PER_INSTANT = 100


@dataclass(slots=True)
class Desk:
    """One cause of one customer at one instant.

    `acts` is False for history, which starts and wakes nothing; `arrived` is True when it is her first cause.
    """

    customer: Customer
    catalog: Catalog
    instant: datetime
    generation: int
    cause: str
    event: Event | None = None
    acts: bool = True
    emissions: int = 0
    arrived: bool = False
    moved_to: str = ""

    def view(self, enrollment: Enrollment | None = None, event: Event | None = None) -> View:
        """The facts as this enrollment sees them now."""
        return View(self.customer, self.catalog, self.instant, event, enrollment)

    def program(self, enrollment: Enrollment) -> Program:
        """The version the enrollment is inside of."""
        return self.catalog.program(enrollment.version)

    def note(self, decided: Decided, one: Enrollment | None = None, step: str = "", **detail: Value) -> None:
        """Write a line of the decision log about an enrollment."""
        journey, enrollment = (one.journey, one.id) if one else (str(detail.pop("journey", "")), "")
        self.customer.decided += 1
        self.customer.effects.decisions.append(
            Decision(
                self.customer.decided,
                self.instant,
                self.cause,
                decided,
                self.catalog.release.digest,
                journey,
                enrollment,
                step,
                detail,
            )
        )

    def touch(self, enrollment: Enrollment) -> None:
        """The enrollment has changed and must be saved."""
        self.customer.effects.touched[enrollment.id] = enrollment

    def ring(self, enrollment: Enrollment) -> None:
        """The enrollment's answer to its workflow has changed."""
        self.touch(enrollment)
        self.customer.effects.rung[enrollment.id] = enrollment

    def emit(self, one: Enrollment, step: str, kind: EventKind, name: str, properties: dict[str, Value]) -> None:
        """Put a cause of the next generation in; refused beyond a hundred at one instant.

        What comes of history is history.
        """
        if self.generation >= GENERATIONS_PER_INSTANT:
            self.note(Decided.REFUSED, one, step, why="too_many_generations", event=name or kind.value)
            return
        self.emissions += 1
        id_ = ids.emitted_id(one.id, step, one.standing.visit, kind)
        at = self.instant
        origin = Origin.EMITTED if self.acts else Origin.HISTORY
        event = Event(id_, kind, name, at, at, properties, origin, self.generation + 1, self.emissions)
        self.customer.inbox.add(event)
        self.customer.effects.emitted.append(event)

    def zone(self, one: Enrollment) -> ZoneInfo:
        """The clock by which a wait of hers is reckoned.

        That is her own, else what her journey's window names `otherwise`, else the policy's.
        """
        return calendar.zone_of(self.program(one).clock, self.customer.zone, self.catalog.release.policy)

    def stands_still(self, one: Enrollment) -> bool:
        """Is its journey paused, or was at this instant? Then goals and exits work, and nothing else."""
        resumed_at = one.standing.not_before
        return one.journey in self.catalog.paused or (resumed_at is not None and self.instant < resumed_at)

    def known(self, enrollment: Enrollment, path: str | None) -> Value:
        """The fact behind a path as the enrollment sees it; None where there is none."""
        value = MISSING if path is None else self.view(enrollment).read(path)
        return None if value is MISSING else value

    def give(self, enrollment: Enrollment, given: Given) -> dict[str, Value]:
        """`with:` and the like with their facts read; what is missing is left out. Add stays for who applies it."""
        view = self.view(enrollment)
        said = {name: view.read(one.name) if isinstance(one, FactRef) else one for name, one in given.items()}
        return {name: one for name, one in said.items() if one is not MISSING}


def added(before: Value, add: Add) -> Value | None:
    """A number added to an attribute; None when it is no number. A missing one (None) counts as 0."""
    if before is None:
        return add.amount
    if isinstance(before, bool) or not isinstance(before, int | float):
        return None
    return before + add.amount
