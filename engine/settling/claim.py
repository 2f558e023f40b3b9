"""Just before the wire: may this message still go? Asked again with everything that is stored by then."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from engine.catalog import Catalog
from engine.conditions.truth import holds
from engine.customer import Customer, Enrollment
from engine.journey import Message
from engine.settling.learning import opts_out
from engine.settling.permission import refusal
from engine.settling.view import View
from engine.timing.hold import hours_open, hours_shut
from engine.words import Channel, EventKind, ExitReason, Purpose, Withheld


class Planned(Protocol):
    """What of a planned message the question needs."""

    @property
    def step(self) -> str: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def purpose(self) -> Purpose: ...
    @property
    def topic(self) -> str: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def fallback(self) -> bool: ...
    @property
    def parting(self) -> bool: ...


def objection(
    customer: Customer, catalog: Catalog, one: Enrollment, planned: Planned, instant: datetime, *, late: bool
) -> Withheld | datetime | None:
    """Why it must not go, or the business instant before which it must not; None: it may.

    `instant` is the planned one with the lateness added. Exactly at its expiry a message still goes. Window and quiet
    hours are asked only of one that is `late`: one in time was asked when it was planned. A fallback may have been
    planned in quiet hours, when the message before it was refused. Caps are not asked: its place was reserved.
    """
    if instant > planned.expires_at:
        return Withheld.EXPIRED
    if _left(one, instant) and not planned.parting:
        return Withheld.LEFT
    why = refusal(_as_stored(customer), planned.channel, planned.purpose, planned.topic)
    if why is not None:
        return why
    step = step_of(catalog, one, planned)
    if step is not None and step.if_ is not None and not holds(step.if_, View(customer, catalog, instant, None, one)):
        return Withheld.CONDITION_FALSE
    if not late and not planned.fallback:
        return None
    window = step.window if late and step is not None else None
    opening = hours_open(customer, catalog, planned.channel, planned.purpose, window, instant)
    if opening is None:
        return Withheld.NO_OPENING
    return opening if opening > instant else None


def good_until(customer: Customer, catalog: Catalog, one: Enrollment, planned: Planned, instant: datetime) -> datetime:
    """Until when a message that may go may still reach her: the end of its hours, and its expiry at the latest."""
    step = step_of(catalog, one, planned)
    return hours_shut(customer, catalog, step, instant, planned.expires_at) if step else planned.expires_at


def _left(one: Enrollment, instant: datetime) -> bool:
    """Had it ended by then, other than at its end? In time-lapse it may have lived on for days by now."""
    return one.left_at is not None and one.left_at <= instant and one.reason is not ExitReason.FINISHED


def step_of(catalog: Catalog, one: Enrollment, planned: Planned) -> Message | None:
    """The step that planned a message, or that step's fallback; None when it is not in this version."""
    program = catalog.program(one.version)
    at = program.index.get(planned.step)
    step = program.instructions[at].step if at is not None else None
    if not isinstance(step, Message):
        return None
    return step.fallback if planned.fallback else step


def _as_stored(customer: Customer) -> Customer:
    """The customer with every opt-out that is stored, settled or not; a permission still to be settled gives none."""
    consents, suppressions = dict(customer.consents), set(customer.suppressions)
    for event in customer.inbox.waiting():
        said = event.properties
        if not opts_out(event):
            continue
        if event.kind is EventKind.SUPPRESS:
            suppressions.add((str(said["channel"]), str(said.get("topic", "")), said.get("everything") is True))
        else:
            consents[str(said["channel"]), str(said["topic"])] = False
    return replace(customer, consents=consents, suppressions=suppressions)
