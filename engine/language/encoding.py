"""A journey as JSON and back, so that a version can be stored under its digest and loaded without its project.

An array is a tuple. What JSON has no form for is an object that names its kind under "is" and, unless it is one of our
dataclasses, holds its content under "of". A field that is missing takes its default, so fields may be added.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from engine import conditions, journey, moments, words
from engine.conditions import Now
from engine.journey import Journey

Json: TypeAlias = Any

_OURS: Mapping[str, type] = MappingProxyType(
    {
        name: kind
        for module in (conditions, journey, moments, words)
        for name, kind in vars(module).items()
        if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, StrEnum))
    }
)

_OTHERS: Mapping[str, Callable[[Json], object]] = MappingProxyType(
    {
        "list": lambda items: [_decode(item) for item in items],
        "map": lambda entries: {key: _decode(value) for key, value in entries.items()},
        "set": lambda items: frozenset(_decode(item) for item in items),
        "length": lambda seconds: timedelta(seconds=seconds),
        "time": time.fromisoformat,
        "date": date.fromisoformat,
        "now": lambda _: Now(),
    }
)


def encode(journey: Journey) -> dict[str, Json]:
    """The journey as what JSON can hold."""
    return _fields(journey)


def decode(encoded: Mapping[str, Json]) -> Journey:
    """The journey that was encoded. Raises KeyError or TypeError where it was not one of ours."""
    decoded = _decode(encoded)
    if not isinstance(decoded, Journey):
        raise TypeError(f"{type(decoded).__name__} is no journey")
    return decoded


def _fields(part: Any) -> dict[str, Json]:
    return {"is": type(part).__name__} | {field.name: _encode(getattr(part, field.name)) for field in fields(part)}


def _encode(part: object) -> Json:
    match part:
        case StrEnum():
            return {"is": type(part).__name__, "of": part.value}
        case None | bool() | int() | float() | str():
            return part
        case tuple():
            return [_encode(item) for item in part]
        case list():
            return {"is": "list", "of": [_encode(item) for item in part]}
        case Mapping():
            return {"is": "map", "of": {key: _encode(value) for key, value in part.items()}}
        case frozenset():
            return {"is": "set", "of": [_encode(item) for item in sorted(part)]}
        case timedelta():
            return {"is": "length", "of": part.total_seconds()}
        case time() | date():
            return {"is": type(part).__name__, "of": part.isoformat()}
        case Now():
            return {"is": "now", "of": None}
        case _:
            return _fields(part)


def _decode(encoded: Json) -> object:
    if isinstance(encoded, list):
        return tuple(_decode(item) for item in encoded)
    if not isinstance(encoded, Mapping):
        return encoded
    if read := _OTHERS.get(encoded["is"]):
        return read(encoded["of"])
    kind = _OURS[encoded["is"]]
    if issubclass(kind, StrEnum):
        return kind(encoded["of"])
    return kind(**{name: _decode(value) for name, value in encoded.items() if name != "is"})
