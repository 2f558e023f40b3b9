"""What an HTTP API's answer, or its silence, proves about a message: one table for every provider.

connection refused, no such host, TLS or connect timeout   NotAccepted
the provider's own yes, with an id                          Accepted
401, 403                                                    NotAccepted: the channel pauses
407 (a proxy), 429                                          NotAccepted
400, 404, 405, 413, 415, 422                                Rejected: this message
every other status, an unreadable yes, a broken line        Ambiguous
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, Final

from channels.outcomes import (
    Accepted,
    Ambiguous,
    Break,
    Doubt,
    NotAccepted,
    NotAcceptedKind,
    Outcome,
    Phase,
    Rejected,
    RejectedKind,
    broken_off,
)

REFUSALS: Final = frozenset({400, 404, 405, 413, 415, 422})
PATIENCE: Final = timedelta(days=1)
"""A provider that asks for more is asked again after this."""
_NOT_NOW: Final = {
    401: NotAcceptedKind.DENIED,
    403: NotAcceptedKind.DENIED,
    407: NotAcceptedKind.UNREACHABLE,
    429: NotAcceptedKind.THROTTLED,
}
_DIGITS: Final = 12
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply. The names of `headers` are in small letters; `body` is None where it could not be read whole."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes | None = b""


@dataclass(frozen=True, slots=True)
class Broken:
    """No reply; in `body` the request was perhaps read, before that certainly not."""

    phase: Phase
    how: Break


Evidence = Answer | Broken


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one provider says yes and no.

    `id_of` and `code_of` read its id and its error code, empty where there is none; `kinds` says which codes mean
    more than that the message is refused.
    """

    yes: frozenset[int]
    id_of: Callable[[Answer], str]
    code_of: Callable[[Answer], str]
    kinds: Mapping[str, RejectedKind] = field(default_factory=lambda: MappingProxyType({}))


def outcome_of(evidence: Evidence, dialect: Dialect) -> Outcome:
    """What became of the message. Total: what the table does not know is Ambiguous."""
    if isinstance(evidence, Broken):
        return broken_off(evidence.phase, evidence.how)
    status, code = evidence.status, _code(dialect.code_of(evidence))
    words = f"{status} {code}".rstrip()
    if status in dialect.yes:
        provider_id = _code(dialect.id_of(evidence))
        return Accepted(provider_id) if provider_id else Ambiguous(Phase.BODY, Doubt.UNREADABLE, str(status))
    if status in _NOT_NOW:
        return NotAccepted(_NOT_NOW[status], words, retry_after(evidence.headers))
    if status in REFUSALS:
        return Rejected(dialect.kinds.get(code, _kind(status)), words)
    return Ambiguous(Phase.BODY, Doubt.UNEXPECTED_REPLY, words)


def why_not(evidence: Evidence) -> str:
    """In a code: what stood in the way of what was asked."""
    return str(evidence.status) if isinstance(evidence, Answer) else evidence.how.value


def said(answer: Answer) -> Mapping[str, Any]:
    """The JSON object in the body; empty where there is none that can be read."""
    try:
        given = json.loads(answer.body or b"")
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def said_text(answer: Answer, name: str) -> str:
    """What the JSON object says under a name, as text; empty where that is neither a text nor a number."""
    given = said(answer).get(name)
    return str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the provider asks us to wait (RFC 9110, 10.2.3), else until its X-RateLimit-Reset; a day at most.

    Moments are measured against the reply's own Date, so that no clock of ours is in it.
    """
    asked, reset = headers.get("retry-after", "").strip(), headers.get("x-ratelimit-reset", "").strip()
    if asked.isdecimal():
        return _at_most(int(asked[:_DIGITS]))
    date, until = _moment(headers.get("date", "")), _moment(asked)
    if date is None:
        return None
    if until is not None:
        return _at_most((until - date).total_seconds())
    return _at_most(int(reset[:_DIGITS]) - date.timestamp()) if reset.isdecimal() else None


def _at_most(seconds: float) -> timedelta:
    return timedelta(seconds=min(max(seconds, 0), PATIENCE.total_seconds()))


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _code(words: str) -> str:
    """A code that may travel into tables and logs; anything else is left out."""
    return words if _CODE.fullmatch(words) else ""


def _kind(status: int) -> RejectedKind:
    return RejectedKind.CONTENT if status == 413 else RejectedKind.POLICY
