"""What a provider tells us, verified, and in our own words: one vocabulary for every provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from channels.protocol import DeliveryEvent


class Forged(Exception):
    """The signature is missing, malformed, wrong or too old: nothing of it is believed. It holds a code alone."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Wish(StrEnum):
    """What a customer's own text message asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    PERHAPS_STOP = "perhaps_stop"  # in free words: marketing stops, and somebody reads it
    TO_READ = "to_read"  # perhaps a stop, in another language than English: somebody reads it, and nothing is done
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a message that a provider took.

    `id` is unique with the provider, for ever. `correlation` is `<message id>.<attempt>`, and empty where the provider
    did not give it back. `is_dead`: the address does not exist and is suppressed. `by_machine`: a proxy or a scanner
    did it, not a person. `opted_out`: the provider keeps an opt-out for the address. `at` is real time. `detail` holds
    codes for the evidence, never an address.
    """

    provider: str
    id: str
    kind: DeliveryEvent
    correlation: str
    at: datetime
    is_dead: bool = False
    by_machine: bool = False
    opted_out: bool = False
    detail: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Said:
    """A text message that came from a number, and what it asks for. `from_number` and `body` are personal data."""

    provider: str
    id: str
    from_number: str
    to_number: str
    body: str
    wish: Wish
    at: datetime
