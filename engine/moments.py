"""Time as authors write it: lengths, moments and windows, before they meet a clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

DEFAULT_EXPIRY = timedelta(days=2)
"""How long a message is worth sending, where its author does not say."""


@dataclass(frozen=True, slots=True)
class Length:
    """A wait's length: calendar months and days, then exact time. `2 weeks` is 14 days."""

    months: int = 0
    days: int = 0
    exact: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Moment:
    """`09:00`, `tuesday 10:00`, `2026-12-24 09:00`, `3 days before customer.trial_ends`; one of the three first is set.

    `weekday`: 0 is Monday. `fact`: full path such as `customer.trial_ends`. `offset` is added when `sign` is 1 and
    taken away when it is -1. `at` replaces the time of day of a fact or a date.
    """

    weekday: int | None = None
    on: date | None = None
    fact: str | None = None
    offset: Length = Length()
    sign: int = 1
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Hours in which messages may go; `from_` is inside, `to` outside. Crossing midnight belongs to the day it began.

    `days`: 0 is Monday. `zone`: None means the customer's own, else an IANA name; `otherwise` stands in for a customer
    without one (None: the policy's).
    """

    from_: time
    to: time
    days: frozenset[int] = frozenset(range(7))
    zone: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long a message is worth sending: exact time from the first allowed moment, or until a moment."""

    after: timedelta | None = DEFAULT_EXPIRY
    at: Moment | None = None


@lru_cache(maxsize=4096)
def utc(at: datetime) -> str:
    """An instant as written outside the tables: `2026-03-03T08:00:00Z`, microseconds only where there are any."""
    text = at.isoformat(timespec="microseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")
