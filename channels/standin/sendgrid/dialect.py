"""SendGrid's mail/send: how a call is read, and how each answer is phrased."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Final

from channels.standin.descriptions import MAIL, Descriptions
from channels.standin.faults import FaultKind
from channels.standin.sendgrid import rules
from channels.standin.truth import Accepted, Draft
from channels.standin.wire import Call, Finding, Provider, Reply, json_reply, read_json

SEND: Final = "/v3/mail/send"


class SendGrid:
    """SendGrid, for the owner of one API key."""

    provider = Provider.SENDGRID

    def __init__(self, key: str, descriptions: Descriptions | None = None) -> None:
        self._key = key
        self._descriptions = descriptions

    def knows(self, call: Call) -> bool:
        """Whether the call carries our key."""
        said = call.headers.get("authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {self._key}".encode())

    def read(self, call: Call) -> tuple[Draft, list[Finding]]:
        """What is to be carried, and what is wrong with how it is asked."""
        body = read_json(call.body)
        found = list(rules.findings(body, len(call.body)))
        if call.media != "application/json":
            found.append(Finding("Content-Type", "expected application/json"))
        if self._descriptions is not None:
            found += self._descriptions.of_json(MAIL, SEND, body)
        return _draft(body if isinstance(body, dict) else {}), found

    def refuses(self, draft: Draft) -> Reply | None:
        """Nothing that is well asked: SendGrid takes it, and drops it later if it must."""
        return None

    def new_id(self) -> str:
        """What `X-Message-Id` holds."""
        return urlsafe_b64encode(token_bytes(16)).decode().rstrip("=")

    def taken(self, accepted: Accepted) -> Reply:
        """It has been taken."""
        return Reply(202, b"", {"X-Message-Id": accepted.provider_id})

    def refused(self, findings: Iterable[Finding]) -> Reply:
        """The request is wrong."""
        return json_reply(400, {"errors": [_error(one.words, one.field) for one in findings]})

    def rejected(self, kind: FaultKind) -> Reply:
        """SendGrid has no such refusal."""
        return self.refused([Finding("body", kind)])

    def denied(self) -> Reply:
        """The key is wrong."""
        return _failed(401, "The provided authorization grant is invalid, expired, or revoked")

    def throttled(self, retry_after: int) -> Reply:
        """Too many requests."""
        reset = int(datetime.now(UTC).timestamp()) + retry_after
        headers = {"Retry-After": str(retry_after), "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
        return json_reply(429, {"errors": [_error("too many requests")]}, headers)

    def broken(self, status: int) -> Reply:
        """Their side has a fault."""
        return _failed(status, "the stand-in was told to fail")

    def unknown(self) -> Reply:
        """There is no such thing."""
        return _failed(404, "not found")


def _draft(body: dict[str, object]) -> Draft:
    to = rules.the_one(body).get("to")
    first = to[0] if isinstance(to, list) and to else None
    subject = str(rules.the_one(body).get("subject", body.get("subject", "")))
    return Draft(rules.correlation(body), rules.address(first), rules.address(body.get("from")), subject, body)


def _failed(status: int, words: str) -> Reply:
    return json_reply(status, {"errors": [_error(words)]})


def _error(words: str, field: str | None = None) -> dict[str, str | None]:
    return {"message": words, "field": field, "help": None}
