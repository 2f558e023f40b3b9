"""Customers and events as they come from outside, row by row: held to their form, or refused with the reason."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from engine.customer import Customer
from engine.declared import strange_attributes
from engine.facts import Event
from engine.ids import content_id
from engine.language.faults import listed, nearest
from engine.moments import utc
from engine.release import Release
from engine.words import Channel, EventKind, Origin

_EMAIL = re.compile(r"[^@\s\x00-\x1f<>,;]+@[^@\s\x00-\x1f<>,;]+\.[^@\s\x00-\x1f<>,;.]+")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN_DIGITS = re.compile(r"\(0\)|[ ()./-]")
_AHEAD = timedelta(days=1)
"""How far clocks may differ: an event that claims to be later than that is mistaken."""

_EXPECTED = {
    "string_type": "expected text",
    "string_too_short": "expected text",
    "string_too_long": "expected at most 200 characters",
    "dict_type": "expected a map",
    "tuple_type": "expected a list",
    "enum": f"expected {listed(list(Channel))}",
}
_YEARS = range(1900, 2200)
"""What may be dated: beyond, days and time zones cannot be reckoned with."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BadRow(ValueError):
    """A row that cannot be taken; the text says which field, what was found and what was expected."""


def _instant(value: object) -> datetime:
    """An ISO 8601 time; without a zone it is UTC, a date alone is its midnight."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        instant = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("expected a time such as 2026-03-03T08:00:00Z") from None
    if instant.year not in _YEARS:
        raise ValueError(f"expected a time from {_YEARS[0]} to {_YEARS[-1]}")
    return instant


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected an IANA time zone such as Europe/Berlin") from None
    return name


def _email(address: str) -> str:
    if not _EMAIL.fullmatch(address):
        raise ValueError("expected an e-mail address")
    return address


def _phone(number: str) -> str:
    digits = _BETWEEN_DIGITS.sub("", number)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    if not _PHONE.fullmatch(digits):
        raise ValueError("expected a phone number with its country code, such as +447700900123")
    return digits


def _text(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise ValueError("expected text without NUL and without half characters")
    return text


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Only what has a value: null says nothing."""
    _hold(given)
    return {name: value for name, value in given.items() if value is not None}


def _hold(value: object) -> None:
    """Raises ValueError where a value, however deep, is one that no database can hold."""
    match value:
        case str():
            _text(value)
        case float() if not isfinite(value):
            raise ValueError("expected a number that is one")
        case Mapping():
            for name, inner in value.items():
                _text(name)
                _hold(inner)
        case list():
            for inner in value:
                _hold(inner)


Name = Annotated[str, Field(coerce_numbers_to_str=True, min_length=1, max_length=200), AfterValidator(_text)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Values = Annotated[dict[str, Any], AfterValidator(_values)]
Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, Field(coerce_numbers_to_str=True), AfterValidator(_phone)]
Zone = Annotated[str, AfterValidator(_zone)]


ALL = "all"
"""Consent to every topic that the policy knows."""


class CustomerRow(BaseModel):
    """A customer as she comes; consent is by channel a list of topics."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    id: Name
    email: Email | None = None
    phone: Phone | None = None
    zone: Zone | None = None
    stage: str | None = None
    consent: dict[Channel, tuple[str, ...]] = {}
    attributes: Values = {}
    created_at: Instant | None = None


class EventRow(BaseModel):
    """An event as it comes; `received_at` is when it arrived, where that was not at once."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    id: Name | None = None
    customer: Name
    name: Name
    occurred_at: Instant
    received_at: Instant | None = None
    properties: Values = {}


def read_customer(row: Mapping[str, Any], release: Release) -> tuple[Customer, tuple[str, ...]]:
    """The customer of a row, and remarks: consent to topics that nobody knows, which is none, and strange attributes.

    Raises BadRow.
    """
    try:
        read = CustomerRow.model_validate(row)
    except ValidationError as error:
        raise BadRow(_reason(error, CustomerRow)) from None
    if read.stage and read.stage not in release.stages:
        raise BadRow(f"stage: found '{read.stage}'; expected {_one_of(read.stage, list(release.stages))}")
    topics = release.policy.topics
    stated = [
        (channel, topic)
        for channel, about in read.consent.items()
        for topic in (release.policy.topics if about == (ALL,) else about)
    ]
    unknown = tuple(
        f"consent.{channel}: found '{topic}'; expected {_one_of(topic, list(topics))}"
        for channel, topic in stated
        if topic not in topics
    )
    customer = Customer(
        read.id,
        known_since=read.created_at,
        recheck_at=read.created_at,
        attributes=dict(read.attributes),
        email=read.email or None,
        phone=read.phone or None,
        zone=read.zone or None,
        identified=True,
        stage=read.stage or "",
        consents={(channel.value, topic): True for channel, topic in stated if topic in topics},
    )
    return customer, (*unknown, *strange_attributes(release.declared, read.attributes))


@dataclass
class EventReader:
    """Reads events one after the other; an equal one without an id is another occurrence of the same."""

    origin: Origin
    received_at: datetime | None = None
    _seen: Counter[str] = field(default_factory=Counter)

    def read(self, row: Mapping[str, Any]) -> tuple[str, Event]:
        """The id of the customer and the event. `received_at` is the row's, else the reader's, else occurred_at.

        An event that claims to be later than it arrived occurred when it arrived, except in a replay.
        Raises BadRow, also for one that does not say when it arrived and lies more than a day ahead.
        """
        try:
            read = EventRow.model_validate(row)
        except ValidationError as error:
            raise BadRow(_reason(error, EventRow)) from None
        received_at = read.received_at or self.received_at or read.occurred_at
        early = self.origin is not Origin.REPLAY and received_at < read.occurred_at
        if early and read.received_at is None and read.occurred_at > received_at + _AHEAD:
            raise BadRow(f"occurred_at: found {utc(read.occurred_at)}; expected a time that has come")
        occurred_at = received_at if early else read.occurred_at
        event = Event(
            read.id or self._made_id(read),
            EventKind.TRACK,
            read.name,
            occurred_at,
            received_at,
            read.properties,
            self.origin,
        )
        return read.customer, event

    def _made_id(self, read: EventRow) -> str:
        first = content_id(read.customer, read.name, read.occurred_at, read.properties, 1)
        self._seen[first] += 1
        if self._seen[first] == 1:
            return first
        return content_id(read.customer, read.name, read.occurred_at, read.properties, self._seen[first])


def _one_of(word: str, known: list[str]) -> str:
    near = nearest(word, known)
    return f"one of {listed(known)}" + (f"; did you mean '{near}'?" if near else "")


def _reason(error: ValidationError, model: type[BaseModel]) -> str:
    return "; ".join(_sentence(one, model) for one in error.errors(include_url=False))


def _sentence(one: Any, model: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in one["loc"] if part != "[key]")
    match one["type"]:
        case "missing":
            return f"{where}: is missing"
        case "extra_forbidden":
            return f"{where}: is no field; expected {_one_of(where, list(model.model_fields))}"
        case "value_error" if where in ("email", "phone"):
            return f"{where}: {one['ctx']['error']}"
        case "value_error":
            return f"{where}: found {one['input']!r}; {one['ctx']['error']}"
        case _:
            return f"{where}: found {one['input']!r}; {_EXPECTED.get(one['type'], one['msg'])}"
