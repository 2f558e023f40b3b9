"""E-mail through SendGrid (API v3), on its SDK over the pooled transport."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from urllib.request import Request

from cryptography.exceptions import UnsupportedAlgorithm
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, field_validator
from python_http_client import Client
from sendgrid import SendGridAPIClient

from channels.inbound.sendgrid import SendGridEvents
from channels.mime import UnsafeHeader, UnwritableAddress, check_headers, wire_address
from channels.outbound.answers import Answer, Dialect, outcome_of, said, why_not
from channels.outbound.pooled import Transport
from channels.outbound.secrets import MISSING, words_of
from channels.outcomes import Outcome, Rejected, RejectedKind
from channels.protocol import (
    CORRELATION,
    Absent,
    Asked,
    Capabilities,
    Channel,
    DeliveryEvent,
    EmailContent,
    Forgotten,
    Found,
    Held,
    LookUp,
    LookUps,
    Options,
    Unavailable,
)

HOST: Final = "https://api.sendgrid.com"
MAX_BYTES: Final = 30_000_000
ERASING: Final = 202
LOOKS: Final = 20
"""How many messages to one address a look-up opens."""
_BEFORE, _AFTER = timedelta(minutes=5), timedelta(hours=1)
_PATIENCE: Final = timedelta(seconds=10)
_RESERVED: Final = frozenset({"x-sg-id", "x-sg-eid", "received", "dkim-signature", "reply-to"})
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,200}")
_TO: Final = "personalizations.0.to.0.email"


class SendGridOptions(BaseModel):
    """What `[channels.sendgrid]` may say. `clicks` and `opens` let SendGrid rewrite links and add a pixel.

    `webhook_key` is the public key of the signed event webhook, which is no secret. `host` is where the API is:
    the region of the account, or a stand-in.
    """

    model_config = ConfigDict(title="sendgrid", frozen=True, extra="forbid")

    api_key: SecretStr
    host: HttpUrl = HttpUrl(HOST)
    clicks: bool = False
    opens: bool = False
    webhook_key: str = ""
    connections: int = Field(8, ge=1, le=64)

    @field_validator("api_key")
    @classmethod
    def _is_something(cls, key: SecretStr) -> SecretStr:
        if not words_of(key):
            raise MISSING
        return key

    @field_validator("webhook_key")
    @classmethod
    def _is_a_public_key(cls, key: str) -> str:
        try:
            SendGridEvents(key)
        except (ValueError, UnsupportedAlgorithm):
            raise ValueError(
                "found no public key; expected it as SendGrid's page for the signed event webhook shows it"
            ) from None
        return key


@dataclass(frozen=True, slots=True)
class Account:
    """Which account, where; `api_key` stays out of every representation of this value."""

    api_key: str = field(repr=False)
    host: str = HOST
    clicks: bool = False
    opens: bool = False


class SendGrid:
    """The adapter of SendGrid."""

    def __init__(self, account: Account, *, connections: int = 8) -> None:
        self._account = account
        self._transport = Transport(connections=connections)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            Channel.EMAIL,
            real=True,
            look_ups=LookUps.PRESENCE,
            events=frozenset(DeliveryEvent),
            max_size=MAX_BYTES,
        )

    async def submit(self, content: EmailContent, deadline: timedelta) -> Outcome:
        """Hands one e-mail over; see Adapter.submit."""
        try:
            payload = payload_of(content, clicks=self._account.clicks, opens=self._account.opens)
        except UnwritableAddress:
            return Rejected(RejectedKind.ADDRESS, "syntax")
        except UnsafeHeader as fault:
            return Rejected(RejectedKind.CONTENT, f"header:{fault.header}")
        api = self._api()
        return outcome_of(await self._transport.ask(lambda: api.send(payload), deadline), DIALECT)

    async def look_up(self, asked: Asked) -> LookUp:
        """Whether one of the messages to this address, at this time, carries the correlation.

        Needs an account with e-mail logs. SendGrid writes them late: what is absent may come.
        """
        if not asked.address or set("'\"\\") & set(asked.address):
            return Unavailable()
        query = {"query": _query(asked), "limit": LOOKS}
        listed = await self._read(self._api().client.logs.post, request_body=query)
        if listed is None:
            return Unavailable()
        for message in _messages(listed):
            opened = await self._read(self._api().client.logs._(message).get)
            if opened is not None and _carries(opened, asked.correlation):
                return Found(message.partition(".")[0])
        return Absent()

    async def forget(self, held: Held) -> Forgotten:
        """Has SendGrid erase what it holds under these addresses; it does so later, and knows no single message."""
        if not held.addresses:
            return Forgotten(0)
        asked = {"email_addresses": list(held.addresses)}
        request = partial(self._api().client.recipients.erasejob.post, request_body=asked)
        evidence = await self._transport.ask(request, _PATIENCE)
        if isinstance(evidence, Answer) and evidence.status == ERASING:
            return Forgotten(len(held.addresses))
        return Forgotten(0, tuple(("address", why_not(evidence)) for _ in held.addresses))

    async def close(self) -> None:
        """Hangs up."""
        await self._transport.close()

    async def _read(self, request: Callable[..., object], **more: object) -> Mapping[str, Any] | None:
        """The JSON object that a request is answered with; None where there is none."""
        evidence = await self._transport.ask(partial(request, **more), _PATIENCE)
        return said(evidence) if isinstance(evidence, Answer) and evidence.status == 200 else None

    def _api(self) -> SendGridAPIClient:
        """A client for one request: the SDK lets the headers of one leak into the next."""
        api = SendGridAPIClient(self._account.api_key, host=self._account.host)
        api.client = _Pooled(self._transport, api.client)
        return api


class _Pooled(Client):  # type: ignore[misc]
    """The SDK's client, with its request made by the pooled transport."""

    def __init__(self, transport: Transport, one: Client, url_path: list[str] | None = None) -> None:
        super().__init__(host=one.host, request_headers=one.request_headers, version=3, url_path=url_path)
        self._transport = transport

    def _build_client(self, name: str | None = None) -> "_Pooled":
        return _Pooled(self._transport, self, [*self._url_path, name] if name else self._url_path)

    def _make_request(self, opener: object, request: Request, timeout: float | None = None) -> "_Reply":
        data, method = request.data, request.get_method()
        return _Reply(
            self._transport.exchange(method, request.full_url, headers=dict(request.header_items()), body=data)
        )


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer in the shape in which the SDK reads one."""

    answer: Answer

    def getcode(self) -> int:
        return self.answer.status

    def read(self) -> bytes:
        return self.answer.body or b""

    def info(self) -> Mapping[str, str]:
        return self.answer.headers


def payload_of(content: EmailContent, *, clicks: bool = False, opens: bool = False) -> dict[str, Any]:
    """The body of a mail/send. Raises UnsafeHeader and UnwritableAddress."""
    check_headers(content)
    if reserved := _RESERVED & {name.lower() for name in content.headers}:
        raise UnsafeHeader(min(reserved))
    bodies = (("text/plain", content.text), ("text/html", content.html))
    payload: dict[str, Any] = {
        "personalizations": [
            {"to": [{"email": wire_address(content.to)}], "custom_args": {CORRELATION: content.correlation}}
        ],
        "from": _sender(content),
        "subject": content.subject,
        "content": [{"type": kind, "value": text} for kind, text in bodies if text],
        "tracking_settings": {
            "click_tracking": {"enable": clicks, "enable_text": False},
            "open_tracking": {"enable": opens},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }
    return payload | ({"headers": dict(content.headers)} if content.headers else {})


def build(options: Options) -> SendGrid:
    """The adapter that `[channels.sendgrid]` describes. Raises pydantic's ValidationError."""
    given = SendGridOptions.model_validate(options)
    account = Account(given.api_key.get_secret_value(), str(given.host).rstrip("/"), given.clicks, given.opens)
    return SendGrid(account, connections=given.connections)


def _sender(content: EmailContent) -> dict[str, str]:
    """SendGrid takes no comma and no semicolon in a name, and no empty one."""
    name = " ".join(content.from_name.replace(",", " ").replace(";", " ").split())
    return {"email": wire_address(content.from_address)} | ({"name": name} if name else {})


def _code(answer: Answer) -> str:
    """The field that the first error is about: SendGrid has no codes."""
    match said(answer):
        case {"errors": [{"field": str() as place}, *_]}:
            return place
        case _:
            return ""


def _query(asked: Asked) -> str:
    since, until = asked.submitted_at - _BEFORE, asked.submitted_at + _AFTER
    return (
        f"to_email = '{asked.address}' AND sg_message_id_created_at >= {_timestamp(since)}"
        f" AND sg_message_id_created_at <= {_timestamp(until)}"
    )


def _timestamp(moment: datetime) -> str:
    return f'TIMESTAMP "{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"'


def _messages(listed: Mapping[str, Any]) -> list[str]:
    given = listed.get("messages")
    found = [one.get("sg_message_id") for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return [name for name in found if isinstance(name, str) and _ID.fullmatch(name)][:LOOKS]


def _carries(opened: Mapping[str, Any], correlation: str) -> bool:
    given = opened.get("custom_args")
    return isinstance(given, dict) and given.get(CORRELATION) == correlation


DIALECT: Final = Dialect(
    yes=frozenset({202}),
    id_of=lambda answer: answer.headers.get("x-message-id", ""),
    code_of=_code,
    kinds=MappingProxyType(
        {
            _TO: RejectedKind.ADDRESS,
            "from": RejectedKind.SENDER,
            "from.email": RejectedKind.SENDER,
            "from.name": RejectedKind.SENDER,
            "subject": RejectedKind.CONTENT,
            "content": RejectedKind.CONTENT,
            "content.0.value": RejectedKind.CONTENT,
            "content.1.value": RejectedKind.CONTENT,
        }
    ),
)

logging.getLogger("python_http_client.client").addFilter(lambda record: False)  # it logs the key and the letter
