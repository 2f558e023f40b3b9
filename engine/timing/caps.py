"""How much marketing a customer gets: the caps of the policy, counted over what is planned and not given back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine import calendar
from engine.moments import Moment
from engine.release import Cap
from engine.timing.reservations import Reservation, Reserved
from engine.words import Channel

_MIDNIGHT = Moment(at=time(0))
_TWO_DAYS = timedelta(days=2)
"""Longer than any calendar day, also where a clock is set back."""


@dataclass(frozen=True, slots=True)
class Full:
    """A cap that lets nothing through before `until`."""

    cap: Cap
    until: datetime


def full(
    caps: Iterable[Cap], reserved: Reserved, channel: Channel, topic: str, now: datetime, zone: ZoneInfo
) -> Full | None:
    """The cap that keeps one more message back for longest; None when all have room. `zone` is whose days count.

    A rolling cap counts over (t - D, t]: what was planned exactly D ago counts no more.
    """
    found = (_full(cap, reserved, now, zone) for cap in caps if _covers(cap, channel, topic))
    return max((one for one in found if one is not None), key=lambda one: one.until, default=None)


def _covers(cap: Cap, channel: Channel, topic: str) -> bool:
    return cap.channel in (None, channel) and cap.topic in (None, topic)


def _full(cap: Cap, reserved: Reserved, now: datetime, zone: ZoneInfo) -> Full | None:
    counted = [one.at for one in _counted(cap, reserved, now, zone) if _covers(cap, one.channel, one.topic)]
    if len(counted) < cap.most:
        return None
    if cap.within is not None:
        return Full(cap, counted[-cap.most] + cap.within)
    midnight = calendar.reach(_MIDNIGHT, now + timedelta.resolution, zone, None)
    return None if midnight is None else Full(cap, midnight)


def _counted(cap: Cap, reserved: Reserved, now: datetime, zone: ZoneInfo) -> Iterator[Reservation]:
    if cap.within is not None:
        yield from reserved.since(now - cap.within)
        return
    today = now.astimezone(zone).date()
    yield from (one for one in reserved.since(now - _TWO_DAYS) if one.at.astimezone(zone).date() == today)


def spelled(cap: Cap) -> str:
    """A cap as its author wrote it: `offers: 1 per 7 days`."""
    return f"{cap.channel or cap.topic or 'all'}: {cap.most} per {'day' if cap.within is None else _length(cap.within)}"


def _length(within: timedelta) -> str:
    for unit, one in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if within % one == timedelta(0):
            number = within // one
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return str(within)
