"""What is live: the stages, the segments, the policy and the journeys that newcomers enter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from engine.conditions import Condition
from engine.journey import Journey
from engine.moments import Window
from engine.words import Channel, Purpose


@dataclass(frozen=True, slots=True)
class Stage:
    """A phase of the customer's life and the rule that leads into it. `from_` None means from any stage."""

    name: str
    about: str = ""
    enter: Condition | None = None
    from_: frozenset[str] | None = frozenset()
    stay: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The stages in the order of the file, and the one where a customer begins."""

    start: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: name and address for e-mail, number for SMS."""

    name: str = ""
    email: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a customer can say yes or no to, as she reads it; `languages` by their codes, such as `de`."""

    name: str = ""
    about: str = ""
    languages: Mapping[str, "Topic"] = field(default_factory=dict)

    def said_in(self, language: str) -> "Topic":
        """As it reads in a language; what is not said in that is said as everywhere."""
        own = self.languages.get(language, Topic())
        return Topic(own.name or self.name, own.about or self.about)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` marketing messages to a customer in any `within`, or (None) on a calendar day of hers.

    `channel` or `topic` is what it counts; where both are None it counts all.
    """

    most: int
    within: timedelta | None = None
    channel: Channel | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When marketing rests: by channel the hours that stay open, and the countries whose own hours hold besides."""

    open: Mapping[Channel, Window] = field(default_factory=dict)
    presets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for the whole project. `zone` is an IANA name; `salt` deals holdouts and splits.

    `utm` is what links say of where they were clicked, by the words after `utm_`. `opens` are the purposes whose mail
    carries a picture that tells of its opening. `channels` names who carries each
    channel, in words that mean nothing here.
    """

    zone: str = "UTC"
    postal_address: str = ""
    salt: str = "sojourn"
    senders: Mapping[str, Sender] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    caps: tuple[Cap, ...] = ()
    quiet_hours: QuietHours = QuietHours()
    utm: Mapping[str, str] = field(default_factory=dict)
    opens: frozenset[Purpose] = frozenset()
    channels: Mapping[Channel, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declared:
    """facts.yaml: attribute types and events with their properties' types; None where the part is absent.

    A type is text, number, boolean, date, time, list, map, or a tuple of the words it may be.
    """

    attributes: Mapping[str, str | tuple[str, ...]] | None = None
    events: Mapping[str, Mapping[str, str | tuple[str, ...]]] | None = None


@dataclass(frozen=True)
class Release:
    """Everything that `publish` makes live at once; `journeys` by name in order of their files.

    `texts` are the files as published (path to text), from which the release can be loaded again; `digest` names it.
    """

    lifecycle: Lifecycle
    segments: Mapping[str, Condition] = field(default_factory=dict)
    policy: Policy = Policy()
    declared: Declared = Declared()
    journeys: Mapping[str, Journey] = field(default_factory=dict)
    digest: str = ""
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def stages(self) -> Mapping[str, Stage]:
        """The stages by name."""
        return {stage.name: stage for stage in self.lifecycle.stages}
