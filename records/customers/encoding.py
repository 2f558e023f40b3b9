"""A customer and her enrollments as rows, and back: what is written is what is read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_type_hints

from sqlalchemy import RowMapping

from engine.customer import Customer, Enrollment, Held, Standing, Waiting
from engine.facts import Event
from engine.words import EventKind, Origin
from records.tables.columns import from_micros, to_micros

Columns = dict[str, Any]

_KINDS = get_type_hints(Standing)
_STANDING = tuple(name for name in _KINDS if name != "step")
_TIMES = frozenset(name for name in _STANDING if _KINDS[name] == datetime | None)


def customer_columns(customer: Customer) -> Columns:
    """The columns that settle changes."""
    consents: dict[str, dict[str, bool]] = {}
    for (channel, topic), state in customer.consents.items():
        consents.setdefault(channel, {})[topic] = state
    return {
        "known_since": customer.known_since,
        "identified": customer.identified,
        "attributes": dict(customer.attributes),
        "email": customer.email,
        "phone": customer.phone,
        "zone": customer.zone,
        "stage": customer.stage,
        "stage_since": customer.stage_since,
        "last_instant": customer.last_instant,
        "history_until": customer.history_until,
        "recheck_at": customer.recheck_at,
        "recheck_generation": customer.recheck_generation,
        "events_settled": customer.order,
        "decisions_made": customer.decided,
        "consents": consents,
        "suppressions": sorted(list(one) for one in customer.suppressions),
        "dealt": dict(customer.dealt),
        "held": [{"journey": one.journey, "event": _from_event(one.event), "until": to_micros(one.until)}
                 for one in customer.held],
    }  # fmt: skip


def customer_of(row: RowMapping) -> Customer:
    """The customer of a row, without what lies in other tables."""
    return Customer(
        row["external_id"],
        known_since=row["known_since"],
        attributes=row["attributes"],
        email=row["email"],
        phone=row["phone"],
        zone=row["zone"],
        identified=row["identified"],
        stage=row["stage"],
        stage_since=row["stage_since"],
        last_instant=row["last_instant"],
        history_until=row["history_until"],
        recheck_at=row["recheck_at"],
        recheck_generation=row["recheck_generation"],
        order=row["events_settled"],
        decided=row["decisions_made"],
        consents=consents_of(row["consents"]),
        suppressions=suppressions_of(row["suppressions"]),
        dealt=row["dealt"],
        held=[Held(one["journey"], _to_event(one["event"]), from_micros(one["until"])) for one in row["held"]],
    )


def consents_of(stored: Mapping[str, Mapping[str, bool]]) -> dict[tuple[str, str], bool]:
    """Consents by channel and topic."""
    return {(channel, topic): state for channel, topics in stored.items() for topic, state in topics.items()}


def suppressions_of(stored: list[tuple[str, str, bool]]) -> set[tuple[str, str, bool]]:
    """Suppressions as settle asks them."""
    return {(channel, topic, everything) for channel, topic, everything in stored}


def enrollment_columns(one: Enrollment) -> Columns:
    """The columns that change as an enrollment moves on."""
    return {
        "step": one.standing.step,
        "due_at": one.standing.due_at if one.lives else None,
        "standing": {
            **_from_standing(one.standing),
            "names": {name: dict(said) for name, said in one.names.items()},
            "own": one.own,
            "used": one.used,
            "parting": one.parting,
        },
        "goal_at": one.goal_at,
        "goal_value": one.goal_value,
        "goal_until": one.goal_until,
        "left_at": one.left_at,
        "reason": one.reason,
        "label": one.label,
    }


def enrollment_of(row: RowMapping) -> Enrollment:
    """The enrollment of a row that names its journey and the digest of its version."""
    kept = row["standing"]
    return Enrollment(
        row["public_id"],
        row["journey"],
        row["version"],
        row["key"],
        row["cause"],
        row["entered_at"],
        row["entered_order"],
        entry=row["entry"],
        held_out=row["held_out"],
        standing=_to_standing(row["step"], kept),
        names=kept["names"],
        own=kept["own"],
        used=kept["used"],
        parting=kept["parting"],
        goal_at=row["goal_at"],
        goal_value=row["goal_value"],
        goal_until=row["goal_until"],
        left_at=row["left_at"],
        reason=row["reason"],
        label=row["label"],
    )


def event_columns(event: Event) -> Columns:
    """An event's columns, but for whose it is."""
    return {
        "message_id": event.id,
        "kind": event.kind,
        "name": event.name,
        "occurred_at": event.occurred_at,
        "received_at": event.received_at,
        "properties": dict(event.properties),
        "origin": event.origin,
        "generation": event.generation,
        "emission": event.emission,
        "settled_order": event.order or None,
    }


def _from_standing(standing: Standing) -> Columns:
    said = {name: getattr(standing, name) for name in _STANDING}
    return {name: _micros(value) if name in _TIMES else value for name, value in said.items()}


def _to_standing(step: str, kept: Mapping[str, Any]) -> Standing:
    """What a row does not know yet stands at its default."""
    said = {name: kept[name] for name in _STANDING if name in kept}
    times = {name: _instant(said[name]) for name in _TIMES if name in said}
    return Standing(step, **{**said, **times, "waiting": Waiting(said["waiting"])})


def _from_event(event: Event) -> Columns:
    times = {"occurred_at": to_micros(event.occurred_at), "received_at": to_micros(event.received_at)}
    return {**event_columns(event), **times}


def _to_event(kept: Mapping[str, Any]) -> Event:
    return Event(
        kept["message_id"],
        EventKind(kept["kind"]),
        kept["name"],
        from_micros(kept["occurred_at"]),
        from_micros(kept["received_at"]),
        kept["properties"],
        Origin(kept["origin"]),
        kept["generation"],
        kept["emission"],
        kept["settled_order"] or 0,
    )


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
