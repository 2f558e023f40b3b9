"""The erasure of a customer from the tables: first she is closed, then nothing of her is there.

Closed means: nobody settles her, claims a message of hers, or finds her by her id, and her enrollments are over. That
asks no settle, so that one who cannot be settled can be erased.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from engine.words import ExitReason, MessageState, Withheld
from records.errors import Unknown
from records.ledger import links, rates
from records.ledger.addresses import Hashing
from records.privacy.erased import keep_addresses, keep_id
from records.privacy.needles import Needle
from records.privacy.person import Person, texted, written_to
from records.tables import (
    consent_event,
    customer,
    decision,
    enrollment,
    event,
    known_as,
    link,
    message,
    message_attempt,
    outbox,
    provider_event,
    review,
    stage_move,
    suppression,
    wait,
)
from records.tables.messages import OPEN

_HERS: Final[tuple[Table, ...]] = (
    decision, message, enrollment, consent_event, suppression, review, stage_move, known_as, event,
)  # fmt: skip
"""Tables whose rows name their customer, each before those that it refers to."""


def close(connection: Connection, her: Person, hashing: Hashing, now: datetime, real_now: datetime) -> None:
    """End her enrollments, withhold what is planned, and suppress her addresses; to be repeated at will.

    Their rings are raised, and their bells taken away: who erases rings himself, so that no run is started afterwards.
    `now` is the business instant. Raises Unknown where another run has removed her meanwhile.
    """
    _lock(connection, her, customer.c.id.is_not(None))
    marked = update(customer).where(customer.c.id == her.row, customer.c.erased_at.is_(None))
    connection.execute(marked.values(erased_at=now, recheck_at=None))
    enrollments = select(enrollment.c.id).where(enrollment.c.customer_id == her.row)
    _delete(connection, wait, wait.c.enrollment_id.in_(enrollments))
    _delete(connection, outbox, outbox.c.enrollment_id.in_(enrollments))
    live = update(enrollment).where(enrollment.c.customer_id == her.row, enrollment.c.left_at.is_(None))
    left = {"left_at": now, "reason": ExitReason.ERASED, "label": "", "due_at": None}
    connection.execute(live.values(ring=enrollment.c.ring + 1, **left))
    doubted = literal(MessageState.UNCERTAIN, message.c.state.type)
    withheld = case((message.c.possible_duplicate, doubted), else_=literal(MessageState.WITHHELD, message.c.state.type))
    planned = update(message).where(message.c.customer_id == her.row, OPEN)
    connection.execute(planned.values(state=withheld, reason=Withheld.ERASED.value, changed_at=real_now))
    keep_addresses(connection, written_to(connection, her, hashing), now)


def remove(connection: Connection, her: Person, hashing: Hashing, now: datetime, real_now: datetime) -> dict[str, int]:
    """Remove every row of hers, and say how many by table. What stays names nobody: hashes, and counts of rates.

    Raises Locked where an event of hers comes in at the same moment: try again; Unknown where another run has removed
    her meanwhile, whoever has her row or her id by now.
    """
    _lock(connection, her, customer.c.erased_at.is_not(None))
    keep_addresses(connection, written_to(connection, her, hashing), now)
    keep_id(connection, hashing, her.id, real_now)
    enrollments = select(enrollment.c.id).where(enrollment.c.customer_id == her.row)
    messages = select(message.c.id).where(message.c.customer_id == her.row)
    removed = {
        "provider_event": _forget_told(connection, messages) + _forget_said(connection, her),
        "message_attempt": _delete(connection, message_attempt, message_attempt.c.message_id.in_(messages)),
        "outbox": _delete(connection, outbox, outbox.c.enrollment_id.in_(enrollments)),
        "wait": _delete(connection, wait, wait.c.enrollment_id.in_(enrollments)),
    }
    rates.judge_what_comes(connection)
    removed |= {table.name: _delete(connection, table, table.c.customer_id == her.row) for table in _HERS}
    return removed | {"customer": _delete(connection, customer, customer.c.id == her.row)}


def forget_links(connection: Connection, her: Person, needles: Sequence[Needle]) -> int:
    """Links that her messages alone carry, and those that name her whoever carries them. A short id names nobody."""
    telling = [one for one in needles if one.telling]
    words = func.lower(link.c.url)
    hers = link.c.customer_id == her.row
    named = or_(hers, *(one.like(words) for one in telling))
    found = connection.execute(select(link.c.id, link.c.url, hers).where(named).with_for_update()).all()
    gone = [row for row, url, alone in found if alone or any(one.stands_in(url.lower()) for one in telling)]
    links.forget(connection, gone)
    return len(gone)


def _lock(connection: Connection, her: Person, which: ColumnElement[bool]) -> None:
    """Her row alone: a number may be given anew."""
    hers = select(customer.c.id).where(customer.c.id == her.row, customer.c.external_id == her.id, which)
    if connection.execute(hers.with_for_update()).one_or_none() is None:
        raise Unknown("customer")


def _forget_told(connection: Connection, messages: Select[int]) -> int:
    """What a journey's rates are counted from stays, without whose it was and without the provider's name for it."""
    of_hers = provider_event.c.message_id.in_(messages)
    uncounted = _delete(connection, provider_event, of_hers & provider_event.c.journey_id.is_(None))
    named = "erased-" + cast(provider_event.c.id, String)
    counted = update(provider_event).where(of_hers).values(event_id=named, message_id=None, attempt=None, raw={})
    return uncounted + connection.execute(counted).rowcount


def _forget_said(connection: Connection, her: Person) -> int:
    """What she texted herself, if anything was done about it."""
    key = tuple_(provider_event.c.provider, provider_event.c.event_id)
    return sum(_delete(connection, provider_event, key == tuple_(*said)) for said in texted(connection, her))


def _delete(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(which)).rowcount
