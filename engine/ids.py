"""Every public id, made from what it identifies, so that a repeat and a simulation make the same one."""

import json
from datetime import datetime
from hashlib import sha1, sha256
from json.encoder import encode_basestring as _quoted
from uuid import UUID

from engine.moments import utc

NAMESPACE = UUID("5f0c9f7e-6a0b-5f0e-9c0e-3b7f1f3a9d21")

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def named(kind: str, *parts: str | int | None) -> str:
    """The uuid5 of what is identified; parts as JSON, since any separator could stand in one of them."""
    name = ",".join([_quoted(kind), *("null" if part is None else _written(part) for part in parts)])
    return _uuid5(f"[{name}]")


def _written(part: str | int) -> str:
    return _quoted(part) if isinstance(part, str) else str(part)


def _uuid5(name: str) -> str:
    """What `str(uuid.uuid5(NAMESPACE, name))` is, without the object in between."""
    digest = bytearray(sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    written = digest.hex()
    return f"{written[:8]}-{written[8:12]}-{written[12:16]}-{written[16:20]}-{written[20:]}"


def customer_id(external: str) -> str:
    """The customer's public id; opaque, since an author's own id may be an address."""
    return named("customer", external)


def enrollment_id(customer: str, journey: str, key: str | None, cause: str) -> str:
    """One customer's passage through one journey, begun by one cause."""
    return named("enrollment", customer, journey, key, cause)


def message_id(enrollment: str, step: str, visit: int, channel: str) -> str:
    """What one step sends on one channel; survives resets, retries and continue-as-new."""
    return named("message", enrollment, step, visit, channel)


def emitted_id(enrollment: str, step: str, visit: int, kind: str) -> str:
    """An event that a step emits."""
    return named("emitted", enrollment, step, visit, kind)


def forced_exit_id(enrollment: str) -> str:
    """The event by which cancelling a run from outside ends its enrollment; the same however often it is recorded."""
    return named("exit", enrollment, "cancel")


def refused_id(message: str) -> str:
    """The event that a message did not go and its step has a fallback."""
    return named("refused", message)


def suppressed_id(message: str) -> str:
    """The event that a provider will not take anything for the address of a message."""
    return named("suppressed", message)


def told_id(message: str, what: str) -> str:
    """The event that something became of a message, the first time it is told."""
    return named("told", message, what)


def opted_out_id(message: str, what: str, at: datetime) -> str:
    """The event that what became of a message takes a permission away; once for each moment, since she may return."""
    return named("opted_out", message, what, utc(at))


def said_id(provider: str, message: str, customer: str) -> str:
    """The event that a customer's own text message asks for something."""
    return named("said", provider, message, customer)


def content_id(customer: str, name: str, occurred_at: datetime, properties: object, occurrence: int) -> str:
    """An imported event that has no id: its content, and which of several equal ones it is."""
    text = json.dumps(properties, sort_keys=True, ensure_ascii=False)
    return named("content", customer, name, utc(occurred_at), text, occurrence)


def share(salt: str, name: str, customer: str) -> float:
    """Where a customer falls in [0, 100): a salted sha256, the same every time it is asked."""
    digest = sha256(_encode([salt, name, customer]).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100
