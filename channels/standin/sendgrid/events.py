"""SendGrid's events, as its event webhook tells them, and its e-mail logs."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from channels.standin.sendgrid import rules
from channels.standin.truth import Accepted


class SendGridEvent(StrEnum):
    """What SendGrid tells of a message."""

    PROCESSED = "processed"
    DROPPED = "dropped"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCE = "bounce"
    OPEN = "open"
    CLICK = "click"
    SPAMREPORT = "spamreport"
    UNSUBSCRIBE = "unsubscribe"
    GROUP_UNSUBSCRIBE = "group_unsubscribe"
    GROUP_RESUBSCRIBE = "group_resubscribe"


STATUSES: Final = {
    SendGridEvent.PROCESSED: "processed",
    SendGridEvent.DROPPED: "dropped",
    SendGridEvent.DEFERRED: "deferred",
    SendGridEvent.DELIVERED: "delivered",
    SendGridEvent.BOUNCE: "bounced",
    SendGridEvent.OPEN: "delivered",
    SendGridEvent.CLICK: "delivered",
}
_READER: Final = {"ip": "127.0.0.1", "useragent": "Mozilla/5.0 (stand-in)"}
_DETAILS: Final[Mapping[SendGridEvent, Mapping[str, Any]]] = {
    SendGridEvent.DROPPED: {"reason": "Bounced Address", "status": "5.0.0"},
    SendGridEvent.DEFERRED: {"response": "421 4.7.0 try again later", "attempt": "1"},
    SendGridEvent.DELIVERED: {"response": "250 2.0.0 OK", "ip": "127.0.0.1", "tls": 1},
    SendGridEvent.BOUNCE: {
        "reason": "550 5.1.1 no such mailbox",
        "status": "5.1.1",
        "type": "bounce",
        "bounce_classification": "Invalid Address",
    },
    SendGridEvent.OPEN: _READER,
    SendGridEvent.CLICK: {**_READER, "url": "https://example.org/", "url_offset": {"index": 0, "type": "html"}},
}
_BY_READER: Final = frozenset(SendGridEvent) - {
    SendGridEvent.PROCESSED,
    SendGridEvent.DROPPED,
    SendGridEvent.DEFERRED,
    SendGridEvent.DELIVERED,
    SendGridEvent.BOUNCE,
}


def message_id(accepted: Accepted) -> str:
    """`sg_message_id`: X-Message-Id and where it went, longer than what mail/send answered."""
    return f"{accepted.provider_id}.recvd-standin-1-{accepted.number:X}.0"


def event(accepted: Accepted, kind: SendGridEvent, at: datetime, **more: Any) -> dict[str, Any]:
    """One event as e-mail logs keep it; `more` replaces and adds."""
    sent = {} if kind in _BY_READER else {"smtp-id": f"<{accepted.provider_id}@standin.sendgrid.example>"}
    return {
        "email": accepted.to,
        "timestamp": int(at.timestamp()),
        "event": kind.value,
        "sg_event_id": uuid4().hex,
        "sg_message_id": message_id(accepted),
        **sent,
        **_DETAILS.get(kind, {}),
        **more,
    }


def told(event: Mapping[str, Any], accepted: Accepted, content: Mapping[str, Any] | None) -> dict[str, Any]:
    """The event as the webhook tells it: custom_args are merged into the top level."""
    categories = {"category": content["categories"]} if content and content.get("categories") else {}
    return {**event, **categories, **arguments(accepted, content)}


def arguments(accepted: Accepted, content: Mapping[str, Any] | None) -> Mapping[str, str]:
    """The custom_args of a message; ours alone where its request is no longer kept."""
    kept = rules.the_one(content or {}).get("custom_args", {})
    return {rules.CORRELATED_BY: accepted.correlation, **kept}
