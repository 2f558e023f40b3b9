"""Whose turn it is: customers with causes that are due, and those whose settle has failed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, update

from records.tables import customer, enrollment, event

_FIRST_RETRY = timedelta(seconds=1)
_LAST_RETRY = timedelta(minutes=5)

_WITH_CAUSES = (
    select(event.c.customer_id)
    .where(event.c.settled_order.is_(None), event.c.occurred_at <= bindparam("now"))
    .union(select(customer.c.id).where(customer.c.recheck_at.is_not(None), customer.c.recheck_at <= bindparam("now")))
    .subquery("concerned")
)
_DUE = (
    select(customer.c.id)
    .join(_WITH_CAUSES, _WITH_CAUSES.c.customer_id == customer.c.id)
    .where(
        customer.c.erased_at.is_(None),
        or_(customer.c.not_before.is_(None), customer.c.not_before <= bindparam("real_now")),
    )
    .order_by(customer.c.tried_at.asc().nulls_first(), customer.c.id)
    .limit(bindparam("limit"))
)
_BY_ENROLLMENT = (
    select(enrollment.c.customer_id)
    .join(customer, customer.c.id == enrollment.c.customer_id)
    .where(enrollment.c.public_id == bindparam("enrollment"), customer.c.erased_at.is_(None))
)
_BY_NAME = select(customer.c.id).where(customer.c.external_id == bindparam("external"), customer.c.erased_at.is_(None))


def due(connection: Connection, now: datetime, real_now: datetime, limit: int) -> Sequence[int]:
    """Rows of customers with an event or a recheck that is due, the least recently tried first.

    Never by an enrollment's due time: that is Temporal's to keep.
    """
    return connection.execute(_DUE, {"now": now, "real_now": real_now, "limit": limit}).scalars().all()


def failed(connection: Connection, row: int, code: str, real_now: datetime) -> None:
    """Note that settling a customer has failed, and try again later and later, up to every five minutes."""
    attempts = connection.execute(select(customer.c.attempts).where(customer.c.id == row)).scalar() or 0
    wait = min(_FIRST_RETRY * 2 ** min(attempts, 20), _LAST_RETRY)
    tried = {"attempts": attempts + 1, "not_before": real_now + wait, "tried_at": real_now, "trouble": code}
    connection.execute(update(customer).where(customer.c.id == row).values(**tried))


def by_enrollment(connection: Connection, enrollment: str) -> int | None:
    """The row of the customer whose enrollment this is; None where she was, or is being, erased."""
    found: int | None = connection.execute(_BY_ENROLLMENT, {"enrollment": enrollment}).scalar()
    return found


def by_name(connection: Connection, external: str) -> int | None:
    """The row of a customer by the author's own id; None too where she is being erased."""
    found: int | None = connection.execute(_BY_NAME, {"external": external}).scalar()
    return found
