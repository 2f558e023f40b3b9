"""The addresses that clicks lead to: stored once, and known by a number."""

from hashlib import sha256

from sqlalchemy import Connection, bindparam, select

from records.inserting import insert_new
from records.tables import link

_NUMBER = select(link.c.id).where(link.c.digest == bindparam("digest"))
_URL = select(link.c.url).where(link.c.id == bindparam("number"))


def number_of(connection: Connection, url: str) -> int:
    """The number of an address, which is the same for ever; a new one is stored."""
    digest = sha256(url.encode()).digest()
    known = connection.execute(_NUMBER, {"digest": digest}).scalar()
    if known is None:
        connection.execute(insert_new(connection, link), {"url": url, "digest": digest})
        known = connection.execute(_NUMBER, {"digest": digest}).scalar_one()
    return int(known)


def url_of(connection: Connection, number: int) -> str | None:
    """The address behind a number; None where nobody has stored one."""
    url: str | None = connection.execute(_URL, {"number": number}).scalar()
    return url
