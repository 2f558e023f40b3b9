"""Twilio's messages: how a call is read, and how each answer is phrased."""

import hmac
import re
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from secrets import token_hex
from typing import Any, Final

from channels.standin.descriptions import FORM, MESSAGES, Descriptions
from channels.standin.faults import FaultKind
from channels.standin.truth import Accepted, Draft, Truth
from channels.standin.twilio import rules
from channels.standin.wire import Call, Finding, Provider, Reply, json_reply, read_form

VERSION: Final = "2010-04-01"
CREATE: Final = f"/{VERSION}/Accounts/{{AccountSid}}/Messages.json"
WRONG, OPTED_OUT, BAD_NUMBER, NO_MOBILE = 20001, 21610, 21211, 21614
MAGIC: Final = {"+15005550001": BAD_NUMBER, "+15005550004": OPTED_OUT, "+15005550009": NO_MOBILE}
"""Numbers that Twilio refuses for the sake of tests."""

_API_KEY: Final = re.compile(r"SK[0-9a-fA-F]{32}")
_WORDS: Final = {
    WRONG: "Invalid parameter",
    OPTED_OUT: "Attempt to send to unsubscribed recipient",
    BAD_NUMBER: "Invalid 'To' Phone Number",
    NO_MOBILE: "'To' number is not a valid mobile number",
}


class Twilio:
    """Twilio, for the owner of one account and its token."""

    provider = Provider.TWILIO

    def __init__(self, account: str, token: str, truth: Truth, descriptions: Descriptions | None = None) -> None:
        self.account = account
        self._token = token
        self._truth = truth
        self._descriptions = descriptions

    def knows(self, call: Call) -> bool:
        """Whether the call carries our token, in the account's name or an API key's, and asks for our account."""
        kind, _, said = call.headers.get("authorization", "").partition(" ")
        name, _, token = _decoded(said).partition(":")
        ours = kind == "Basic" and (name == self.account or _API_KEY.fullmatch(name) is not None)
        right = hmac.compare_digest(token.encode(), self._token.encode())
        return ours and right and call.path.startswith(f"/{VERSION}/Accounts/{self.account}/")

    def read(self, call: Call) -> tuple[Draft, list[Finding]]:
        """What is to be carried, and what is wrong with how it is asked."""
        form = read_form(call.body)
        found = list(rules.findings(form))
        if call.media != FORM:
            found.append(Finding("Content-Type", f"expected {FORM}"))
        if self._descriptions is not None:
            found += self._descriptions.of_form(MESSAGES, CREATE, form)
        values = dict(form)
        callback = values.get("StatusCallback", "")
        sender = values.get("From", "")
        return Draft(rules.correlation(callback), values.get("To", ""), sender, "", values, callback), found

    def refuses(self, draft: Draft) -> Reply | None:
        """The refusal for a number that has opted out, or that Twilio keeps for tests."""
        code = OPTED_OUT if draft.to in self._truth.opted_out else MAGIC.get(draft.to)
        return None if code is None else _failed(400, code, _WORDS[code])

    def new_id(self) -> str:
        """A message's SID."""
        return f"SM{token_hex(16)}"

    def taken(self, accepted: Accepted) -> Reply:
        """It has been taken."""
        return json_reply(201, self.message(accepted))

    def refused(self, findings: Iterable[Finding]) -> Reply:
        """The request is wrong: Twilio tells one fault at a time, and those with a number first."""
        first = min(findings, key=lambda one: not one.code)
        return _failed(400, first.code or WRONG, f"{_WORDS.get(first.code, _WORDS[WRONG])}: {first}")

    def rejected(self, kind: FaultKind) -> Reply:
        """This number is refused."""
        code = OPTED_OUT if kind is FaultKind.OPTED_OUT else BAD_NUMBER
        return _failed(400, code, _WORDS[code])

    def denied(self) -> Reply:
        """The token is wrong."""
        return _failed(401, 20003, "Authenticate")

    def throttled(self, retry_after: int) -> Reply:
        """Too many requests."""
        return _failed(429, 20429, "Too Many Requests", {"Retry-After": str(retry_after)})

    def broken(self, status: int) -> Reply:
        """Their side has a fault."""
        return _failed(status, 20500, "the stand-in was told to fail")

    def unknown(self) -> Reply:
        """There is no such thing."""
        return _failed(404, 20404, "The requested resource was not found")

    def message(self, accepted: Accepted) -> dict[str, Any]:
        """The message resource, with the status that was told last."""
        content = self._truth.content(accepted.number) or {}
        told = self._truth.told(accepted.provider_id)
        service = content.get("MessagingServiceSid")
        status = told[-1]["MessageStatus"] if told else initial_status(service)
        code = told[-1].get("ErrorCode") if told else None
        uri = f"/{VERSION}/Accounts/{self.account}/Messages/{accepted.provider_id}"
        return {
            "account_sid": self.account,
            "api_version": VERSION,
            "body": content.get("Body"),
            "date_created": rfc2822(accepted.at),
            "date_sent": rfc2822(accepted.at) if told else None,
            "date_updated": rfc2822(accepted.at),
            "direction": "outbound-api",
            "error_code": int(code) if code else None,
            "error_message": None,
            "from": accepted.sender or None,
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "0" if service else "1",
            "price": None,
            "price_unit": None,
            "sid": accepted.provider_id,
            "status": status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": accepted.to,
            "uri": f"{uri}.json",
        }


def _decoded(said: str) -> str:
    try:
        return b64decode(said, validate=True).decode()
    except ValueError:
        return ""


def initial_status(service: str | None) -> str:
    """What a message is before anything is told of it: a service has still to choose its sender."""
    return "accepted" if service else "queued"


def rfc2822(at: datetime) -> str:
    """A time as Twilio writes it: Thu, 24 Aug 2023 05:01:45 +0000."""
    return format_datetime(at)


def _failed(status: int, code: int, words: str, headers: dict[str, str] | None = None) -> Reply:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return json_reply(status, {"code": code, "message": words, "more_info": more, "status": status}, headers)
