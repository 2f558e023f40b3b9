"""Reads the caps and the quiet hours of policy.yaml."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from types import MappingProxyType

from engine.language.faults import listed, nearest
from engine.language.lengths import read_duration
from engine.language.reading import Reading, shown
from engine.language.source import Node
from engine.language.times import read_clock
from engine.moments import Window
from engine.release import Cap, QuietHours
from engine.timing.presets import COUNTRIES
from engine.words import Channel

_CAP = re.compile(r"([0-9]{1,6}) per (.+)\Z")
_SCOPES: Mapping[str, Channel | None] = MappingProxyType({"all": None, **{one.value: one for one in Channel}})
_LENGTHS: Mapping[str, str] = MappingProxyType({"hour": "1 hour", "week": "7 days", "month": "30 days"})
_CAPS = "a cap is such as '3 per 7 days', or '1 per day' for a calendar day"


def read_caps(reading: Reading, node: Node) -> tuple[Cap, ...]:
    """`{all: 3 per 7 days, sms: 1 per day, topics: {offers: 1 per 7 days}}`; each may be several."""
    fields = reading.fields(node, "'caps'", (), ("all", *Channel, "topics"))
    topics = reading.entries(fields["topics"], "'topics'") if "topics" in fields else {}
    scopes = [(fields[key], Cap(0, channel=channel)) for key, channel in _SCOPES.items() if key in fields]
    scopes += [(said, Cap(0, topic=topic)) for topic, said in topics.items()]
    return tuple(_cap(reading, one, scope) for said, scope in scopes for one in reading.one_or_more(said, "a cap"))


def _cap(reading: Reading, node: Node, scope: Cap) -> Cap:
    """`3 per 7 days`; it lets one through a day where it cannot be read."""
    cap = replace(scope, most=1)
    match = _CAP.match(node.value) if isinstance(node.value, str) else None
    if match is None:
        reading.wrong(node, _CAPS, f"{node.value} per day" if isinstance(node.value, int) else "")
    elif int(match[1]) == 0:
        reading.fault(node, f"{shown(node)} lets nothing through", "a cap is at least 1")
    elif match[2] == "day":
        cap = replace(cap, most=int(match[1]))
    elif match[2] in _LENGTHS:
        reading.fault(node, f"found {shown(node)}", _CAPS, f"{match[1]} per {_LENGTHS[match[2]]}")
    else:
        length = Node(match[2], node.file, node.line, node.column, node.key)
        within = read_duration(reading, length, "what comes after 'per'")
        cap = replace(cap, most=int(match[1]), within=within)
    return reading.places.put(cap, node)


def read_quiet_hours(reading: Reading, node: Node) -> QuietHours:
    """`{sms: {from: 21:00, to: 08:00}, preset: DE}`; `preset` may be several countries."""
    fields = reading.fields(node, "'quiet_hours'", (), (*Channel, "preset"))
    open_ = {channel: _open(reading, fields[channel]) for channel in Channel if channel in fields}
    named = reading.one_or_more(fields["preset"], "'preset'") if "preset" in fields else []
    presets = (_preset(reading, one) for one in named)
    return reading.places.put(QuietHours(open_, tuple(filter(None, dict.fromkeys(presets)))), node)


def _open(reading: Reading, node: Node) -> Window:
    """The hours that quiet hours leave open."""
    fields = reading.fields(node, "quiet hours", ("from", "to"))
    if len(fields) < 2:
        return Window(time(0), time(0))
    from_, to = (read_clock(reading, fields[key], f"'{key}'") for key in ("from", "to"))
    if fields["from"].value == fields["to"].value:
        reading.fault(fields["to"], "'from' and 'to' are the same", "some hours are left open")
    return Window(from_=to, to=from_)


def _preset(reading: Reading, node: Node) -> str:
    text = str(node.value)
    if isinstance(node.value, str) and text in COUNTRIES:
        return text
    names = {country.name: code for code, country in COUNTRIES.items()}
    hint = nearest(text, COUNTRIES) or names.get(nearest(text, names), "")
    reading.fault(node, f"unknown preset {shown(node)}", f"there is {listed(list(COUNTRIES))}", hint)
    return ""
