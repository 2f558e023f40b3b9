"""Customers by what reaches them, or did: an e-mail address or a number, however it is spelled."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select

from engine.words import Channel
from records.customers.addressed import NAMED
from records.ledger.addresses import set_apart, small, spelled_alike
from records.tables import customer, known_as

_LAST: Final = 7
"""So many digits at the end of a number are the same in every spelling of it."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A customer with the address as she has it.

    `today` is false where she had it before, `leaving` true where she is being erased.
    """

    row: int
    id: str
    address: str
    today: bool
    leaving: bool


def reached_by(connection: Connection, channel: Channel, address: str) -> list[Reached]:
    """Who is reached there, then who was, each in the order in which they came.

    A number as it is dialled at home is the same as with its country.
    """
    address = address.replace("(0)", "") if channel is Channel.SMS else address
    if channel is Channel.SMS and len(spelled_alike(channel, address)) < _LAST:
        return []
    of_hers = (customer.c.id, customer.c.external_id)
    now, then = customer.c[NAMED[channel]], known_as.c.value
    leaving = customer.c.erased_at.is_not(None)
    today = select(*of_hers, now, literal(value=True), leaving).where(_like(channel, now, address))
    before = (
        select(*of_hers, then, literal(value=False), leaving)
        .join(known_as, known_as.c.customer_id == customer.c.id)
        .where(known_as.c.kind == NAMED[channel], _like(channel, then, address))
    )
    found = [Reached(*row) for asked in (today, before) for row in connection.execute(asked.order_by(customer.c.id))]
    return [one for one in found if _same(channel, one.address, address)]


def _like(channel: Channel, column: ColumnElement[str], address: str) -> ColumnElement[bool]:
    """Narrow enough for the database, and never too narrow."""
    if channel is Channel.EMAIL:
        local, at, _ = address.strip().rpartition("@")
        begun = {f"{local}{at}".lower(), small(f"{local}{at}"), f"{local}{at}".upper()}
        return or_(*(func.lower(column).startswith(small(one), autoescape=True) for one in sorted(begun)))
    return column.regexp_match(set_apart(spelled_alike(channel, address)[-_LAST:]))


def _same(channel: Channel, one: str, other: str) -> bool:
    spelled = [spelled_alike(channel, address.replace("(0)", "")) for address in (one, other)]
    if channel is Channel.EMAIL:
        return spelled[0] == spelled[1]
    short, long = sorted((number.lstrip("0") for number in spelled), key=len)
    return len(short) >= _LAST and long.endswith(short)
