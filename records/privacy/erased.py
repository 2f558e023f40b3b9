"""What is known of customers who were erased, by hashes: whom not to write to, and whose id it was."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select

from engine.words import Channel, ExitReason
from records.inserting import insert_new
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
    """Note that a customer of this id was erased."""
    kept = {"fingerprint": hashing.of_id(customer), "key": hashing.name, "at": real_now}
    connection.execute(insert_new(connection, erased), kept)


def erased_at(connection: Connection, hashing: Hashing, customer: str) -> datetime | None:
    """When a customer of this id was first erased, in real time; None: never."""
    asked = select(erased.c.at).where(erased.c.fingerprint == hashing.of_id(customer))
    found: datetime | None = connection.execute(asked).scalar()
    return found


def under_another_key(connection: Connection, hashing: Hashing) -> int:
    """How many customers were erased under another key than this: their addresses would not be known again."""
    return connection.execute(select(func.count()).where(erased.c.key != hashing.name)).scalar_one()
