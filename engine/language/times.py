"""Reads lengths, moments, windows and expiries."""

import re
from collections.abc import Sequence
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.language.faults import nearest
from engine.language.lengths import read_duration, read_length
from engine.language.reading import FACT, Reading, shown
from engine.language.source import Node
from engine.moments import Expiry, Moment, Window

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOMENTS = "expected such as '09:00', 'tuesday 10:00', '2026-12-24 09:00' or '3 days before customer.trial_ends'"

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_AROUND = re.compile(r"(.+?) (before|after) (.+)\Z")


def read_clock(reading: Reading, node: Node, what: str) -> time:
    """A time of day, `09:00` to `23:59`."""
    text = str(node.value)
    if isinstance(node.value, str) and (match := _CLOCK.match(text)):
        return time(int(match[1]), int(match[2]))
    hint = f"0{text}" if _CLOCK.match(f"0{text}") else "00:00" if text == "24:00" else ""
    reading.wrong(node, f"{what} is a time of day such as '09:00'", hint)
    return time(0)


def read_moment(reading: Reading, node: Node, at: Node | None = None) -> Moment:
    """`09:00`, `tuesday 10:00`, `2026-12-24 09:00`, `customer.trial_ends`, `3 days before customer.trial_ends`."""
    text = reading.text(node, "a moment")
    clock = read_clock(reading, at, "'at'") if at else None
    moment = (_around(reading, node, text, clock) or _dated(reading, node, text, clock)) if text else Moment()
    if moment is None:
        reading.fault(node, f"{shown(node)} is no moment", MOMENTS, _meant(text))
    elif at and moment.at != clock:
        reading.fault(at, "the time of day is there twice", "say it in 'until' or in 'at'")
    return reading.places.put(moment or Moment(at=time(0)), node)


def _around(reading: Reading, node: Node, text: str, clock: time | None) -> Moment | None:
    """A fact, or a length before or after one."""
    if FACT.match(text):
        return Moment(fact=text, at=clock)
    match = _AROUND.match(text)
    if not match or not FACT.match(match[3]):
        return None
    length = Node(match[1], node.file, node.line, node.column, node.key)
    offset = read_length(reading, length, "what comes before 'before' and 'after'")
    return Moment(fact=match[3], offset=offset, sign=-1 if match[2] == "before" else 1, at=clock)


def _dated(reading: Reading, node: Node, text: str, clock: time | None) -> Moment | None:
    """A time of day, by itself or on a weekday or a date."""
    day, _, rest = text.rpartition(" ")
    if match := _CLOCK.match(rest):
        clock = time(int(match[1]), int(match[2]))
    else:
        day = text
    if not day:
        return Moment(at=clock)
    if day in WEEKDAYS:
        if clock is None:
            reading.fault(node, f"{shown(node)} has no time of day", hint=f"{day} 09:00")
        return Moment(weekday=WEEKDAYS.index(day), at=clock)
    if not _DATE.match(day):
        return None
    try:
        on = date.fromisoformat(day)
    except ValueError:
        reading.fault(node, f"there is no day {day}")
        return Moment(at=time(0))
    if clock is None:
        reading.warn(node, f"{day} has no time of day", f"it means midnight on the customer's clock; say '{day} 09:00'")
    return Moment(on=on, at=clock)


def _meant(text: str) -> str:
    """The moment that `Tue 9:00` was probably meant to be, or ""."""
    words = [next((day for day in WEEKDAYS if word in (day, day[:3])), word) for word in text.lower().split()]
    *days, clock = words or [""]
    clock = clock if _CLOCK.match(clock) else f"0{clock}"
    known = not days or (len(days) == 1 and (days[0] in WEEKDAYS or _DATE.match(days[0])))
    return " ".join((*days, clock)) if known and _CLOCK.match(clock) else ""


def read_window(reading: Reading, node: Node) -> Window:
    """The hours in which messages may go."""
    fields = reading.fields(node, "a window", ("from", "to"), ("days", "zone", "otherwise"))
    from_ = read_clock(reading, fields["from"], "'from'") if "from" in fields else time(0)
    to = read_clock(reading, fields["to"], "'to'") if "to" in fields else time(0)
    if {"from", "to"} <= fields.keys() and fields["from"].value == fields["to"].value:
        reading.fault(fields["to"], "'from' and 'to' are the same", "a window is open for some time")
    zone = fields.get("zone")
    return Window(
        from_,
        to,
        days=_days(reading, fields["days"]) if "days" in fields else frozenset(range(7)),
        zone=None if zone is None or zone.value == "customer" else read_zone(reading, zone, ("customer",)),
        otherwise=read_zone(reading, fields["otherwise"]) if "otherwise" in fields else None,
    )


def _days(reading: Reading, node: Node) -> frozenset[int]:
    short = [day[:3] for day in WEEKDAYS]
    return frozenset(short.index(reading.word(day, short, "day")) for day in reading.one_or_more(node, "'days'"))


def read_zone(reading: Reading, node: Node, others: Sequence[str] = ()) -> str:
    """An IANA zone's name."""
    name = reading.text(node, "a time zone")
    try:
        return name and ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        expected = "expected a name such as 'Europe/Berlin'"
        zones = (*others, *sorted(available_timezones()))
        hint = next((zone for zone in zones if zone.endswith(f"/{name}")), "") or nearest(name, zones)
        reading.fault(node, f"unknown time zone {shown(node)}", expected, hint)
        return ""


def read_expiry(reading: Reading, node: Node) -> Expiry:
    """`2 days` from the first moment a message may go, or `{at: entry.starts_at}`."""
    if not isinstance(node.value, dict):
        return Expiry(after=read_duration(reading, node, "'expires'"))
    fields = reading.fields(node, "expires", ("at",))
    return Expiry(after=None, at=read_moment(reading, fields["at"]) if "at" in fields else None)
