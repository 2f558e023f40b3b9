"""Any channel through a URL of the author's own, which is posted each message as signed JSON.

    Sojourn-Message     the correlation, `<message id>.<attempt>`: the same for as long as it is the same submit
    Sojourn-Timestamp   seconds since 1970
    Sojourn-Signature   v1=<HMAC-SHA256 of "<timestamp>.<body>" under the secret, in hex>

It accepts with any 2xx and `{"id": "..."}`, refuses with 422 and `{"code": "..."}`, and is told "not now" by 429 with
Retry-After; every other status is read as of any HTTP API.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from channels.outbound.answers import Dialect, outcome_of, said_text
from channels.outbound.pooled import Transport
from channels.outbound.reaching import public_address
from channels.outbound.secrets import MISSING, words_of
from channels.outcomes import Outcome, RejectedKind
from channels.protocol import Asked, Capabilities, Channel, EmailContent, LookUp, Options, SmsContent, Unavailable

SECRET_LENGTH: Final = 16


class WebhookOptions(BaseModel):
    """What `[channels.webhook]` may say; `private` lets the URL lead into one's own network, and go without TLS."""

    model_config = ConfigDict(title="webhook", frozen=True, extra="forbid")

    private: bool = False
    url: str
    secret: SecretStr
    connections: int = Field(8, ge=1, le=64)

    @field_validator("url")
    @classmethod
    def _is_a_place(cls, url: str, info: ValidationInfo) -> str:
        place = urlsplit(url)
        if not place.hostname or place.scheme not in ("https", "http"):
            raise ValueError("expected one such as https://acme.example/messages")
        if place.username or place.password:
            raise ValueError("found credentials; the signature says who asks")
        if place.scheme == "http" and not info.data.get("private", True):
            raise ValueError("found http; expected https, or private = true")
        return url

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr) -> SecretStr:
        if not words_of(secret):
            raise MISSING
        if len(words_of(secret)) < SECRET_LENGTH:
            raise ValueError(f"found a shorter one; expected {SECRET_LENGTH} characters at least, such as "
                             "`openssl rand -hex 32` makes")  # fmt: skip
        return secret


@dataclass(frozen=True, slots=True)
class Place:
    """Where to; `secret` stays out of every representation of this value."""

    url: str
    secret: str = field(repr=False)
    private: bool = False


class Webhook:
    """The adapter of one channel to a URL."""

    def __init__(
        self, channel: Channel, place: Place, *, connections: int = 8, clock: Callable[[], float] = time.time
    ) -> None:
        self._channel = channel
        self._place = place
        self._clock = clock
        self._transport = Transport(connections=connections, reach=None if place.private else public_address)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self._channel, real=True)

    async def submit(self, content: EmailContent | SmsContent, deadline: timedelta) -> Outcome:
        """Posts one message; see Adapter.submit."""
        body = body_of(content)
        headers = {"Content-Type": "application/json", "Sojourn-Message": content.correlation}
        headers |= signed(body, self._place.secret, int(self._clock()))
        evidence = await self._transport.ask(
            lambda: self._transport.exchange("POST", self._place.url, headers=headers, body=body), deadline
        )
        return outcome_of(evidence, DIALECT)

    async def look_up(self, asked: Asked) -> LookUp:
        """It is not asked."""
        return Unavailable()

    async def close(self) -> None:
        """Hangs up."""
        await self._transport.close()


def body_of(content: EmailContent | SmsContent) -> bytes:
    """A message as JSON; the names are those of EmailContent and SmsContent, `sent_at` in UTC."""
    given: dict[str, Any] = {"id": content.correlation, "sent_at": content.sent_at.astimezone(UTC).isoformat()}
    match content:
        case EmailContent():
            names: tuple[str, ...] = ("from_address", "from_name", "to", "subject", "text", "html", "template")
            given |= {"channel": Channel.EMAIL.value, "headers": dict(content.headers)}
        case SmsContent():
            names = ("sender", "to", "body", "template")
            given |= {"channel": Channel.SMS.value}
    return json.dumps(given | {name: getattr(content, name) for name in names}).encode("ascii")


def signed(body: bytes, secret: str, timestamp: int) -> dict[str, str]:
    """The two headers by which the receiver knows that a body is ours, and how old it is."""
    mac = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256)
    return {"Sojourn-Timestamp": str(timestamp), "Sojourn-Signature": f"v1={mac.hexdigest()}"}


def build_email(options: Options) -> Webhook:
    """E-mail by the URL that `[channels.webhook]` names. Raises pydantic's ValidationError."""
    return _build(Channel.EMAIL, options)


def build_sms(options: Options) -> Webhook:
    """Text messages by the URL that `[channels.webhook]` names. Raises pydantic's ValidationError."""
    return _build(Channel.SMS, options)


def _build(channel: Channel, options: Options) -> Webhook:
    given = WebhookOptions.model_validate(options)
    place = Place(given.url, given.secret.get_secret_value(), given.private)
    return Webhook(channel, place, connections=given.connections)


DIALECT: Final = Dialect(
    yes=frozenset(range(200, 300)),
    id_of=lambda answer: said_text(answer, "id"),
    code_of=lambda answer: said_text(answer, "code"),
    kinds=MappingProxyType({kind.value: kind for kind in RejectedKind}),
)
