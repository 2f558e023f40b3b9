"""Links to the pages that customers meet: opaque, signed for one purpose, and of the same length for everybody.

A token is base64url of the message's sixteen bytes, for a click the number of its address, and the first 96 bits of an
HMAC-SHA256 over the purpose and these. It names nobody, and one made for a page opens no other.
"""

import hmac
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from secrets import token_bytes
from tempfile import mkstemp
from time import monotonic
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from records.database import Database
from records.ledger import links
from records.ledger.addresses import Hashing

KEPT_IN: Final = "secret"
"""The file of the secret, in the folder of the state."""

MAC: Final = 12
SHORTEST_SECRET: Final = 16
MESSAGE: Final = 16
NUMBER: Final = 6
LONGEST_URL: Final = 4000
KNOWN_BY_HEART: Final = 4096
BY_HEART: Final = 60.0
"""Seconds."""
_LETTERS: Final = re.compile(r"[A-Za-z0-9_-]{38,46}")


class Way(StrEnum):
    """Where a link goes, as its path begins."""

    UNSUBSCRIBE = "u"
    PREFERENCES = "p"
    CONFIRM = "y"
    CLICK = "c"
    OPEN = "o"


@dataclass(frozen=True, slots=True)
class Click:
    """What a click's token says: the message, and the number of the address."""

    message: str
    number: int


class Targets:
    """The addresses behind numbers. What many carry is known by heart for a while: an erasure may take it away."""

    def __init__(self, database: Database, clock: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._clock = clock
        self._by_heart: dict[str, int] = {}
        self._until = clock() + BY_HEART

    def number_of(self, url: str, message_id: str) -> int:
        """The number of an address that a message carries; a new one is stored, in a transaction of its own."""
        if self._clock() >= self._until or len(self._by_heart) >= KNOWN_BY_HEART:
            self._by_heart, self._until = {}, self._clock() + BY_HEART
        if (known := self._by_heart.get(url)) is not None:
            return known
        stored = self._database.read(lambda connection: links.find(connection, url))
        if stored is None or stored.customer is not None:
            stored = self._database.write(lambda connection: links.carry(connection, url, message_id))
        if stored.customer is None:
            self._by_heart[url] = stored.number
        return stored.number

    def url_of(self, number: int) -> str | None:
        """None where nobody has stored one to which a browser may be sent."""
        url = self._database.read(lambda connection: links.url_of(connection, number))
        return url if url is not None and may_lead_to(url) else None


@dataclass(frozen=True)
class Links:
    """Makes links and reads them again. `base_url` is where the pages lie, without a slash at its end.

    Raises ValueError for a secret of less than 128 bits.
    """

    base_url: str
    secret: bytes = field(repr=False)
    targets: Targets | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise ValueError(f"a secret has at least {SHORTEST_SECRET} characters")

    def unsubscribe(self, message_id: str) -> str:
        """Where one click ends all marketing on the message's channel."""
        return self._link(Way.UNSUBSCRIBE, UUID(message_id).bytes)

    def preferences(self, message_id: str) -> str:
        """Where its customer chooses what she is sent."""
        return self._link(Way.PREFERENCES, UUID(message_id).bytes)

    def confirm(self, message_id: str) -> str:
        """Where its customer confirms that she wants the message's topic."""
        return self._link(Way.CONFIRM, UUID(message_id).bytes)

    def opened(self, message_id: str) -> str:
        """The picture that tells that the message was opened."""
        return f"{self._link(Way.OPEN, UUID(message_id).bytes)}.gif"

    def click(self, message_id: str, url: str) -> str:
        """The link that tells of the click and leads on to `url`; `url` itself where it cannot, or is one of ours.

        An address that is new is stored, in a transaction of its own.
        """
        if self.targets is None or not may_lead_to(url) or url.startswith(f"{self.base_url}/"):
            return url
        number = self.targets.number_of(url, message_id)
        return self._link(Way.CLICK, UUID(message_id).bytes + number.to_bytes(NUMBER, "big"))

    def of(self, message_id: str) -> dict[str, str]:
        """What templates read as `links.*`."""
        return {
            "unsubscribe": self.unsubscribe(message_id),
            "preferences": self.preferences(message_id),
            "confirm": self.confirm(message_id),
        }

    def read(self, way: Way, token: str) -> str | None:
        """The message of a token for this page; None where we did not make it, or made it for another."""
        said = self._open(way, token, MESSAGE)
        return None if said is None else str(UUID(bytes=said))

    def read_click(self, token: str) -> Click | None:
        """The message of a click's token and the number of its address; None where we did not make it."""
        said = self._open(Way.CLICK, token, MESSAGE + NUMBER)
        if said is None:
            return None
        return Click(str(UUID(bytes=said[:MESSAGE])), int.from_bytes(said[MESSAGE:], "big"))

    def token(self, way: Way, said: bytes) -> str:
        """What was said, signed for this purpose."""
        return urlsafe_b64encode(said + self._mac(way, said)).decode().rstrip("=")

    def _link(self, way: Way, said: bytes) -> str:
        return f"{self.base_url}/{way}/{self.token(way, said)}"

    def _open(self, way: Way, token: str, length: int) -> bytes | None:
        whole = _decoded(token)
        if len(whole) != length + MAC:
            return None
        said, mac = whole[:length], whole[length:]
        return said if hmac.compare_digest(mac, self._mac(way, said)) else None

    def _mac(self, way: Way, said: bytes) -> bytes:
        return hmac.digest(self._key, f"{way}:".encode() + said, "sha256")[:MAC]

    @cached_property
    def hashing(self) -> Hashing:
        """What makes hashes of addresses under the same secret."""
        return Hashing(self.secret)

    @cached_property
    def _key(self) -> bytes:
        """Of its own, so that the secret may serve other ends too."""
        return hmac.digest(self.secret, b"sojourn links", "sha256")


def may_lead_to(url: str) -> bool:
    """Whether a browser may be sent there: a whole http or https address without what breaks a header."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or any(sign in url for sign in " \\"):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def kept_secret(file: Path) -> bytes:
    """The secret in a file that its owner alone can read; made at the first call, whoever makes it first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        handle, fresh = mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as writing:
            writing.write(token_bytes(32).hex().encode())
        with suppress(FileExistsError):  # another process was first
            os.link(fresh, file)
        Path(fresh).unlink()
    return file.read_bytes()


def _decoded(token: str) -> bytes:
    """The bytes of a token in the one way in which we write them; none for any other."""
    if not _LETTERS.fullmatch(token):
        return b""
    try:
        whole = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except NotBase64:
        return b""
    return whole if urlsafe_b64encode(whole).decode().rstrip("=") == token else b""
