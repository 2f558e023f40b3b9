"""What a settle has planned, and what it does not want any more."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, case, literal, update

from engine.words import ExitReason, MessageState, Withheld
from records.customers.loading import Loaded
from records.inserting import insert_new
from records.tables import message
from records.tables.messages import OPEN

_WITHHOLD = (
    update(message)
    .where(
        message.c.enrollment_id == bindparam("row"),
        OPEN,
        message.c.parting.is_(False),
        message.c.planned_real_at <= bindparam("before"),
    )
    .values(
        state=case(
            (message.c.possible_duplicate, literal(MessageState.UNCERTAIN, message.c.state.type)),
            else_=literal(MessageState.WITHHELD, message.c.state.type),
        ),
        reason=Withheld.LEFT.value,
        changed_at=bindparam("now"),
    )
)
"""One that may have gone already, and was to be sent again, stays in doubt for good."""

_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_OF_ITS_OWN = frozenset({ExitReason.EXIT, ExitReason.GOAL, ExitReason.STAGE_LEFT, ExitReason.RESTARTED})
"""Ends after which the run goes on until what is planned has been claimed."""


def add(connection: Connection, loaded: Loaded, real_now: datetime) -> None:
    """Add what is planned, once."""
    rows = [
        {"public_id": one.id, "enrollment_id": loaded.enrollments[one.enrollment].row, "customer_id": loaded.row,
         "step": one.step, "visit": one.visit, "channel": one.channel, "template": one.template,
         "purpose": one.purpose, "topic": one.topic, "sender": one.sender, "planned_at": one.planned_at,
         "expires_at": one.expires_at, "planned_real_at": real_now, "facts": dict(one.values),
         "fallback": one.fallback, "parting": one.parting, "state": MessageState.PLANNED, "reason": "", "attempt": 0,
         "epoch": 0, "changed_at": real_now, "possible_duplicate": False}
        for one in loaded.customer.effects.planned
    ]  # fmt: skip
    if rows:
        connection.execute(insert_new(connection, message), rows)


def withhold(connection: Connection, loaded: Loaded, real_now: datetime, slack: timedelta) -> None:
    """Withhold what enrollments that were left have planned, but what a claim may still find to be in time."""
    withdrawn = set(loaded.customer.effects.withdrawn)
    rows = [
        {
            "row": loaded.enrollments[one.id].row,
            "now": real_now,
            "before": real_now - slack if slack and one.reason in _OF_ITS_OWN else _EVER,
        }
        for one in loaded.customer.enrollments
        if one.id in withdrawn
    ]
    if rows:
        connection.execute(_WITHHOLD, rows)
