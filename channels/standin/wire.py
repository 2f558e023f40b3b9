"""What goes over the wire: a call that came in, and what is answered to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl


class Provider(StrEnum):
    """Whom a call takes us for."""

    SENDGRID = "sendgrid"
    TWILIO = "twilio"


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request; the names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def media(self) -> str:
        """The body's media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response; seconds may pass before its head and before its body."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    before_head: float = 0
    before_body: float = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a request: where, in words, and as Twilio counts it where it has a number for it."""

    field: str
    words: str
    code: int = 0

    def __str__(self) -> str:
        return f"{self.field}: {self.words}"


def json_reply(status: int, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply that is JSON."""
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


def read_json(body: bytes) -> Any:
    """The JSON of a body; None where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def read_form(body: bytes) -> list[tuple[str, str]]:
    """A form's parameters in their order, empty ones too. What is no UTF-8 comes with replacement characters."""
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
