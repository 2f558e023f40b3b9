"""Quiet hours: which hours hold for a customer, and by which clocks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine import calendar
from engine.conditions import Value
from engine.moments import Window
from engine.release import Policy
from engine.timing.presets import COUNTRIES, Country, Hours
from engine.words import Channel

LONGEST_SEARCH = timedelta(days=15)
"""Hours repeat every week, but for a clock that is changed in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of where a customer is: her zone, her country's code, and the zones that her number may be in."""

    zone: Value
    country: Value
    number_zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Hours on one clock."""

    hours: Hours
    zone: ZoneInfo

    def is_open(self, at: datetime) -> bool:
        """May a message go at this instant?"""
        return any(calendar.is_open(window, at, self.zone, self.zone) for window in self.hours)

    def opens(self, at: datetime) -> datetime:
        """The first instant from `at` on at which it may."""
        return min(calendar.next_open(window, at, self.zone, self.zone) for window in self.hours)

    def shuts(self, at: datetime, last: datetime) -> datetime:
        """The first instant from `at` on at which no message may go; `last` where there is none before."""
        while at < last and self.is_open(at):
            at = min(calendar.next_end(window, at, self.zone, self.zone) for window in self.hours)
        return min(at, last)


def spans(policy: Policy, channel: Channel, place: Place) -> list[Span]:
    """The hours in which marketing may reach her on a channel; all of them hold at once."""
    hours = list(_hours(policy, channel, _country(place)))
    return [Span(one, zone) for zone in zones(policy, place) for one in hours] if hours else []


def zones(policy: Policy, place: Place) -> tuple[ZoneInfo, ...]:
    """The clocks that count, all at once: her own; else her country's; else those of her telephone number.

    Where nothing is known of her: the policy's, and those of every country that it names.
    """
    own = calendar.zone(place.zone)
    if own is not None:
        return (own,)
    country = _country(place)
    named = COUNTRIES[country].zones if country else place.number_zones
    found = tuple(filter(None, map(calendar.zone, named)))
    if found:
        return found
    everywhere = (zone for preset in _presets(policy) for zone in preset.zones)
    return tuple(filter(None, map(calendar.zone, dict.fromkeys((policy.zone, *everywhere)))))


def common_opening(asked: Sequence[Span], now: datetime) -> datetime | None:
    """The first instant at or after `now` at which all are open; None where there is none."""
    at, last = now, now + LONGEST_SEARCH
    while at <= last:
        opening = max((one.opens(at) for one in asked), default=at)
        if opening == at:
            return at
        at = opening
    return None


def _country(place: Place) -> str | None:
    """Her country's code, if it is one of ours."""
    code = place.country.strip().upper() if isinstance(place.country, str) else ""
    return code if code in COUNTRIES else None


def _hours(policy: Policy, channel: Channel, country: str | None) -> Iterator[Hours]:
    """What the policy says of the channel, and her country's hours; those of every preset where hers is none."""
    window: Window | None = policy.quiet_hours.open.get(channel)
    if window is not None:
        yield (window,)
    named = policy.quiet_hours.presets
    presets: Iterable[Country] = (COUNTRIES[country],) if country in named and country else _presets(policy)
    yield from (preset.open[channel] for preset in presets if channel in preset.open)


def _presets(policy: Policy) -> Iterator[Country]:
    return (COUNTRIES[name] for name in policy.quiet_hours.presets)
