"""The ground truth: what the stand-in took, what it was asked, and what it has told about it since."""

import re
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from channels.standin.wire import Provider

KEPT_CONTENTS: Final = 1_000
KEPT_REQUESTS: Final = 50_000
CORRELATION: Final = re.compile(r"[0-9A-Za-z_-]+\.[1-9][0-9]*")
"""`<message id>.<attempt>`; a message id is opaque."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a request asks to be carried. `content` is the request as it came; `callback` is where its fate is told."""

    correlation: str
    to: str
    sender: str
    subject: str
    content: Mapping[str, Any]
    callback: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One message that was taken: the truth. `at` is real time; `fault` is the one it was taken under, or empty."""

    number: int
    provider: Provider
    provider_id: str
    correlation: str
    to: str
    sender: str
    subject: str
    callback: str
    at: datetime
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Requested:
    """One request and its answer; `status` is None where the line was closed without one."""

    provider: Provider
    method: str
    path: str
    correlation: str
    status: int | None
    fault: str
    findings: tuple[str, ...]
    at: datetime


class Truth:
    """Everything that was taken since the start. Nothing is unique here: what came twice is here twice.

    Of what was taken only the last 1,000 contents are kept, and of requests the last 50,000.
    """

    def __init__(self) -> None:
        self._lag = timedelta(0)
        self.opted_out: set[str] = set()
        self.requests: deque[Requested] = deque(maxlen=KEPT_REQUESTS)
        self._accepted: list[Accepted] = []
        self._by_correlation: dict[str, list[Accepted]] = {}
        self._by_id: dict[str, Accepted] = {}
        self._told: dict[str, list[Mapping[str, Any]]] = {}
        self._contents: OrderedDict[int, Mapping[str, Any]] = OrderedDict()
        self._forgotten: set[int] = set()

    def accept(self, provider: Provider, provider_id: str, draft: Draft, fault: str = "") -> Accepted:
        """Takes a message, again and again if need be."""
        number, at = len(self._accepted) + 1, datetime.now(UTC)
        words = (draft.correlation, draft.to, draft.sender, draft.subject, draft.callback)
        accepted = Accepted(number, provider, provider_id, *words, at, fault)
        self._contents[number] = draft.content
        while len(self._contents) > KEPT_CONTENTS:
            self._contents.popitem(last=False)
        self._by_correlation.setdefault(draft.correlation, []).append(accepted)
        self._by_id[provider_id] = accepted
        self._accepted.append(accepted)
        return accepted

    def accepted(self, message: str = "") -> tuple[Accepted, ...]:
        """What was taken, in order; of one message, by its id or its correlation, where it is named."""
        everything = tuple(self._accepted)
        return tuple(one for one in everything if message in ("", one.correlation, one.correlation.rpartition(".")[0]))

    def of(self, correlation: str) -> tuple[Accepted, ...]:
        """What was taken under one correlation: more than one is a double."""
        return tuple(self._by_correlation.get(correlation, ()))

    def by_id(self, provider_id: str) -> Accepted | None:
        """What was taken under a provider's id."""
        return self._by_id.get(provider_id)

    def content(self, number: int) -> Mapping[str, Any] | None:
        """The request by which it came, while that is kept."""
        return self._contents.get(number)

    def forget(self, accepted: Accepted) -> None:
        """Forgets to whom it went and what it said; that it was taken stays true, and look-ups see it no more."""
        nameless = replace(accepted, to="", subject="")
        self._accepted[accepted.number - 1] = nameless
        same = self._by_correlation[accepted.correlation]
        same[same.index(accepted)] = nameless
        self._by_id.pop(accepted.provider_id, None)
        self._contents.pop(accepted.number, None)
        self._told.pop(accepted.provider_id, None)
        self._forgotten.add(accepted.number)

    def set_lag(self, seconds: float) -> None:
        """From now on look-ups are so far behind."""
        self._lag = timedelta(seconds=seconds)

    def shows(self, accepted: Accepted) -> bool:
        """Whether look-ups see it yet."""
        return accepted.number not in self._forgotten and datetime.now(UTC) >= accepted.at + self._lag

    def tell(self, provider_id: str, event: Mapping[str, Any]) -> None:
        """Keeps an event of a message, so that look-ups and webhooks agree."""
        self._told.setdefault(provider_id, []).append(event)

    def told(self, provider_id: str) -> tuple[Mapping[str, Any], ...]:
        """The events of a message so far."""
        return tuple(self._told.get(provider_id, ()))
