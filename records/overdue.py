"""Enrollments whose run should have done something long ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from records.tables import customer, enrollment, journey, message, outbox
from records.tables.messages import OPEN


@dataclass(frozen=True, slots=True)
class Overdue:
    """An enrollment to be looked up in Temporal; `customer` is the author's own id, `due_at` business time."""

    row: int
    enrollment: str
    customer: str
    lives: bool
    due_at: datetime | None


def sleepers(connection: Connection, due_before: datetime, limit: int) -> Sequence[int]:
    """The rows of those whose due time is before `due_before` (business), longest overdue first; none that is paused.

    Nor those whose bell is still to be rung: they wake by it.
    """
    found = (
        select(enrollment.c.id)
        .join(journey, journey.c.id == enrollment.c.journey_id)
        .where(
            enrollment.c.left_at.is_(None),
            enrollment.c.due_at < due_before,
            journey.c.paused_at.is_(None),
            enrollment.c.id.not_in(select(outbox.c.enrollment_id)),
        )
        .order_by(enrollment.c.due_at)
        .limit(limit)
    )
    return connection.execute(found).scalars().all()


def find(
    connection: Connection, due_before: datetime, planned_before: datetime, behind: int, limit: int
) -> list[Overdue]:
    """Those whose due time is before `due_before` (business), or with a message open since `planned_before` (real).

    Only rows `behind` the given one, in order. Not those of paused journeys, nor those whose bell is still to be rung:
    these are seen to.
    """
    waits_long = select(message.c.enrollment_id).where(
        OPEN,
        message.c.planned_real_at < planned_before,
        or_(message.c.not_before.is_(None), message.c.not_before < planned_before),
    )
    late = (enrollment.c.left_at.is_(None) & (enrollment.c.due_at < due_before)) | enrollment.c.id.in_(waits_long)
    found = (
        select(
            enrollment.c.id,
            enrollment.c.public_id,
            customer.c.external_id,
            enrollment.c.left_at.is_(None),
            enrollment.c.due_at,
        )
        .join(customer, customer.c.id == enrollment.c.customer_id)
        .join(journey, journey.c.id == enrollment.c.journey_id)
        .where(
            late,
            enrollment.c.id > behind,
            journey.c.paused_at.is_(None),
            enrollment.c.id.not_in(select(outbox.c.enrollment_id)),
        )
    )
    return [Overdue(*row) for row in connection.execute(found.order_by(enrollment.c.id).limit(limit))]
