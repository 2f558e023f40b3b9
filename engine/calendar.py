"""Local time made exact: lengths, moments and windows turned into instants, in UTC.

A local time that a clock skips is the first instant after the gap; one that comes twice is the first of the two. What
lies beyond the years 1 to 9999 in UTC is held at their edge.
"""

from bisect import bisect_left
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.conditions import Value
from engine.errors import WindowNeverOpens
from engine.moments import Length, Moment, Window
from engine.release import Policy

FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_TICK: Final = timedelta.resolution
_MIDNIGHT: Final = time()


def zone(name: Value) -> ZoneInfo | None:
    """The zone of an IANA name; None for anything else, so that a customer's unknown zone counts as none."""
    return _zone(name) if isinstance(name, str) else None


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such file; not a name; a directory
        return None


def zone_of(window: Window | None, customer_zone: Value, policy: Policy) -> ZoneInfo:
    """Whose clock counts: the first there is of the window's zone, the customer's, `otherwise` and the policy's."""
    policy_zone = zone(policy.zone)
    if policy_zone is None:
        raise ZoneInfoNotFoundError(policy.zone)
    own = zone(customer_zone)
    return own or policy_zone if window is None else _clock(window, own, policy_zone)


def _clock(window: Window, customer_zone: ZoneInfo | None, policy_zone: ZoneInfo) -> ZoneInfo:
    return zone(window.zone) or customer_zone or zone(window.otherwise) or policy_zone


def local_instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks in `zone` have reached that day and time."""
    wall = datetime.combine(day, clock.replace(fold=0) if clock.fold else clock, zone)
    instant = _utc(wall)
    if instant in (FIRST, LAST) or instant.astimezone(zone) == wall:
        return instant
    return _turn(_utc(wall.replace(fold=1)), instant, zone)


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return FIRST if at.year == 1 else LAST


def _turn(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """When the offset, which differs at the two instants, changes; zones change at whole seconds."""
    old = before.astimezone(zone).utcoffset()
    seconds = range(int(before.timestamp() // 1), int(after.timestamp() // 1))
    changed = bisect_left(seconds, True, key=lambda at: datetime.fromtimestamp(at, zone).utcoffset() != old)
    return datetime.fromtimestamp(seconds.start + changed, UTC)


def add(length: Length, start: datetime, zone: ZoneInfo) -> datetime:
    """The instant one wait after `start`: months and days keep the local time, then the exact part runs.

    31 January + 1 month is the last of February. A naive `start` is local time in `zone`.
    """
    try:
        if length.months or length.days:
            wall = _wall(start, zone)
            return local_instant(_moved(wall.date(), length), wall.time(), zone) + length.exact
        return _instant(start, zone) + length.exact
    except (OverflowError, ValueError):  # ValueError: a year that does not exist
        return LAST if (length.months, length.days, length.exact) > (0, 0, timedelta(0)) else FIRST


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    try:
        return at.astimezone(zone) if at.tzinfo else at
    except OverflowError:
        return at


def _instant(at: datetime, zone: ZoneInfo) -> datetime:
    return _utc(at) if at.tzinfo else local_instant(at.date(), at.time(), zone)


def _moved(day: date, length: Length) -> date:
    """A calendar day so many months and then days further."""
    if length.months:
        years, month = divmod(day.month - 1 + length.months, 12)
        year = day.year + years
        day = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return day + timedelta(days=length.days)


def fact_instant(value: Value, zone: ZoneInfo, at: time | None) -> datetime | None:
    """The instant a fact names; None when it is no date.

    It may be a datetime or ISO text; without an offset it is local time in `zone`, and a date alone is its midnight.
    `at` replaces the time of day, on the local calendar.
    """
    read = _read(value)
    return None if read is None else _placed(read, Length(), at, zone)


def _read(value: Value) -> datetime | None:
    """A datetime, naive where the value has no offset. Only the extended form is a date: `20261224` is a number."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or value[4:5] != "-" or value[7:8] != "-" or value[10:11] not in ("", "T", "t", " "):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _placed(read: datetime, length: Length, at: time | None, zone: ZoneInfo) -> datetime:
    """The instant `length` after a date that was read, at another time of day where `at` says so."""
    if at is None:
        return add(length, read, zone)
    start = add(length, read, zone) if length.exact else read
    day = _wall(start, zone).date()
    return local_instant(day if length.exact else _moved(day, length), at, zone)


def reach(moment: Moment, now: datetime, zone: ZoneInfo, fact: Value) -> datetime | None:
    """When a moment comes: for a clock time or a weekday the first such instant at or after `now`.

    A date or a fact gives its own instant, even a past one; `fact` is the value read, and None is given where it is
    missing or no date. A clock time that comes twice comes once, the first time.
    """
    if moment.fact is not None:
        read, offset = _read(fact), moment.offset
        length = offset if moment.sign > 0 else Length(-offset.months, -offset.days, -offset.exact)
        return None if read is None else _placed(read, length, moment.at, zone)
    if moment.on is not None:
        return local_instant(moment.on, moment.at or _MIDNIGHT, zone)
    return _next(moment.weekday, moment.at or _MIDNIGHT, now, zone)


def _next(weekday: int | None, clock: time, now: datetime, zone: ZoneInfo) -> datetime:
    """Searched from the day just before `now`: a skipped time is reached when the next day may already have begun."""
    day = (now.astimezone(UTC) - _TICK).astimezone(zone).date()
    if weekday is not None:
        day += timedelta(days=(weekday - day.weekday()) % 7)
    while (instant := local_instant(day, clock, zone)) < now:
        day += timedelta(days=1 if weekday is None else 7)
    return instant


def is_open(window: Window, now: datetime, customer_zone: ZoneInfo | None, policy_zone: ZoneInfo) -> bool:
    """May a message go now? The clock on the wall decides, also in an hour that comes twice."""
    return _shows_open(window, now.astimezone(_clock(window, customer_zone, policy_zone)))


def _shows_open(window: Window, wall: datetime) -> bool:
    clock, weekday = wall.time(), wall.weekday()
    if window.from_ < window.to:
        return window.from_ <= clock < window.to and weekday in window.days
    if clock >= window.from_:
        return weekday in window.days
    return clock < window.to and (weekday - 1) % 7 in window.days


def next_open(window: Window, now: datetime, customer_zone: ZoneInfo | None, policy_zone: ZoneInfo) -> datetime:
    """The first instant at or after `now` at which the window is open.

    Raises WindowNeverOpens when it has no days. Example: Friday 22:10 with 9:00-20:00 on weekdays gives Monday 9:00.
    """
    zone, now = _clock(window, customer_zone, policy_zone), now.astimezone(UTC)
    while True:
        wall = now.astimezone(zone)
        if _shows_open(window, wall):
            return now
        naive = wall.replace(tzinfo=None, fold=0)
        opening = now + (_opening(window, naive) - naive)
        if opening.astimezone(zone).utcoffset() == wall.utcoffset():
            return opening
        now = _turn(now, opening, zone)


def next_end(window: Window, now: datetime, customer_zone: ZoneInfo | None, policy_zone: ZoneInfo) -> datetime:
    """The first instant after `now` at which a window that is open may shut: its end, or a clock that is changed."""
    zone, now = _clock(window, customer_zone, policy_zone), now.astimezone(UTC)
    naive = now.astimezone(zone).replace(tzinfo=None, fold=0)
    ending = datetime.combine(naive.date(), window.to)
    ending += _DAY if ending <= naive else timedelta()
    end = now + (ending - naive)
    if end.astimezone(zone).utcoffset() == now.astimezone(zone).utcoffset():
        return end
    return _turn(now, end, zone)


def _opening(window: Window, wall: datetime) -> datetime:
    """The next opening on a clock that never jumps."""
    if not window.days:
        raise WindowNeverOpens
    opening = datetime.combine(wall.date(), window.from_)
    while opening < wall or opening.weekday() not in window.days:
        opening += _DAY
    return opening
