"""What Twilio's callbacks tell, and what customers write back, believed only under Twilio's signature."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

from channels.inbound.heard import Forged, Said, Told, Wish
from channels.inbound.wishes import wish_of
from channels.protocol import CORRELATION, DeliveryEvent

PROVIDER: Final = "twilio"
SIGNATURE: Final = "x-twilio-signature"
MAX_FIELDS: Final = 200

KINDS: Final[Mapping[str, DeliveryEvent]] = {
    "delivered": DeliveryEvent.DELIVERED,
    "read": DeliveryEvent.DELIVERED,
    "undelivered": DeliveryEvent.BOUNCED,
    "failed": DeliveryEvent.BOUNCED,
    "canceled": DeliveryEvent.BOUNCED,
}
REMAINDER: Final = DeliveryEvent.ACCEPTED
"""Any other status (accepted, queued, sending, sent, what Twilio invents) proves that it has the message."""
OPTED_OUT: Final = "21610"
DEAD: Final = frozenset({"21211", "21614", "30005", "30006"})
"""No number, no mobile, nobody there, a landline. 30003 (switched off), 30004 and 30007 (blocked) may pass."""
OPT_OUTS: Final[Mapping[str, Wish]] = {"STOP": Wish.STOP, "START": Wish.START, "HELP": Wish.HELP}
_NUMBER: Final = re.compile(r"[!-~]{1,64}")
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class TwilioHooks:
    """Hears status callbacks and text messages.

    `public_url` is where Twilio reaches us: the signature covers it, so it is a setting and never read from a request.
    Nothing is believed without token or URL.
    """

    def __init__(self, auth_token: str, public_url: str) -> None:
        self._validator = RequestValidator(auth_token) if auth_token and public_url else None
        self._public_url = public_url.rstrip("/")

    def hear_status(self, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Told:
        """What became of a message; `target` is the path with its query, and `body` the form, as they came.

        `now` is real, and the moment of what is told: Twilio names none. Raises Forged.
        """
        fields = self._verified(target, headers, body)
        sid, status, code = fields.get("MessageSid", ""), fields.get("MessageStatus", ""), fields.get("ErrorCode", "")
        if not _CODE.fullmatch(sid) or not _CODE.fullmatch(status):
            raise Forged("unreadable")
        opted_out = code == OPTED_OUT
        return Told(
            provider=PROVIDER,
            id=f"{sid}:{status}",
            kind=DeliveryEvent.UNSUBSCRIBED if opted_out else KINDS.get(status, REMAINDER),
            correlation=_correlation(target),
            at=now,
            is_dead=code in DEAD,
            opted_out=opted_out,
            detail={name: word for name, word in (("status", status), ("code", code)) if _CODE.fullmatch(word)},
        )

    def hear_message(self, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Said:
        """A customer's own text message; see hear_status. Twilio's word on an opt-out goes before ours."""
        fields = self._verified(target, headers, body)
        sid, number = fields.get("MessageSid", ""), fields.get("From", "")
        words = fields.get("Body", "").replace("\0", " ")  # no database holds it, and an opt-out may stand beside it
        if not _CODE.fullmatch(sid) or not _NUMBER.fullmatch(number):
            raise Forged("unreadable")
        wish = OPT_OUTS.get(fields.get("OptOutType", "").upper()) or wish_of(words)
        return Said(PROVIDER, sid, number, fields.get("To", ""), words, wish, now)

    def _verified(self, target: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """The form's fields, if the signature is Twilio's."""
        signature = {name.lower(): value for name, value in headers.items()}.get(SIGNATURE)
        if self._validator is None:
            raise Forged("no_key")
        if not signature:
            raise Forged("unsigned")
        if not target.startswith("/"):
            raise Forged("malformed")
        try:
            pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
            genuine = self._validator.validate(self._public_url + target, dict(pairs), signature)
        except (ValueError, TypeError):
            raise Forged("malformed") from None
        if not genuine or len(dict(pairs)) < len(pairs):
            raise Forged("wrong")
        return dict(pairs)


def _correlation(target: str) -> str:
    values = [value for name, value in parse_qsl(urlsplit(target).query) if name == CORRELATION]
    return values[0] if len(values) == 1 and _CODE.fullmatch(values[0]) else ""
