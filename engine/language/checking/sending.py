"""Checks that what a journey sends can be sent: template, sender and adapter, and what the law asks of marketing."""

from collections.abc import Collection
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.journey import Journey, Message
from engine.language.checking.walking import messages
from engine.language.draft import POLICY, Draft
from engine.language.faults import Fault, listed, nearest
from engine.language.source import Node
from engine.timing import quiet
from engine.timing.quiet import Place, Span
from engine.words import Channel, Purpose

_ANY_MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
_WORDS = (("body.txt",),)
_PARTS = {Channel.EMAIL: (("subject.txt",), ("body.html", "body.mjml", "body.txt"))}
"""The files that a template cannot do without, one of each group; where a channel is not named, its words alone."""


def check_sending(draft: Draft) -> None:
    """Report messages that could not go, and marketing that must not."""
    _adapters(draft)
    for journey in draft.release.journeys.values():
        _holdout(draft, journey)
        for message in messages(journey):
            _template(draft, message)
            _sender(draft, journey, message)
            if message.purpose is Purpose.MARKETING:
                _marketing(draft, message)
                _hours(draft, journey, message)


def _adapters(draft: Draft) -> None:
    """Who is to carry a channel is somebody who can."""
    policy = draft.release.policy
    for channel, name in policy.channels.items():
        known = sorted(draft.adapters[channel]) if draft.adapters is not None else [name]
        if name not in known:
            node, there = draft.reading.places.of(policy, "channels", channel), f"{channel} has {listed(known)}"
            draft.reading.fault(node, f"unknown adapter '{name}'", there, nearest(name, known))


def _holdout(draft: Draft, journey: Journey) -> None:
    if journey.holdout_percent and journey.purpose is Purpose.TRANSACTIONAL:
        found = "a holdout in a transactional journey"
        draft.reading.fault(draft.node(journey, "holdout"), found, "everybody gets what they are owed; remove it")


def _template(draft: Draft, message: Message) -> None:
    """A template has a folder with a subject and a body."""
    if not message.template:
        return
    node = draft.reading.places.of(message, message.channel)
    folder = f"templates/{message.channel}/{message.template}"
    for choice in _PARTS.get(message.channel, _WORDS):
        if not any(f"{folder}/{part}" in draft.release.texts for part in choice):
            known = _templates(draft, message.channel)
            if message.template in known:
                draft.reading.fault(node, f"{folder}/ has no {listed(choice)}", "add it")
            else:
                there = f"templates/{message.channel}/ has {listed(sorted(known)) or 'none'}"
                draft.reading.fault(
                    node, f"unknown template '{message.template}'", there, nearest(message.template, known)
                )
            return


def _templates(draft: Draft, channel: Channel) -> Collection[str]:
    files = (file.split("/") for file in draft.release.texts)
    return {parts[2] for parts in files if len(parts) == 4 and parts[:2] == ["templates", channel]}


def _sender(draft: Draft, journey: Journey, message: Message) -> None:
    senders = draft.release.policy.senders
    if POLICY not in draft.trees:
        return
    node = _said(draft, journey, message, "sender")
    sender = senders.get(message.sender)
    if sender is None and node is not None:
        there = f"{POLICY} has {listed(list(senders)) or 'none'}"
        draft.reading.fault(node, f"unknown sender '{message.sender}'", there, nearest(message.sender, senders))
    elif sender is None or not (sender.email if message.channel is Channel.EMAIL else sender.number):
        key = "email" if message.channel is Channel.EMAIL else "number"
        place = draft.reading.places.of(sender) if sender else draft.trees[POLICY]
        draft.reading.warn(place, f"the sender '{message.sender}' has no '{key}'", f"{message.channel} is sent from it")


def _hours(draft: Draft, journey: Journey, message: Message) -> None:
    """On one clock the window and the quiet hours should leave an hour for marketing."""
    window, policy = message.window, draft.release.policy
    node = _said(draft, journey, message, "window")
    if window is None or node is None or window.zone is not None:
        return
    one_clock = Place("UTC", None)
    spans = [Span((window,), ZoneInfo("UTC")), *quiet.spans(policy, message.channel, one_clock)]
    if len(spans) > 1 and quiet.common_opening(spans, _ANY_MONDAY) is None:
        found = f"the window lies within the quiet hours of {message.channel}"
        draft.reading.warn(node, found, f"'{message.id}' would never go; {POLICY} has other hours for marketing")


def _said(draft: Draft, journey: Journey, message: Message, key: str) -> Node | None:
    """Where a message's setting is said: by itself, else by its journey; None where it is said nowhere."""
    own, general = draft.reading.places.of(message), draft.node(journey)
    for node in (own, general):
        if isinstance(node.value, dict) and key in node.value:
            return node.value[key]
    return None


def _marketing(draft: Draft, message: Message) -> None:
    """Marketing has an address in the real world and a way out in every e-mail."""
    if not draft.is_read(POLICY):
        return
    if POLICY not in draft.trees:
        expected = "it says the postal address, the senders and the topics of marketing"
        draft.reading.faults.append(Fault(POLICY, 1, 1, "the file is missing", expected))
    elif not draft.release.policy.postal_address:
        draft.reading.fault(
            draft.trees[POLICY], "'postal_address' is missing", "marketing must say who sends it, and where from"
        )
    needed = (draft.template_names or {}).get(f"{message.channel}/{message.template}")
    if message.channel is Channel.EMAIL and needed is not None and "links.unsubscribe" not in needed:
        found = f"the template email/{message.template} is marketing and has no 'links.unsubscribe'"
        node = draft.reading.places.of(message, message.channel)
        draft.reading.fault(node, found, "add '{{ links.unsubscribe }}' to its body")
