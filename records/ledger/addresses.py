"""Addresses that are not to be written to, whoever has them by now: known by keyed hashes alone.

What an installation's secret makes of an address cannot be guessed from a copy of the tables. With another secret
nothing of what is kept here is recognised.
"""

import contextlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from engine.words import Channel, Purpose
from records.inserting import insert_into
from records.tables import message_attempt, suppressed_address

_SIGNS: Final = " \t+()./\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2212-"
_AS_JSON: Final = (rf"\\u{ord(sign):04x}" for sign in _SIGNS if not sign.isascii())
_BETWEEN: Final = "|".join((r"\(0\)", f"[{_SIGNS}]", *_AS_JSON))
"""What may stand between the digits of a number: as it is, and as JSON has it."""

PERHAPS: Final = "perhaps_stop"
"""The reason of what may have been an opt-out, and somebody still has to read."""

_WENT_TO = select(message_attempt.c.address_hash).where(
    message_attempt.c.message_id == bindparam("message"), message_attempt.c.attempt == bindparam("attempt")
)
_SUPPRESSED = select(*(suppressed_address.c[name] for name in ("topic", "everything", "reason", "at"))).where(
    suppressed_address.c.channel == bindparam("channel"), suppressed_address.c.address_hash == bindparam("hashed")
)


@dataclass(frozen=True)
class Hashing:
    """Makes the keyed hash of an address; of every spelling of one the same."""

    secret: bytes = field(repr=False)

    def of(self, channel: Channel, address: str) -> str:
        """HMAC-SHA256, in hex."""
        return hmac.digest(self._key, f"{channel}:{spelled_alike(channel, address)}".encode(), "sha256").hex()

    def of_id(self, customer: str) -> str:
        """The keyed hash of a customer's id, as the author wrote it."""
        return hmac.digest(self._key, f"customer:{customer}".encode(), "sha256").hex()

    @property
    def name(self) -> str:
        """The name of the key, which says nothing of it: another key has another."""
        return hmac.digest(self._key, b"name", "sha256").hex()[:16]

    @cached_property
    def _key(self) -> bytes:
        """Of its own, so that the secret may serve other ends too."""
        return hmac.digest(self.secret, b"sojourn addresses", "sha256")


def spelled_alike(channel: Channel, address: str) -> str:
    """An address in the one way in which it is compared: in small letters without blanks, a number as its digits.

    A domain is compared as an envelope carries it, in ASCII (IDNA): `bücher.example` is `xn--bcher-kva.example`.
    """
    if channel is Channel.SMS:
        return "".join(filter(str.isdecimal, address)).removeprefix("00")
    local, at, domain = address.strip().rpartition("@")
    if not domain.isascii():
        with contextlib.suppress(UnicodeError):  # of a domain that no envelope can carry
            domain = domain.encode("idna").decode("ascii")
    return f"{local}{at}{domain}".casefold()


def small(words: str) -> str:
    """In small letters as SQLite, and PostgreSQL in the C locale, make them: those of ASCII alone."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in words)


def set_apart(digits: str) -> str:
    """A pattern, for Python and for both databases, of a number whose digits are set apart: +49 (0)170 / 000-00 42."""
    return f"(?:{_BETWEEN}){{0,5}}".join(digits)


@dataclass(frozen=True, slots=True)
class Scope:
    """What must not go: topic "" is all of them; `everything` includes transactional messages."""

    channel: Channel
    topic: str = ""
    everything: bool = False


def went_to(connection: Connection, message_row: int, attempt: int) -> str | None:
    """The hash of the address that an attempt was sent to; None where that is not known."""
    found: str | None = connection.execute(_WENT_TO, {"message": message_row, "attempt": attempt}).scalar()
    return found


def suppress(connection: Connection, hashed: str, scope: Scope, reason: str, at: datetime) -> None:
    """Let nothing of this scope go to the address any more; `at` is business time.

    What was said first stays, but for a mere perhaps.
    """
    what = {"channel": scope.channel, "topic": scope.topic, "everything": scope.everything}
    row = insert_into(connection, suppressed_address).values(address_hash=hashed, **what, reason=reason, at=at)
    keys, doubted = ["address_hash", *what], suppressed_address.c.reason == PERHAPS
    said = {"reason": row.excluded.reason, "at": row.excluded.at}
    connection.execute(row.on_conflict_do_update(index_elements=keys, set_=said, where=doubted))


def scopes(connection: Connection, hashed: str, channel: Channel) -> dict[Scope, tuple[str, datetime]]:
    """What must not go to an address over a channel, each with its reason and since when, in business time."""
    asked = {"hashed": hashed, "channel": channel}
    found = connection.execute(_SUPPRESSED, asked)
    return {Scope(channel, topic, everything): (reason, at) for topic, everything, reason, at in found}


def forbids(connection: Connection, hashed: str, channel: Channel, purpose: Purpose, topic: str) -> bool:
    """Must a message not go to this address, whoever has it?"""
    return any(
        one.everything or (purpose is Purpose.MARKETING and one.topic in ("", topic))
        for one in scopes(connection, hashed, channel)
    )


def lift(connection: Connection, hashed: str, channel: Channel, *, everything: bool = False) -> int:
    """Take back what stops marketing there, or with `everything` that it is dead. Gives how many suppressions."""
    which = (suppressed_address.c.address_hash == hashed) & (suppressed_address.c.channel == channel)
    gone = delete(suppressed_address).where(which, suppressed_address.c.everything.is_(everything))
    return connection.execute(gone).rowcount
