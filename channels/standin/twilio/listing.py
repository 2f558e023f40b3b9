"""Twilio's messages as look-ups see them: one by its SID, and lists of them by number and day."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from channels.standin.truth import Accepted, Truth
from channels.standin.twilio.dialect import VERSION, Twilio
from channels.standin.wire import Call, Finding, Provider, Reply, json_reply

_PAGE, _LARGEST = 50, 1_000
_DAYS: Final = ("DateSent", "DateSent<", "DateSent>")
_KNOWN: Final = frozenset({"To", "From", "PageSize", "Page", "PageToken", *_DAYS})


@dataclass(frozen=True, slots=True)
class Listing:
    """The messages of one truth."""

    truth: Truth
    dialect: Twilio

    def check(self, call: Call) -> list[Finding]:
        """What is wrong with a list's query."""
        found = [Finding(name, "is no filter") for name, _ in parse_qsl(call.query) if name not in _KNOWN]
        try:
            self._chosen(dict(parse_qsl(call.query)))
        except ValueError:
            found.append(Finding("query", "expected dates and numbers"))
        return found

    def open(self, sid: str) -> Reply:
        """One message."""
        accepted = self.truth.by_id(sid)
        if accepted is None or not self._shows(accepted):
            return self.dialect.unknown()
        return json_reply(200, self.dialect.message(accepted))

    def delete(self, sid: str) -> Reply:
        """Deletes one message."""
        accepted = self.truth.by_id(sid)
        if accepted is None or not self._shows(accepted):
            return self.dialect.unknown()
        self.truth.forget(accepted)
        return Reply(204)

    def page(self, call: Call) -> Reply:
        """A page of the messages that a sound query asks for, the latest first."""
        asked = dict(parse_qsl(call.query))
        size = min(int(asked.get("PageSize", _PAGE)), _LARGEST)
        page = int(asked.get("Page", 0))
        chosen = self._chosen(asked)
        shown = chosen[page * size : (page + 1) * size]
        following = self._uri(asked, page + 1) if len(chosen) > (page + 1) * size else None
        return json_reply(
            200,
            {
                "messages": [self.dialect.message(one) for one in shown],
                "page": page,
                "page_size": size,
                "start": page * size,
                "end": page * size + max(len(shown) - 1, 0),
                "uri": self._uri(asked, page),
                "first_page_uri": self._uri(asked, 0),
                "previous_page_uri": self._uri(asked, page - 1) if page else None,
                "next_page_uri": following,
            },
        )

    def _shows(self, accepted: Accepted) -> bool:
        return accepted.provider is Provider.TWILIO and self.truth.shows(accepted)

    def _chosen(self, asked: dict[str, str]) -> list[Accepted]:
        on, before, after = (_instant(asked[day]) if day in asked else None for day in _DAYS)
        return [
            one
            for one in reversed(self.truth.accepted())
            if self._shows(one)
            and one.to == asked.get("To", one.to)
            and one.sender == asked.get("From", one.sender)
            and (on is None or one.at.date() == on.date())
            and (before is None or one.at <= before)
            and (after is None or one.at >= after)
        ]

    def _uri(self, asked: dict[str, Any], page: int) -> str:
        query = urlencode({**asked, "Page": page})
        return f"/{VERSION}/Accounts/{self.dialect.account}/Messages.json?{query}"


def _instant(written: str) -> datetime:
    at = datetime.fromisoformat(written)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
