"""What is known of customers who were erased, by hashes: whom not to write to, and whose id it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, null, select, update

from engine.words import Channel, ExitReason
from records.ledger import addresses
from records.ledger.addresses import Hashing, Scope
from records.tables import erased, suppressed_address

ERASED: Final = ExitReason.ERASED.value
"""Why an address is suppressed that belonged to somebody who was erased."""

_HELD = select(suppressed_address.c.id).where(
    suppressed_address.c.channel == bindparam("channel"),
    suppressed_address.c.address_hash == bindparam("hashed"),
    suppressed_address.c.reason == ERASED,
)


@dataclass(frozen=True, slots=True)
class Before:
    """An erasure that was: when, in real time, and what it has left, in words that name nobody.

    None: it was cut off before it had looked.
    """

    at: datetime
    left: tuple[str, ...] | None


class TableErased:
    """An Erased over the tables; each address is looked up once."""

    def __init__(self, connection: Connection, hashing: Hashing) -> None:
        self._connection = connection
        self._hashing = hashing
        self._known: dict[tuple[Channel, str], bool] = {}

    def holds(self, channel: Channel, address: str) -> bool:
        """Did it belong to somebody who was erased?"""
        if (channel, address) not in self._known:
            asked = {"channel": channel, "hashed": self._hashing.of(channel, address)}
            self._known[channel, address] = self._connection.execute(_HELD, asked).first() is not None
        return self._known[channel, address]


def keep_addresses(connection: Connection, hashes: Iterable[tuple[Channel, str]], now: datetime) -> None:
    """Let nothing go to the addresses of these hashes any more, whoever has them; `now` is business time."""
    for channel, hashed in sorted(hashes):
        addresses.lift(connection, hashed, channel, everything=True)
        addresses.suppress(connection, hashed, Scope(channel, everything=True), ERASED, now)


def keep_id(connection: Connection, hashing: Hashing, customer: str, real_now: datetime) -> None:
    """Note that a customer of this id is erased, and that it is not known yet what is left of her.

    What is left of whoever was erased under it before stays noted meanwhile.
    """
    fingerprint, was = hashing.of_id(customer), before(connection, hashing, customer)
    connection.execute(delete(erased).where(erased.c.fingerprint == fingerprint))
    left = list(was.left) if was is not None and was.left else null()
    new = insert(erased).values(fingerprint=fingerprint, key=hashing.name, at=real_now, left=left)
    connection.execute(new)


def keep_left(connection: Connection, hashing: Hashing, customer: str, left: Iterable[str]) -> None:
    """Note what an erasure has left."""
    which = update(erased).where(erased.c.fingerprint == hashing.of_id(customer))
    connection.execute(which.values(left=sorted(left)))


def before(connection: Connection, hashing: Hashing, customer: str) -> Before | None:
    """The newest erasure of a customer of this id; None: there was none."""
    asked = select(erased.c.at, erased.c.left).where(erased.c.fingerprint == hashing.of_id(customer))
    found = connection.execute(asked).one_or_none()
    return None if found is None else Before(found.at, None if found.left is None else tuple(found.left))


def under_another_key(connection: Connection, hashing: Hashing) -> int:
    """How many customers were erased under another key than this: their addresses would not be known again."""
    return connection.execute(select(func.count()).where(erased.c.key != hashing.name)).scalar_one()
