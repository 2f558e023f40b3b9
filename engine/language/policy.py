"""Reads policy.yaml, segments.yaml and facts.yaml: what holds for the whole project."""

import re
from collections.abc import Mapping

from engine.conditions import Condition
from engine.language.conditions import Asked, read_condition
from engine.language.permission import read_caps, read_quiet_hours
from engine.language.reading import NAME, Reading
from engine.language.source import Node
from engine.language.times import read_zone
from engine.release import Declared, Policy, QuietHours, Sender, Topic
from engine.words import Channel, Purpose

TYPES = ("text", "number", "boolean", "date", "time", "list", "map")
_KNOWN = ("zone", "postal_address", "salt", "senders", "topics", "caps", "quiet_hours", "utm", "tracking", "channels")
_LATER = ("holdout", "currency")
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")


def read_policy(reading: Reading, node: Node) -> Policy:
    """Zone, postal address, salt, senders, topics, caps, quiet hours, what is tracked, and who carries what."""
    fields = reading.fields(node, "policy.yaml", (), _KNOWN, _LATER)
    default = Policy()
    senders = reading.entries(fields["senders"], "'senders'") if "senders" in fields else {}
    topics = reading.entries(fields["topics"], "'topics'") if "topics" in fields else {}
    policy = Policy(
        zone=read_zone(reading, fields["zone"]) if "zone" in fields else default.zone,
        postal_address=reading.text(fields["postal_address"], "a postal address") if "postal_address" in fields else "",
        salt=reading.text(fields["salt"], "a salt") if "salt" in fields else default.salt,
        senders={name: _sender(reading, sender) for name, sender in senders.items()},
        topics={name: _topic(reading, topic) for name, topic in topics.items()},
        caps=read_caps(reading, fields["caps"]) if "caps" in fields else (),
        quiet_hours=read_quiet_hours(reading, fields["quiet_hours"]) if "quiet_hours" in fields else QuietHours(),
        utm=_utm(reading, fields["utm"]) if "utm" in fields else {},
        opens=_opens(reading, fields["tracking"]) if "tracking" in fields else frozenset(),
        channels=_channels(reading, fields["channels"]) if "channels" in fields else {},
    )
    return reading.places.put(policy, node)


def _sender(reading: Reading, node: Node) -> Sender:
    fields = reading.fields(node, "a sender", (), ("name", "email", "number"))
    if "number" in fields and isinstance(fields["number"].value, int):
        reading.fault(
            fields["number"],
            f"found {fields['number'].value}",
            "a number begins with '+' and the country",
            f"+{fields['number'].value}",
        )
        return reading.places.put(Sender(), node)
    if "number" in fields and str(fields["number"].value).startswith("0"):
        reading.wrong(fields["number"], "a number begins with '+' and the country")
    if "email" in fields and "@" not in str(fields["email"].value):
        reading.wrong(fields["email"], "a sender's email is an address such as 'hello@acme.example'")
    sender = Sender(**{key: reading.text(value, f"a sender's {key}") for key, value in fields.items()})
    return reading.places.put(sender, node)


def _utm(reading: Reading, node: Node) -> Mapping[str, str]:
    fields = reading.fields(node, "'utm'", ("source",), ("medium", "campaign", "term", "content"))
    return {key: reading.text(value, f"'{key}'") for key, value in fields.items()}


def _opens(reading: Reading, node: Node) -> frozenset[Purpose]:
    """`{opens: marketing}`, or `{opens: [marketing, transactional]}`."""
    fields = reading.fields(node, "'tracking'", ("opens",))
    named = reading.one_or_more(fields["opens"], "'opens'") if "opens" in fields else []
    return frozenset(Purpose(reading.word(one, (*Purpose,), "purpose")) for one in named)


def _channels(reading: Reading, node: Node) -> Mapping[Channel, str]:
    """`{email: sendgrid, sms: twilio}`; whether there are such adapters is for the check to say."""
    fields = reading.fields(node, "'channels'", (), tuple(Channel))
    read = {channel: reading.text(fields[channel], "an adapter") for channel in Channel if channel in fields}
    return {channel: name for channel, name in read.items() if name}


def _topic(reading: Reading, node: Node) -> Topic:
    fields = reading.fields(node, "a topic", (), ("name", "about", "languages"))
    spoken = reading.entries(fields["languages"], "'languages'") if "languages" in fields else {}
    languages = {code: _in_language(reading, code, said) for code, said in spoken.items()}
    return Topic(*_words(reading, fields), languages)


def _in_language(reading: Reading, code: str, node: Node) -> Topic:
    if not _LANGUAGE.match(code):
        near = code.lower().replace("_", "-").partition("-")[0]
        hint = near if _LANGUAGE.match(near) else ""
        reading.fault(node.key or node, f"'{code}' is no language", "expected a code such as 'de'", hint)
    return Topic(*_words(reading, reading.fields(node, "a topic in a language", (), ("name", "about"))))


def _words(reading: Reading, fields: Mapping[str, Node]) -> tuple[str, str]:
    name, about = (reading.text(fields[key], f"'{key}'") if key in fields else "" for key in ("name", "about"))
    return name, about


def read_segments(reading: Reading, node: Node) -> dict[str, Condition]:
    """The named conditions."""
    segments = reading.entries(node, "segments.yaml")
    return {name: _segment(reading, name, segment) for name, segment in segments.items() if segment.value is not None}


def _segment(reading: Reading, name: str, node: Node) -> Condition:
    if not NAME.match(name):
        reading.fault(
            node.key or node,
            f"'{name}' is no name",
            "a segment's name is letters, digits, '_' and '-'",
        )
    if isinstance(node.value, dict) and {"enter", "leave"} & node.value.keys():
        reading.fault(node, "'enter' and 'leave' of a segment are not available yet", "write one condition")
        return read_condition(reading, Node(None, node.file, node.line, node.column), Asked.OF_CUSTOMER)
    return read_condition(reading, node, Asked.OF_CUSTOMER)


def read_declared(reading: Reading, node: Node) -> Declared:
    """The attributes and events there are, with their types."""
    fields = reading.fields(node, "facts.yaml", (), ("attributes", "events"))
    events = reading.entries(fields["events"], "'events'") if "events" in fields else {}
    return Declared(
        attributes=_types(reading, fields["attributes"], "'attributes'") if "attributes" in fields else None,
        events={name: _types(reading, event, "an event's properties") for name, event in events.items()}
        if "events" in fields
        else None,
    )


def _types(reading: Reading, node: Node, what: str) -> Mapping[str, str | tuple[str, ...]]:
    return {name: _type(reading, type_) for name, type_ in reading.entries(node, what).items()}


def _type(reading: Reading, node: Node) -> str | tuple[str, ...]:
    """A type; an empty one, which holds anything, where it cannot be read."""
    if not isinstance(node.value, dict):
        return reading.word(node, (*TYPES, ""), "type")
    fields = reading.fields(node, "a type", ("one_of",))
    return (
        tuple(reading.text(word, "each of 'one_of'") for word in reading.items(fields["one_of"], "'one_of'"))
        if fields
        else ""
    )
