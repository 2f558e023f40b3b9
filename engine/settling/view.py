"""A customer's facts as one enrollment, or none, sees them at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.catalog import Catalog
from engine.conditions import Condition, Value
from engine.customer import Customer, Enrollment
from engine.facts import MISSING, Event, History, Missing, Scope
from engine.journey import OnEvent
from engine.settling.permission import allows


@dataclass(slots=True)
class View:
    """The Facts of one customer; `enrollment` gives entry, key, captured names and its own updates."""

    customer: Customer
    catalog: Catalog
    now: datetime
    cause: Event | None = None
    enrollment: Enrollment | None = None

    @property
    def scope(self) -> Scope | None:
        """The entry and the key of the enrollment."""
        if self.enrollment is None:
            return None
        one = self.enrollment
        trigger = self.catalog.program(one.version).journey.trigger
        keys = trigger.keys if isinstance(trigger, OnEvent) else {}
        return Scope(one.entered_at, one.entered_order, one.key, keys)

    @property
    def history(self) -> History:
        """Her settled events."""
        return self.customer.history

    @property
    def known_since(self) -> datetime:
        """Since when she is known."""
        return self.customer.known_since or self.now

    @property
    def stage(self) -> str:
        """The stage she is in."""
        return self.customer.stage

    @property
    def stage_since(self) -> datetime:
        """Since when she is in it."""
        return self.customer.stage_since or self.known_since

    @property
    def segments(self) -> Mapping[str, Condition]:
        """The named conditions of the live release."""
        return self.catalog.release.segments

    def read(self, path: str) -> Value | Missing:
        """The value behind a dotted path."""
        head, _, rest = path.partition(".")
        match head:
            case "customer":
                return self._attribute(rest)
            case "entry":
                return _inside(self.enrollment.entry if self.enrollment else {}, rest)
            case "journey" if self.enrollment is not None and rest == "name":
                return self.enrollment.journey
            case _:
                return _inside(self.enrollment.names.get(head, {}) if self.enrollment else {}, rest)

    def consents(self, channel: str, topic: str | None) -> bool:
        """Does she allow this, with no suppression in the way?"""
        return allows(self.customer, channel, topic)

    def reached(self, step: str, was: str) -> datetime | None:
        """When the message of a step reached a state."""
        return self.enrollment.reached.get(step, {}).get(was) if self.enrollment else None

    def _attribute(self, path: str) -> Value | Missing:
        if self.enrollment is not None and path in self.enrollment.own:
            return self.enrollment.own[path]
        match path:
            case "id":
                return self.customer.id
            case "email" | "phone" | "zone":
                said = {"email": self.customer.email, "phone": self.customer.phone, "zone": self.customer.zone}[path]
                return MISSING if said is None else said
            case "stage":
                return self.customer.stage
            case _:
                return _inside(self.customer.attributes, path)


def _inside(values: Mapping[str, Value], path: str) -> Value | Missing:
    """The value behind dots in nested maps; a flat key with dots in it wins."""
    if path in values:
        return values[path]
    head, dot, rest = path.partition(".")
    inner = values.get(head)
    return _inside(inner, rest) if dot and isinstance(inner, Mapping) else MISSING
