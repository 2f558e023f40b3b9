"""What Twilio tells: a message's status, and what a customer writes back."""

import re
from collections.abc import Mapping
from enum import StrEnum
from secrets import token_hex
from typing import Final

from channels.standin.truth import Accepted
from channels.standin.twilio.dialect import VERSION


class TwilioStatus(StrEnum):
    """What a message may come to after it was taken."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


class OptOut(StrEnum):
    """How Twilio reads what a customer writes, where it is a keyword."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


SERVICE: Final = "MG" + "0" * 32
_ERRORS: Final = {TwilioStatus.UNDELIVERED: "30003", TwilioStatus.FAILED: "30008"}
_KEYWORDS: Final = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"), OptOut.STOP),
    **dict.fromkeys(("START", "YES", "UNSTOP"), OptOut.START),
    **dict.fromkeys(("HELP", "INFO"), OptOut.HELP),
}


def status(
    accepted: Accepted, content: Mapping[str, str], account: str, now: TwilioStatus, **more: str
) -> dict[str, str]:
    """The form of a status callback; `more` replaces and adds."""
    service = content.get("MessagingServiceSid")
    return {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "From": accepted.sender or "+15005550006",
        "MessageSid": accepted.provider_id,
        "MessageStatus": now.value,
        "SmsSid": accepted.provider_id,
        "SmsStatus": now.value,
        "To": accepted.to,
        **({"MessagingServiceSid": service} if service else {}),
        **({"ErrorCode": _ERRORS[now]} if now in _ERRORS else {}),
        **more,
    }


def inbound(account: str, from_number: str, to_number: str, body: str) -> dict[str, str]:
    """The form by which a customer's text message comes in."""
    sid, keyword = f"SM{token_hex(16)}", keyword_of(body)
    return {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "Body": body,
        "From": from_number,
        "MessageSid": sid,
        "MessagingServiceSid": SERVICE,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to_number,
        **({"OptOutType": keyword.value} if keyword else {}),
    }


def keyword_of(body: str) -> OptOut | None:
    """The keyword that the whole text is, whatever its case and its punctuation."""
    return _KEYWORDS.get(re.sub(r"[\W_]+", " ", body).strip().upper())
