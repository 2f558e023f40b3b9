"""What a site sends: Segment's track and identify, held to their form, or refused with each fault in its place.

What Segment's libraries send beside it (context, integrations, anonymousId) is passed over.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, WithJsonSchema

from api.answers import Fault, shown
from engine.facts import Event
from engine.language.faults import listed
from engine.rows import Email, Instant, Name, Phone, Values, Zone
from engine.words import Channel, EventKind
from records import events
from records.events import Arrival

SOURCE: Final = "api"
PRIVATE: Final = frozenset({"email", "phone"})
_EXPECTED: Final = {
    "missing": "a value",
    "string_type": "text",
    "string_too_short": "text",
    "string_too_long": "at most 200 characters",
    "dict_type": "a map",
    "list_type": "a list",
    "tuple_type": "a list",
    "enum": listed(list(Channel)),
    "model_type": "a map",
    "json_invalid": "JSON",
}
_TOPICS: Final = {"type": "array", "items": {"type": "string"}}
Consent = Annotated[
    dict[Channel, tuple[str, ...]],
    WithJsonSchema({"type": "object", "properties": dict.fromkeys(Channel, _TOPICS), "additionalProperties": False}),
]
T = TypeVar("T", bound=BaseModel)


class Call(BaseModel):
    """What both have. A call without a messageId gets one, and counts again when it is sent again."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    customer: Name = Field(alias="userId")
    id: Name | None = Field(None, alias="messageId")
    occurred_at: Instant | None = Field(None, alias="timestamp")


class Track(Call):
    """A customer did something."""

    event: Name
    properties: Values = {}


class Known(BaseModel):
    """What is known of a customer: how to reach her, where she lives, what she allows; the rest are attributes."""

    model_config = ConfigDict(frozen=True, extra="allow", str_strip_whitespace=True)

    email: Email | None = None
    phone: Phone | None = None
    zone: Zone | None = Field(None, alias="timezone")
    consent: Consent = {}


class Identify(Call):
    """Who a customer is."""

    known: Known = Field(Known(), alias="traits")


TRACK: Final = Track.model_json_schema()
IDENTIFY: Final = {
    key: {**value, "traits": Known.model_json_schema()} if key == "properties" else value
    for key, value in Identify.model_json_schema().items()
    if key != "$defs"
}
BATCH: Final = {
    "type": "object",
    "required": ["batch"],
    "properties": {"batch": {"type": "array", "items": {"anyOf": [TRACK, IDENTIFY]}}},
}
"""How the documentation shows them; a call in a batch has its `type` besides."""

_ATTRIBUTES: Final = TypeAdapter(Values)


class Misread(Exception):
    """A call that is not taken, with its faults."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(len(faults))


def read_track(raw: bytes, place: str, now: datetime) -> Arrival:
    """An event that a customer's own deed is. `now` is the business instant; nothing is dated later. Raises Misread."""
    call = _read(Track, raw, place)
    return call.customer, _event(call, EventKind.TRACK, call.event, dict(call.properties), now)


def read_identify(raw: bytes, place: str, now: datetime, topics: Collection[str]) -> Arrival:
    """An event by which a customer is known. Raises Misread, for a topic that nobody knows too."""
    call = _read(Identify, raw, place)
    known = call.known
    try:
        attributes = _ATTRIBUTES.validate_python(known.model_extra or {})
    except ValidationError as error:
        raise Misread([_fault(one, f"{place}traits.") for one in error.errors(include_url=False)]) from None
    if strange := list(_strange(known, place, topics)):
        raise Misread(strange)
    consent = {channel: list(about) for channel, about in known.consent.items()}
    given = {"email": known.email, "phone": known.phone, "zone": known.zone}
    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    said |= {"attributes": attributes} if attributes else {}
    said |= {"consent": consent, "source": SOURCE} if consent else {}
    return call.customer, _event(call, EventKind.IDENTIFY, "", said, now)


def _read(model: type[T], raw: bytes, place: str) -> T:
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise Misread([_fault(one, place) for one in error.errors(include_url=False)]) from None


def _event(call: Call, kind: EventKind, name: str, said: dict[str, Any], now: datetime) -> Event:
    occurred_at = min(call.occurred_at or now, now)
    return Event(call.id or events.fresh_id(), kind, name, occurred_at, now, said)


def _strange(known: Known, place: str, topics: Collection[str]) -> Iterator[Fault]:
    for channel, about in known.consent.items():
        for topic in about:
            if topic not in topics:
                yield Fault(f"{place}traits.consent.{channel}", shown(topic), f"one of {listed(list(topics))}")


def _fault(one: Any, place: str) -> Fault:
    path = [str(part) for part in one["loc"] if part != "[key]"]
    where = f"{place}{'.'.join(path)}" or "body"
    match one["type"]:
        case "missing":
            return Fault(where, "nothing", "a value")
        case "value_error":
            expected = str(one["ctx"]["error"]).removeprefix("expected ")
            return Fault(where, "another" if path[-1:] and path[-1] in PRIVATE else shown(one["input"]), expected)
        case "json_invalid":
            return Fault(where.rstrip("."), "what cannot be read", "JSON")
        case kind:
            return Fault(where.rstrip("."), shown(one["input"]), _EXPECTED.get(kind, one["msg"]))
