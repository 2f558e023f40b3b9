"""How an enrollment ends, and what that does to what it has planned."""

from engine.customer import Enrollment, Standing
from engine.decisions import Decided
from engine.settling.desk import Desk
from engine.words import EventKind, ExitReason


def leave(desk: Desk, one: Enrollment, reason: ExitReason, label: str = "") -> None:
    """End an enrollment at this instant; unless it finished, what it has planned is not wanted any more."""
    one.left_at, one.reason, one.label = desk.instant, reason, label
    one.standing = Standing(step=one.standing.step, visit=one.standing.visit)
    desk.customer.past.add(one.journey, one.key, desk.instant)
    desk.note(Decided.LEFT, one, one.standing.step, reason=reason.value, label=label)
    desk.ring(one)
    if reason is not ExitReason.FINISHED:
        withdraw(desk, one)
    if one.journey in desk.catalog.by_journey:
        said = {"journey": one.journey, "reason": reason.value, "label": label, "entry": dict(one.entry)}
        desk.emit(one, "left", EventKind.LEFT, "", said)


def withdraw(desk: Desk, one: Enrollment) -> None:
    """What is planned and not yet handed to a provider must not go; the goal's own messages still do.

    What was planned at this very instant cannot have been handed over, so it is not planned at all.
    """
    desk.customer.reserved.withdraw(one.id, desk.instant)
    planned = desk.customer.effects.planned
    desk.customer.effects.withdrawn.append(one.id)
    at = len(planned)
    while at and planned[at - 1].planned_at == desk.instant:
        at -= 1
        if planned[at].enrollment == one.id and not planned[at].parting:
            del planned[at]
