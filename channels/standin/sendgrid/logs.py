"""SendGrid's e-mail logs: the search and the message, as their look-ups see them, a while after the fact."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from channels.standin.descriptions import LOGS, Descriptions
from channels.standin.sendgrid.dialect import SendGrid
from channels.standin.sendgrid.events import STATUSES, SendGridEvent, arguments, message_id
from channels.standin.truth import Accepted, Truth
from channels.standin.wire import Call, Finding, Provider, Reply, json_reply, read_json

SEARCH: Final = "/v3/logs"
_QUOTED: Final = r"""'([^']*)'|"([^"]*)\""""
_EQUAL: Final = re.compile(rf"\s*(sg_message_id|subject|to_email|reason)\s*=\s*(?:{_QUOTED})\s*")
_AMONG: Final = re.compile(r"\s*status\s+IN\s*\(\s*('[a-z]+'(?:\s*,\s*'[a-z]+')*)\s*\)\s*")
_SINCE: Final = re.compile(rf"\s*sg_message_id_created_at\s*([<>]=?)\s*TIMESTAMP\s*(?:{_QUOTED})\s*")
_AND: Final = re.compile(r"""\s+AND\s+(?=(?:[^'"]|'[^']*'|"[^"]*")*$)""")
_COMPARED: Final[dict[str, Callable[[datetime, datetime], bool]]] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}

Condition = Callable[[dict[str, Any]], bool]


class NoQuery(Exception):
    """A query that SendGrid's language does not know; the text is the part that it stumbles at."""


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs of one truth."""

    truth: Truth
    dialect: SendGrid
    descriptions: Descriptions | None = None

    def check(self, call: Call) -> list[Finding]:
        """What is wrong with a search."""
        body = read_json(call.body)
        found = [] if call.media == "application/json" else [Finding("Content-Type", "expected application/json")]
        if self.descriptions is not None:
            found += self.descriptions.of_json(LOGS, SEARCH, body)
        if not isinstance(body, dict) or not isinstance(limit := body.get("limit", 10), int) or not 1 <= limit <= 1000:
            return [*found, Finding("limit", "expected 1 to 1000")]
        try:
            parse(str(body.get("query", "")))
        except NoQuery as stumbled:
            found.append(Finding("query", f"cannot be read from: {stumbled}"))
        return found

    def search(self, call: Call) -> Reply:
        """The messages that a sound search finds, the latest first."""
        body = read_json(call.body)
        fits = parse(str(body.get("query", "")))
        rows = (self._row(one) for one in reversed(self.truth.accepted()) if self._shows(one))
        return json_reply(200, {"messages": list(islice(filter(fits, rows), body.get("limit", 10)))})

    def open(self, sg_message_id: str) -> Reply:
        """One message with its events and its custom_args."""
        accepted = self.truth.by_id(sg_message_id.partition(".")[0])
        if accepted is None or message_id(accepted) != sg_message_id or not self._shows(accepted):
            return self.dialect.unknown()
        row = self._row(accepted)
        del row["sg_message_id_created_at"]
        args = arguments(accepted, self.truth.content(accepted.number))
        events = list(self.truth.told(accepted.provider_id))[-100:]
        more = {"api_key_id": "standin", "client_ip": "127.0.0.1", "custom_args": args, "events": events}
        return json_reply(200, {**row, **more})

    def _shows(self, accepted: Accepted) -> bool:
        return accepted.provider is Provider.SENDGRID and self.truth.shows(accepted)

    def _row(self, accepted: Accepted) -> dict[str, Any]:
        told = [SendGridEvent(event["event"]) for event in self.truth.told(accepted.provider_id)]
        return {
            "from_email": accepted.sender,
            "sg_message_id": message_id(accepted),
            "subject": accepted.subject,
            "to_email": accepted.to,
            "status": next((STATUSES[kind] for kind in reversed(told) if kind in STATUSES), "processed"),
            "sg_message_id_created_at": f"{accepted.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        }


def parse(query: str) -> Condition:
    """A condition on a row of the logs. Raises NoQuery."""
    conditions = [_condition(part) for part in _AND.split(query)] if query.strip() else []
    return lambda row: all(condition(row) for condition in conditions)


def _condition(part: str) -> Condition:
    if found := _EQUAL.fullmatch(part):
        field, wanted = found[1], found[2] or found[3] or ""
        return lambda row: row.get(field, "") == wanted
    if found := _AMONG.fullmatch(part):
        among = frozenset(re.findall("[a-z]+", found[1]))
        return lambda row: row["status"] in among
    if found := _SINCE.fullmatch(part):
        compared, edge = _COMPARED[found[1]], _instant(found[2] or found[3] or "")
        return lambda row: compared(datetime.fromisoformat(row["sg_message_id_created_at"]), edge)
    raise NoQuery(part[:40])


def _instant(written: str) -> datetime:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        raise NoQuery(written[:40]) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
