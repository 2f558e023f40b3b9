"""The addresses that clicks lead to: stored once, and known by a number."""

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, bindparam, select, update

from records.errors import Locked
from records.inserting import insert_new
from records.tables import link, message

_FOUND = select(link.c.id, link.c.customer_id).where(link.c.digest == bindparam("digest"))
_KEPT = _FOUND.with_for_update(read=True, key_share=True)
_URL = select(link.c.url).where(link.c.id == bindparam("number"))
_WHOSE = select(message.c.customer_id).where(message.c.public_id == bindparam("message"))


@dataclass(frozen=True, slots=True)
class Stored:
    """An address by its number; `customer` is the row of the one whose messages alone carry it."""

    number: int
    customer: int | None


def find(connection: Connection, url: str) -> Stored | None:
    """What is stored of an address; None where nothing is."""
    found = connection.execute(_FOUND, {"digest": sha256(url.encode()).digest()}).one_or_none()
    return None if found is None else Stored(*found)


def carry(connection: Connection, url: str, message_id: str) -> Stored:
    """An address that a message carries; a new one is stored. One of two customers is nobody's own."""
    whose: int | None = connection.execute(_WHOSE, {"message": message_id}).scalar()
    digest = sha256(url.encode()).digest()
    stored = _stored(connection, url, digest, whose) or _stored(connection, url, digest, whose)
    if stored is None:
        raise Locked("link")
    if stored.customer in (None, whose):
        return stored
    connection.execute(update(link).where(link.c.id == stored.number).values(customer_id=None))
    return Stored(stored.number, None)


def _stored(connection: Connection, url: str, digest: bytes, whose: int | None) -> Stored | None:
    """As it stays until this transaction ends; None where an erasure has taken it away in this moment."""
    connection.execute(insert_new(connection, link), {"url": url, "digest": digest, "customer_id": whose})
    found = connection.execute(_KEPT, {"digest": digest}).one_or_none()
    return None if found is None else Stored(*found)


def url_of(connection: Connection, number: int) -> str | None:
    """The address behind a number; None where nobody has stored one, or an erasure took it away."""
    url: str | None = connection.execute(_URL, {"number": number}).scalar()
    return url or None


def forget(connection: Connection, numbers: list[int]) -> None:
    """Take these addresses away. Their numbers lead nowhere, and are never given again."""
    for number in numbers:
        gone = {"url": "", "digest": f"erased-{number}".encode(), "customer_id": None}
        connection.execute(update(link).where(link.c.id == number).values(gone))
