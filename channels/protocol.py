"""What every channel speaks: the content it is handed, the outcome it answers, and what it can do.

An adapter knows nothing of tables, journeys or Temporal. It is handed finished words and an address, submits them once,
and says what it knows. To add one: a file under `outbound/` with a class like `Adapter` and a `build`, a line in
`registry.py`, a line in the contract suite; CONTRIBUTING.md tells the rest.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol, TypeVar, runtime_checkable

from channels.outcomes import Outcome

_DASHED: Final = re.compile(r"[^A-Za-z0-9_-]+")
_DOTS: Final = re.compile(r"[^a-z0-9]+")

Option = str | int | float | bool
Options = Mapping[str, Option]
CORRELATION: Final = "sojourn_id"
"""The name under which a provider is handed the correlation, and gives it back."""


class Channel(StrEnum):
    """What carries a message."""

    EMAIL = "email"
    SMS = "sms"


class DeliveryEvent(StrEnum):
    """What a provider may tell later about a message it took."""

    ACCEPTED = "accepted"  # that it took it, and no more than that
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


class LookUps(StrEnum):
    """What it is worth to ask a provider about a message."""

    NONE = "none"  # it cannot be asked
    PRESENCE = "presence"  # "found" is proof, "absent" never is
    AUTHORITATIVE = "authoritative"  # "absent" is proof, and stays true


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter can do; `real` says that it reaches people, so that `allow` holds.

    `max_size` is what one message may hold, as `size_of` measures it; a larger one is never submitted.
    """

    channel: Channel
    real: bool
    look_ups: LookUps = LookUps.NONE
    events: frozenset[DeliveryEvent] = frozenset()
    max_size: int = 10_000_000


@dataclass(frozen=True, slots=True)
class EmailContent:
    """One e-mail to one customer; `correlation` is `<message id>.<attempt>`, and opaque.

    `headers` go out as they are, unfolded; `sent_at` is aware and becomes the Date; `template` is for the mailbox.
    """

    from_address: str
    to: str
    subject: str
    text: str
    correlation: str
    sent_at: datetime
    html: str = ""
    from_name: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    template: str = ""


@dataclass(frozen=True, slots=True)
class SmsContent:
    """One text message to one customer; numbers as in E.164, `+4915112345678`.

    `good_for` is the real time after which the provider is not to send it any more.
    """

    sender: str
    to: str
    body: str
    correlation: str
    sent_at: datetime
    template: str = ""
    good_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which submit a look-up is about: its correlation, to whom it went, and the real time at which it began."""

    correlation: str
    address: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """The provider has the message, under this id."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider does not have the message; where look-ups are authoritative it never will."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The provider could not be asked."""


LookUp = Found | Absent | Unavailable


@dataclass(frozen=True, slots=True)
class Held:
    """What a provider may hold of a customer: her addresses, and messages to her or from her by its own ids."""

    addresses: tuple[str, ...]
    provider_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much a provider has forgotten, or has promised to; what is left, each with a code that says why."""

    done: int
    left: tuple[tuple[str, str], ...] = ()


Content_contra = TypeVar("Content_contra", EmailContent, SmsContent, contravariant=True)


class Adapter(Protocol[Content_contra]):
    """One provider's side of a channel. It belongs to one event loop, and to as many tasks as like to use it."""

    @property
    def capabilities(self) -> Capabilities: ...

    async def submit(self, content: Content_contra, deadline: timedelta) -> Outcome:
        """Hands the content over once, within `deadline` all told, and says what became of it.

        Never submits the same content twice. Raises nothing but CancelledError, which leaves it in doubt: shield it.
        """
        ...

    async def look_up(self, asked: Asked) -> LookUp:
        """Whether the provider has what was submitted; Unavailable where it cannot be asked. See LookUps."""
        ...

    async def close(self) -> None:
        """Gives back connections. The adapter may be used again afterwards."""
        ...


@runtime_checkable
class Forgetful(Protocol):
    """An adapter whose provider can be asked to forget a customer."""

    async def forget(self, held: Held) -> Forgotten:
        """Asks for everything of it; what was forgotten before counts as forgotten."""
        ...


def size_of(content: EmailContent | SmsContent) -> int:
    """The size of a message's words: bytes of UTF-8 for an e-mail, characters for a text message."""
    match content:
        case EmailContent():
            return sum(len(words.encode("utf-8", "replace")) for words in (content.subject, content.text, content.html))
        case SmsContent():
            return len(content.body)


def excess(content: EmailContent | SmsContent, capabilities: Capabilities) -> str:
    """How much more a message is than its adapter carries, in plain words; empty where it is not."""
    size, unit = size_of(content), "bytes" if capabilities.channel is Channel.EMAIL else "characters"
    return f"{size} {unit}, at most {capabilities.max_size}" if size > capabilities.max_size else ""


def one_click(unsubscribe_url: str) -> Mapping[str, str]:
    """The two headers by which a mail program offers to unsubscribe (RFC 8058)."""
    return {"List-Unsubscribe": f"<{unsubscribe_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def list_id(topic: str, domain: str) -> str:
    """The header by which mail programs tell one list from another (RFC 2919); `domain` is in ASCII."""
    return f"<{_DASHED.sub('-', topic) or 'mail'}.{domain}>"


def feedback_id(*parts: str, domain: str) -> str:
    """The header by which a mailbox provider tells complaints apart; its last part, of the domain, never changes."""
    return ":".join([*(_DASHED.sub("-", part) for part in parts), _DOTS.sub("", domain)[:15]])
