"""Everything that the tables hold of a customer, part by part, read as it is written out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, Table, select

from records.ledger.addresses import Hashing, scopes
from records.privacy.person import Person
from records.tables import (
    consent_event,
    customer,
    decision,
    enrollment,
    event,
    journey,
    journey_version,
    known_as,
    link,
    message,
    message_attempt,
    provider_event,
    review,
    stage_move,
    suppression,
)

Row = dict[str, Any]
Part = Callable[[], Iterator[Row]]
ROWS_AT_ONCE: Final = 500
_OURS: Final = frozenset({"id", "customer_id", "enrollment_id", "message_id", "version_id", "journey_id", "release_id"})
_HIDDEN: Final = frozenset({"attempts", "not_before", "tried_at", "epoch", "ring", "lease_until"})
"""Row numbers, and what only concerns the machinery."""


def of_customer(connection: Connection, her: Person) -> Row:
    """Her own row."""
    row = connection.execute(select(customer).where(customer.c.id == her.row)).mappings().one()
    return _told(customer, row, also=_HIDDEN)


def parts(connection: Connection, her: Person) -> dict[str, Part]:
    """Her lists by their names, each read when it is asked for, some rows at a time, oldest first."""
    return {
        "known_as": lambda: _rows(connection, _of(known_as, her), known_as),
        "stage_history": lambda: _rows(connection, _of(stage_move, her), stage_move),
        "consent_log": lambda: _rows(connection, _of(consent_event, her), consent_event),
        "suppressions": lambda: _rows(connection, _of(suppression, her), suppression),
        "reviews": lambda: _rows(connection, _of(review, her), review),
        "events": lambda: _events(connection, her),
        "enrollments": lambda: _enrollments(connection, her),
        "decisions": lambda: _decisions(connection, her),
        "links": lambda: _links(connection, her),
        "messages": lambda: _messages(connection, her),
    }


def held_addresses(connection: Connection, her: Person, hashing: Hashing) -> Iterator[Row]:
    """What must not go to an address that she ever had, whoever has it: known by the address's hash alone."""
    for channel, address in her.addresses:
        for scope, (reason, at) in scopes(connection, hashing.of(channel, address), channel).items():
            yield {"address": address, **asdict(scope), "reason": reason, "at": at}


def _events(connection: Connection, her: Person) -> Iterator[Row]:
    """`message_id` is the event's own id, as whoever sent it named it."""
    asked = select(event).where(event.c.customer_id == her.row).order_by(event.c.occurred_at, event.c.id)
    for row in _stream(connection, asked):
        yield {"id": row["message_id"], **_told(event, row)}


def _enrollments(connection: Connection, her: Person) -> Iterator[Row]:
    asked = (
        select(enrollment, journey.c.name.label("journey"), journey_version.c.digest.label("version"))
        .join(journey, journey.c.id == enrollment.c.journey_id)
        .join(journey_version, journey_version.c.id == enrollment.c.version_id)
        .where(enrollment.c.customer_id == her.row)
    )
    for row in _stream(connection, asked.order_by(enrollment.c.id)):
        yield {"journey": row["journey"], "version": row["version"], **_told(enrollment, row, also=_HIDDEN)}


def _decisions(connection: Connection, her: Person) -> Iterator[Row]:
    asked = select(decision).where(decision.c.customer_id == her.row).order_by(decision.c.sequence)
    return (_told(decision, row) for row in _stream(connection, asked))


def _messages(connection: Connection, her: Person) -> Iterator[Row]:
    """Each with its attempts, and with what providers told of it: deliveries, opens, clicks."""
    asked = select(message, enrollment.c.public_id.label("enrollment")).join(
        enrollment, enrollment.c.id == message.c.enrollment_id
    )
    for row in _stream(connection, asked.where(message.c.customer_id == her.row).order_by(message.c.id)):
        about = {"enrollment": row["enrollment"], **_told(message, row, also=_HIDDEN)}
        attempts = select(message_attempt).where(message_attempt.c.message_id == row["id"])
        told = select(provider_event).where(provider_event.c.message_id == row["id"])
        yield about | {
            "attempts": list(_rows(connection, attempts.order_by(message_attempt.c.attempt), message_attempt)),
            "told": list(_rows(connection, told.order_by(provider_event.c.id), provider_event)),
        }


def _links(connection: Connection, her: Person) -> Iterator[Row]:
    """Addresses that her messages alone carry."""
    asked = select(link.c.id, link.c.url).where(link.c.customer_id == her.row).order_by(link.c.id)
    return ({"url": row["url"]} for row in _stream(connection, asked))


def _of(table: Table, her: Person) -> Select[Any]:
    return select(table).where(table.c.customer_id == her.row).order_by(table.c.id)


def _rows(connection: Connection, asked: Select[Any], table: Table) -> Iterator[Row]:
    return (_told(table, row) for row in _stream(connection, asked))


def _stream(connection: Connection, asked: Select[Any]) -> Iterator[RowMapping]:
    yield from connection.execute(asked.execution_options(yield_per=ROWS_AT_ONCE)).mappings()


def _told(table: Table, row: Mapping[Any, Any], also: frozenset[str] = frozenset()) -> Row:
    """A row by its columns' names, without what says nothing of her."""
    return {column.name: row[column.name] for column in table.columns if column.name not in _OURS | also}
