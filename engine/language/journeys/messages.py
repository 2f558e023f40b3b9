"""Reads messages, each with everything its journey says for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.conditions import Condition
from engine.journey import Add, FactRef, Given, Message, WhenCapped
from engine.language.conditions import Asked, read_condition
from engine.language.reading import Reading, plain
from engine.language.source import Node
from engine.language.times import read_expiry, read_window
from engine.moments import Expiry, Window
from engine.words import Channel, Purpose

SETTINGS = ("purpose", "topic", "sender", "window", "expires", "when_capped")
MESSAGE_KEYS = ("id", "if", "with", "fallback", *SETTINGS)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a message unless it says otherwise: its journey's word, or that of the step it stands in for."""

    journey: Node
    purpose: Purpose | None = None
    topic: str | None = None
    sender: str = "default"
    window: Window | None = None
    expires: Expiry = Expiry()
    when_capped: WhenCapped = WhenCapped.WAIT
    with_: Given | None = None
    if_: Condition | None = None


def read_settings(reading: Reading, fields: Mapping[str, Node], outer: Settings) -> Settings:
    """The settings that `fields` change."""
    inner = outer
    if "purpose" in fields:
        inner = replace(inner, purpose=Purpose(reading.word(fields["purpose"], tuple(Purpose), "purpose")))
    if "topic" in fields:
        inner = replace(inner, topic=reading.text(fields["topic"], "a topic's name"))
    if "sender" in fields:
        inner = replace(inner, sender=reading.text(fields["sender"], "a sender's name"))
    if "window" in fields:
        inner = replace(inner, window=read_window(reading, fields["window"]))
    if "expires" in fields:
        inner = replace(inner, expires=read_expiry(reading, fields["expires"]))
    if "when_capped" in fields:
        word = reading.word(fields["when_capped"], tuple(WhenCapped), "way with a full cap")
        inner = replace(inner, when_capped=WhenCapped(word))
    return inner


def read_message(
    reading: Reading, node: Node, fields: Mapping[str, Node], channel: Channel, id_: str, outer: Settings
) -> Message:
    """An `email` or `sms` step; its fallback shares its id, and all that it does not say itself."""
    settings = read_settings(reading, fields, outer)
    if "with" in fields:
        settings = replace(settings, with_=read_given(reading, fields["with"], "'with'"))
    if "if" in fields:
        settings = replace(settings, if_=read_condition(reading, fields["if"], Asked.OF_STATE))
    purpose, topic = _allowed(reading, node, settings)
    message = Message(
        id_,
        channel,
        reading.name(fields[channel], "a template's name"),
        purpose,
        topic,
        settings.sender,
        settings.window,
        settings.expires,
        settings.with_ or {},
        _fallback(reading, fields["fallback"], id_, settings, channel) if "fallback" in fields else None,
        settings.when_capped,
        line=node.line,
        if_=settings.if_,
    )
    return reading.places.put(message, node)


def _allowed(reading: Reading, node: Node, settings: Settings) -> tuple[Purpose, str]:
    """The purpose, and the topic that marketing needs; what is missing is said once for the journey."""
    if settings.purpose is None:
        reading.fault(
            settings.journey,
            "the journey sends messages and has no 'purpose'",
            "add 'purpose: marketing' or 'purpose: transactional'",
        )
    elif settings.purpose is Purpose.MARKETING and settings.topic is None:
        reading.fault(
            settings.journey,
            "the journey sends marketing and has no 'topic'",
            "add the topic of policy.yaml that customers consent to",
        )
    return settings.purpose or Purpose.TRANSACTIONAL, settings.topic or ""


def _fallback(reading: Reading, node: Node, id_: str, outer: Settings, instead_of: Channel) -> Message | None:
    if not isinstance(node.value, dict):
        reading.wrong(node, f"a fallback is a map such as {{{_other(instead_of)}: welcome}}")
        return None
    channels = [channel for channel in Channel if channel in node.value]
    fields = reading.fields(node, "a fallback", optional=(*Channel, "with", *SETTINGS))
    if len(channels) != 1 or channels[0] == instead_of:
        found = f"a fallback by {' and '.join(channels) or 'no channel'}"
        reading.fault(node, found, f"expected {_other(instead_of)}, which may reach her where {instead_of} cannot")
        return None
    return read_message(reading, node, fields, channels[0], id_, outer) if channels[0] in fields else None


def _other(channel: Channel) -> Channel:
    return next(other for other in Channel if other != channel)


def read_given(reading: Reading, node: Node, what: str, adds: bool = False) -> Given:
    """What `with`, `update` and `emit` give: plain values, `{fact: …}`, and where `adds` also `{add: …}`."""
    return {
        name: _given(reading, value, adds)
        for name, value in reading.entries(node, what).items()
        if value.value is not None
    }


def _given(reading: Reading, node: Node, adds: bool) -> object:
    match node.value:
        case {"fact": Node() as fact}:
            reading.fields(node, "a value from a fact", ("fact",))
            return reading.places.put(FactRef(reading.fact(fact)), fact)
        case {"add": Node() as amount} if adds:
            reading.fields(node, "an addition", ("add",))
            return reading.places.put(Add(reading.number(amount, "'add'")), amount)
        case dict():
            known = "a list, {fact: customer.plan} or {add: 1}" if adds else "a list or {fact: customer.plan}"
            reading.fault(node, "found a map", f"expected a value, {known}")
        case _:
            pass
    return plain(node)
