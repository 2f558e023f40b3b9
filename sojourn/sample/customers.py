"""Invented customers: who they are, what they allow, and how they are minded."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final, TypeAlias

from sojourn.sample.places import PLACES, Place, number_of

Consent: TypeAlias = dict[str, list[str]]

TOPICS: Final = {"newsletter": 0.6, "product_tips": 0.85, "offers": 0.75}
INTERESTS: Final = ("garden", "kitchen_garden", "houseplants")
DOMAINS: Final = ("example.com", "example.org", "example.net", "post.example")


class Character(StrEnum):
    """How a customer lives with the shop."""

    ONLOOKER = "onlooker"
    SHOPPER = "shopper"
    PLANNER = "planner"
    DEVOTED = "devoted"


SHARES: Final = {Character.ONLOOKER: 24, Character.SHOPPER: 32, Character.PLANNER: 34, Character.DEVOTED: 10}


@dataclass(frozen=True, slots=True)
class Customer:
    """One invented customer. Without `email`, `phone` or `zone` nobody ever learned it."""

    id: str
    character: Character
    first_name: str
    last_name: str
    country: str
    home: str
    zone: str | None
    email: str | None
    phone: str | None
    consent: Consent
    interest: str | None
    staff: bool

    def row(self) -> dict[str, object]:
        """The customer as one line of an import."""
        named = {"first_name": self.first_name, "last_name": self.last_name, "country": self.country, "plan": "free"}
        told = {"interest": self.interest, "staff": self.staff or None}
        reached = {"email": self.email, "phone": self.phone, "zone": self.zone}
        return {
            "id": self.id,
            **_known(reached),
            "stage": "awareness",
            "consent": self.consent,
            "attributes": {**named, **_known(told)},
        }


def draw_customer(number: int, rng: Random) -> Customer:
    """The customer with this number; ids and addresses are unique because numbers are."""
    place = rng.choices(PLACES, weights=[place.share for place in PLACES])[0]
    first, last, home = rng.choice(place.first_names), rng.choice(place.last_names), rng.choice(place.zones)
    email, phone = _email(first, last, number, rng), _phone(place, number, rng)
    return Customer(
        id=f"c-{number:04d}",
        character=rng.choices(list(SHARES), weights=list(SHARES.values()))[0],
        first_name=first,
        last_name=last,
        country=place.country,
        home=home,
        zone=home if rng.random() < 0.9 else None,
        email=email,
        phone=phone,
        consent=_consent(email, phone, rng),
        interest=rng.choice(INTERESTS) if rng.random() < 0.7 else None,
        staff=rng.random() < 0.01,
    )


def _email(first: str, last: str, number: int, rng: Random) -> str | None:
    if rng.random() < 0.03:
        return None
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower().replace("ß", "ss"))
    return f"{plain.encode('ascii', 'ignore').decode()}.{number}@{rng.choice(DOMAINS)}"


def _phone(place: Place, number: int, rng: Random) -> str | None:
    return number_of(place.country, number) if rng.random() < 0.7 else None


def _consent(email: str | None, phone: str | None, rng: Random) -> Consent:
    by_mail = [topic for topic, share in TOPICS.items() if rng.random() < share]
    by_text = [topic for topic in ("product_tips", "offers") if rng.random() < 0.5]
    stated = rng.random() < 0.92
    allowed = {"email": by_mail if email and stated else [], "sms": by_text if phone and stated else []}
    return {channel: topics for channel, topics in allowed.items() if topics}


def _known(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
