"""SendGrid's erasure of what it holds under addresses."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from channels.standin.truth import Truth
from channels.standin.wire import Call, Finding, Provider, Reply, json_reply, read_json

ERASE: Final = "/v3/recipients/erasejob"
_MOST: Final = 5_000


@dataclass(frozen=True, slots=True)
class Erasing:
    """The erasures of one truth; SendGrid takes them on at once and does them later, we do both at once."""

    truth: Truth

    def check(self, call: Call) -> list[Finding]:
        """What is wrong with a request."""
        found = [] if call.media == "application/json" else [Finding("Content-Type", "expected application/json")]
        addresses = _addresses(read_json(call.body))
        if not 1 <= len(addresses) <= _MOST:
            return [*found, Finding("email_addresses", f"expected 1 to {_MOST} addresses")]
        if not all(isinstance(one, str) and "@" in one for one in addresses):
            found.append(Finding("email_addresses", "expected addresses"))
        return found

    def erase(self, call: Call) -> Reply:
        """Forgets what went to the addresses of a sound request."""
        addresses = {str(one).lower() for one in _addresses(read_json(call.body))}
        for one in self.truth.accepted():
            if one.provider is Provider.SENDGRID and one.to.lower() in addresses:
                self.truth.forget(one)
        return json_reply(202, {"job_id": str(uuid4())})


def _addresses(body: Any) -> list[Any]:
    given = body.get("email_addresses") if isinstance(body, dict) and body.keys() == {"email_addresses"} else None
    return given if isinstance(given, list) else []
