"""Text messages through Twilio (API 2010-04-01), on its SDK over the pooled transport."""

import logging
import re
from asyncio import gather
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, ValidationInfo, field_validator
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.outbound.answers import Answer, Dialect, outcome_of, said_text, why_not
from channels.outbound.pooled import Transport
from channels.outbound.secrets import MISSING, words_of
from channels.outcomes import Outcome, RejectedKind
from channels.protocol import (
    CORRELATION,
    Asked,
    Capabilities,
    Channel,
    DeliveryEvent,
    Forgotten,
    Held,
    LookUp,
    Options,
    SmsContent,
    Unavailable,
)

STATUS_PATH: Final = "/webhooks/twilio/status"
HOST: Final = "https://api.twilio.com"
GONE: Final = frozenset({204, 404})
MAX_SIGNS: Final = 1600
"""What a body may hold; Twilio refuses more."""
LEAST_VALIDITY: Final = timedelta(minutes=1)
"""Given only seconds, Twilio drops what a network was slow to take."""
_PATIENCE: Final = timedelta(seconds=10)
_SID: Final = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")


class TwilioOptions(BaseModel):
    """What `[channels.twilio]` may say. `auth_token` is always the account's own, for Twilio signs webhooks with it.

    With an `api_key_sid` and its secret messages need no token; what Twilio tells is then not believed without one.
    Messages go out by the messaging service where there is one, else from the sender's number. `validity_minutes` is
    how long Twilio may hold a message back at most. `public_url` is where Twilio reaches us; without one nothing is
    heard of what becomes of a message. `host` points at a stand-in.
    """

    model_config = ConfigDict(title="twilio", frozen=True, extra="forbid")

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    api_key_sid: str = Field("", pattern=r"^(SK[0-9a-fA-F]{32})?$")
    api_key_secret: SecretStr = Field(SecretStr(""), validate_default=True)
    auth_token: SecretStr = Field(SecretStr(""), validate_default=True)
    messaging_service_sid: str = Field("", pattern=r"^(MG[0-9a-fA-F]{32})?$")
    validity_minutes: int = Field(240, ge=1, le=600)
    public_url: HttpUrl | None = None
    host: HttpUrl = HttpUrl(HOST)
    connections: int = Field(8, ge=1, le=64)

    @field_validator("api_key_secret")
    @classmethod
    def _goes_with_its_key(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        if "api_key_sid" not in info.data or bool(words_of(secret)) is bool(info.data["api_key_sid"]):
            return secret
        raise MISSING if info.data.get("api_key_sid") else ValueError("found one without an api_key_sid")

    @field_validator("auth_token")
    @classmethod
    def _is_the_accounts_own(cls, token: SecretStr, info: ValidationInfo) -> SecretStr:
        if not words_of(token) and not info.data.get("api_key_sid", "is told already"):
            raise MISSING
        if token.get_secret_value() and token == info.data.get("api_key_secret"):
            raise ValueError("found the secret of api_key_sid; expected the account's own token")
        return token


@dataclass(frozen=True, slots=True)
class Account:
    """Which account, where, and how it sends; `secret` stays out of every representation of this value."""

    account_sid: str
    secret: str = field(repr=False)
    username: str = ""
    host: str = HOST
    messaging_service_sid: str = ""
    validity: timedelta = timedelta(hours=4)
    public_url: str = ""


class Twilio:
    """The adapter of Twilio's text messages.

    It cannot be asked: a list of messages gives back neither our correlation nor the callback that holds it, and a
    message to the same number at the same time may be another one. What proves is the callback itself.
    """

    def __init__(self, account: Account, *, connections: int = 8) -> None:
        self._account = account
        self._transport = Transport(connections=connections)
        self._client = Client(
            account.username or account.account_sid,
            account.secret,
            account.account_sid,
            http_client=_Pooled(self._transport, account.host),
        )

    @property
    def capabilities(self) -> Capabilities:
        told = {DeliveryEvent.ACCEPTED, DeliveryEvent.DELIVERED, DeliveryEvent.BOUNCED, DeliveryEvent.UNSUBSCRIBED}
        return Capabilities(
            Channel.SMS,
            real=True,
            events=frozenset(told) if self._account.public_url else frozenset(),
            max_size=MAX_SIGNS,
        )

    async def submit(self, content: SmsContent, deadline: timedelta) -> Outcome:
        """Hands one text message over; see Adapter.submit."""
        fields = fields_of(content, self._account)
        return outcome_of(await self._transport.ask(lambda: self._create(fields), deadline), DIALECT)

    async def look_up(self, asked: Asked) -> LookUp:
        """Twilio cannot be asked for a message by anything of ours."""
        return Unavailable()

    async def forget(self, held: Held) -> Forgotten:
        """Deletes messages by their SIDs; Twilio knows nothing of hers by her number alone."""
        sids = [one for one in held.provider_ids if _SID.fullmatch(one)]
        left = [(sid, why) for sid, why in zip(sids, await gather(*map(self._delete, sids)), strict=True) if why]
        return Forgotten(len(sids) - len(left), tuple(left))

    async def close(self) -> None:
        """Hangs up."""
        await self._transport.close()

    async def _delete(self, sid: str) -> str:
        """Empty, or by which code it is still there."""

        def ask() -> None:
            with suppress(TwilioException, ValueError, TypeError, AttributeError):
                self._client.messages(sid).delete()

        evidence = await self._transport.ask(ask, _PATIENCE)
        gone = isinstance(evidence, Answer) and evidence.status in GONE
        return "" if gone else why_not(evidence)

    def _create(self, fields: Mapping[str, Any]) -> None:
        """What the SDK makes of the answer is nothing to us: the answer itself is judged, by its status."""
        with suppress(TwilioException, ValueError, TypeError, LookupError, AttributeError, RecursionError):
            self._client.messages.create(**fields)


class _Pooled(HttpClient):  # type: ignore[misc]
    """The SDK's transport, pooled, and pointed at `host`. It logs nothing."""

    def __init__(self, transport: Transport, host: str) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), is_async=False)
        self._transport = transport
        self._host = urlsplit(host)

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        url = urlsplit(uri)
        if self._host.netloc != urlsplit(HOST).netloc:
            url = url._replace(scheme=self._host.scheme, netloc=self._host.netloc)
        answer = self._transport.exchange(
            method, url.geturl(), headers=headers or {}, body=data, query=params, auth=auth
        )
        return Response(answer.status, (answer.body or b"").decode("utf-8", "replace"), answer.headers)


def fields_of(content: SmsContent, account: Account) -> dict[str, Any]:
    """What is asked of the SDK for one message."""
    validity = account.validity if content.good_for is None else min(account.validity, content.good_for)
    seconds = int(max(validity, LEAST_VALIDITY).total_seconds())
    fields: dict[str, Any] = {"to": content.to, "body": content.body, "validity_period": seconds}
    if account.messaging_service_sid:
        fields["messaging_service_sid"] = account.messaging_service_sid
    else:
        fields["from_"] = content.sender
    if account.public_url:
        fields["status_callback"] = callback_url(account.public_url, content.correlation)
    return fields


def callback_url(public_url: str, correlation: str) -> str:
    """Where Twilio tells what became of the message of this correlation; its signature covers the query."""
    return f"{public_url}{STATUS_PATH}?{urlencode({CORRELATION: correlation})}"


def build(options: Options) -> Twilio:
    """The adapter that `[channels.twilio]` describes. Raises pydantic's ValidationError."""
    given = TwilioOptions.model_validate(options)
    account = Account(
        given.account_sid,
        (given.api_key_secret if given.api_key_sid else given.auth_token).get_secret_value(),
        given.api_key_sid,
        str(given.host).rstrip("/"),
        given.messaging_service_sid,
        timedelta(minutes=given.validity_minutes),
        str(given.public_url or "").rstrip("/"),
    )
    return Twilio(account, connections=given.connections)


DIALECT: Final = Dialect(
    yes=frozenset({201}),
    id_of=lambda answer: said_text(answer, "sid"),
    code_of=lambda answer: said_text(answer, "code"),
    kinds=MappingProxyType(
        {
            "21610": RejectedKind.OPTED_OUT,
            "21211": RejectedKind.ADDRESS,  # no number
            "21614": RejectedKind.ADDRESS,  # no mobile number
            "21212": RejectedKind.SENDER,  # no number to send from
            "21603": RejectedKind.SENDER,  # nobody to send from
            "21606": RejectedKind.SENDER,  # not a number of the account's
            "21602": RejectedKind.CONTENT,  # empty
            "21617": RejectedKind.CONTENT,  # too long
        }
    ),
)
