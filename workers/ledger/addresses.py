"""What is said against an address holds for that address: not for another that its customer has by now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.customer import Customer
from engine.words import Channel
from records.customers import addressed
from records.ledger import addresses
from records.ledger.addresses import Hashing, Scope


@dataclass(frozen=True, slots=True)
class Against:
    """Something said against the address of an attempt to reach a customer; `at` is business time."""

    customer_row: int
    message_row: int
    attempt: int
    scope: Scope
    reason: str
    at: datetime


def suppress(connection: Connection, hashing: Hashing, said: Against) -> bool:
    """Suppress the address that the attempt went to, whoever has it. Is it still the customer's own?

    Where nobody knows where it went, it went to where she is reached today.
    """
    today = addressed.address_today(connection, said.customer_row, said.scope.channel, said.at)
    hers = hashing.of(said.scope.channel, today) if today else None
    struck = addresses.went_to(connection, said.message_row, said.attempt) or hers
    if struck is not None:
        addresses.suppress(connection, struck, said.scope, said.reason, said.at)
    return struck == hers


def with_addresses(connection: Connection, hashing: Hashing, her: Customer) -> None:
    """Add to what is suppressed for a customer what is suppressed for her addresses, whoever had them before."""
    for channel in Channel:
        if address := her.address(channel):
            found = addresses.scopes(connection, hashing.of(channel, address), channel)
            her.suppressions |= {(channel, one.topic, one.everything) for one in found}


def lift(connection: Connection, hashing: Hashing, address: str | None, channel: Channel) -> None:
    """Its owner wants marketing there: that lifts what she or another before her has said, but for a dead address."""
    if address:
        addresses.lift(connection, hashing.of(channel, address), channel)
