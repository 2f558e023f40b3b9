"""What a customer may choose on the page of preferences: topics by channel, each as policy.yaml names it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from api.html.wording import Wording
from engine.customer import Customer
from engine.release import Policy
from engine.release import Topic as Named
from engine.settling.permission import allows
from engine.words import Channel
from workers.ledger.choices import is_dead

Topic: TypeAlias = tuple[Channel, str]


@dataclass(frozen=True, slots=True)
class Offered:
    """One topic on one channel, and whether it is chosen."""

    id: str
    value: str
    name: str
    about: str
    yes: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A channel that reaches a customer, and her choices on it."""

    title: str
    address: str
    dead: bool
    choices: list[Offered]


def groups_of(her: Customer, policy: Policy, words: Wording) -> Iterator[Group]:
    """The channels that reach her."""
    topics = topics_of(policy)
    for channel in Channel:
        if address := her.address(channel):
            choices = [
                Offered(f"{channel}-{place}", value, *_words(topic, policy, words), allows(her, channel, topic))
                for place, ((on, topic), value) in enumerate(topics.items())
                if on is channel
            ]
            yield Group(words.words["channels"][channel], masked(address), is_dead(her, channel), choices)


def topics_of(policy: Policy) -> dict[Topic, str]:
    """Every choice there is, and how the form spells it."""
    return {(channel, topic): f"{channel}/{topic}" for channel in Channel for topic in policy.topics}


def in_words(topic: str, policy: Policy, words: Wording) -> str:
    """A topic with what policy.yaml says that it is about, in the language of the page as far as it is said there."""
    return ": ".join(filter(None, _words(topic, policy, words)))


def _words(topic: str, policy: Policy, words: Wording) -> tuple[str, str]:
    """Heading and what it is about; without a name `product_tips` reads `Product tips`."""
    said = policy.topics.get(topic, Named()).said_in(words.language)
    return said.name or topic.replace("_", " ").capitalize(), said.about


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else learns: a message may have been forwarded."""
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}\u2026@{domain}"
    return f"\u2026{address[-3:]}"
