"""What SendGrid's signed event webhook tells, believed only under its signature."""

import binascii
import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from sendgrid.helpers.eventwebhook import EventWebhook

from channels.inbound.heard import Forged, Told
from channels.protocol import CORRELATION, DeliveryEvent

PROVIDER: Final = "sendgrid"
SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"
REPLAY: Final = timedelta(minutes=5)
"""A signature is as good as this is old, or ahead of us."""

KINDS: Final[Mapping[str, DeliveryEvent]] = {
    "delivered": DeliveryEvent.DELIVERED,
    "bounce": DeliveryEvent.BOUNCED,
    "dropped": DeliveryEvent.BOUNCED,
    "open": DeliveryEvent.OPENED,
    "click": DeliveryEvent.CLICKED,
    "spamreport": DeliveryEvent.COMPLAINED,
    "unsubscribe": DeliveryEvent.UNSUBSCRIBED,
    "group_unsubscribe": DeliveryEvent.UNSUBSCRIBED,
}
REMAINDER: Final = DeliveryEvent.ACCEPTED
"""Anything else (processed, deferred, group_resubscribe, what SendGrid invents) proves that it has the message."""
DROPPED: Final[Mapping[str, DeliveryEvent]] = {
    "Unsubscribed Address": DeliveryEvent.UNSUBSCRIBED,
    "Spam Reporting Address": DeliveryEvent.COMPLAINED,
}
"""Dropped for what SendGrid heard earlier; its reasons are a closed list."""
_DEAD: Final = frozenset({"Bounced Address", "Invalid"})
_DETAILS: Final = ("event", "type", "status", "attempt", "bounce_classification")
_CODE: Final = re.compile(r"[A-Za-z0-9._ /-]{1,64}")
_ID: Final = re.compile(r"[!-~]{1,200}")
"""What every database can hold: one event that it cannot would have the whole batch refused, again and again."""
_CORRELATION: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class SendGridEvents:
    """Hears the event webhook; `public_key` as SendGrid's settings show it, and nothing is believed without one.

    Raises ValueError where that is no such key.
    """

    def __init__(self, public_key: str) -> None:
        self._webhook = EventWebhook(public_key) if public_key else None
        if self._webhook and not isinstance(self._webhook.public_key, EllipticCurvePublicKey):
            raise ValueError("expected the key of an elliptic curve")

    def hear(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Told, ...]:
        """The events of one post, in its order; `body` as it came, `now` real. Raises Forged."""
        self._verify({name.lower(): value for name, value in headers.items()}, body, now)
        try:
            events = json.loads(body)
        except (ValueError, RecursionError):
            raise Forged("unreadable") from None
        if not isinstance(events, list):
            raise Forged("unreadable")
        return tuple(_told(event, now) for event in events if isinstance(event, dict))

    def _verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        signature, timestamp = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
        if self._webhook is None:
            raise Forged("no_key")
        if not signature or not timestamp:
            raise Forged("unsigned")
        if not re.fullmatch(r"[0-9]{1,12}", timestamp):
            raise Forged("malformed")
        if abs(now.timestamp() - int(timestamp)) > REPLAY.total_seconds():
            raise Forged("too_old")
        try:
            b64decode(signature, validate=True)
            genuine = self._webhook.verify_signature(body.decode("utf-8"), signature, timestamp)
        except (ValueError, TypeError, binascii.Error):
            raise Forged("malformed") from None
        if not genuine:
            raise Forged("wrong")


def _told(event: Mapping[str, Any], now: datetime) -> Told:
    kind, is_dead = _meaning(event)
    correlation = _text(event, CORRELATION)
    return Told(
        provider=PROVIDER,
        id=id_ if _ID.fullmatch(id_ := _text(event, "sg_event_id")) else _digest(event),
        kind=kind,
        correlation=correlation if _CORRELATION.fullmatch(correlation) else "",
        at=_at(event.get("timestamp"), now),
        is_dead=is_dead,
        by_machine=event.get("sg_machine_open") is True,
        detail={name: code for name in _DETAILS if _CODE.fullmatch(code := _text(event, name))},
    )


def _meaning(event: Mapping[str, Any]) -> tuple[DeliveryEvent, bool]:
    """The kind, and whether the address is dead: a bounce that SendGrid calls `blocked` may pass."""
    reason = _text(event, "reason")
    match _text(event, "event"):
        case "dropped":
            return DROPPED.get(reason, KINDS["dropped"]), reason in _DEAD
        case "bounce":
            return KINDS["bounce"], _text(event, "type") != "blocked"
        case name:
            return KINDS.get(name, REMAINDER), False


def _at(timestamp: object, now: datetime) -> datetime:
    """When it happened, never later than now; now where SendGrid does not say it."""
    if not isinstance(timestamp, int) or isinstance(timestamp, bool) or not 0 < timestamp < now.timestamp():
        return now
    return datetime.fromtimestamp(timestamp, UTC)


def _digest(event: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(event, sort_keys=True).encode("ascii")).hexdigest()


def _text(event: Mapping[str, Any], name: str) -> str:
    given = event.get(name)
    return str(given) if isinstance(given, str | int) else ""
