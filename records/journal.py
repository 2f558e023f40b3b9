"""What is read about customers and journeys: the decision log, a customer's timeline, and counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from engine.decisions import Decision, line
from engine.words import EventKind, ExitReason, MessageState
from records.tables import (
    customer,
    decision,
    enrollment,
    event,
    journey,
    journey_version,
    message,
    release,
    stage_move,
)

_LOG = (
    select(customer.c.external_id, decision, release.c.digest)
    .join(customer, customer.c.id == decision.c.customer_id)
    .outerjoin(release, release.c.id == decision.c.release_id)
    .order_by(customer.c.external_id, decision.c.sequence)
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a customer's timeline; `kind` is event, stage, message or decision.

    The detail of what belongs to an enrollment names that as `passage`: its journey, with its key where it has one.
    """

    at: datetime
    kind: str
    what: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoalCount:
    """How many entered a journey and reached its goal, those held out apart."""

    journey: str
    held_out: bool
    entered: int
    reached: int
    value: float


@dataclass(frozen=True, slots=True)
class JourneyCount:
    """How many are inside of a version of a journey at a step, or have left it and why."""

    journey: str
    version: str
    step: str
    reason: ExitReason | None
    enrollments: int


def export_log(connection: Connection, name: str | None = None) -> Iterator[str]:
    """The decision log by customer and her own sequence, a line of JSON each; of one customer where one is named."""
    asked = _LOG if name is None else _LOG.where(customer.c.external_id == name)
    for row in connection.execution_options(yield_per=1000).execute(asked).mappings():
        yield line(row["external_id"], _decision(row))


def timeline(connection: Connection, name: str) -> list[Entry]:
    """Everything that happened to a customer and was decided about her, in order of time."""
    hers = select(customer.c.id).where(customer.c.external_id == name).scalar_subquery()
    passages = _passages(connection, hers)
    entries = [
        *_events(connection, hers, passages),
        *_stages(connection, hers),
        *_decisions(connection, hers, passages),
        *_messages(connection, hers, passages),
    ]
    return sorted(entries, key=_place)


def _place(entry: Entry) -> datetime:
    """What a provider dates by the second has happened within it, and not before what brought it about."""
    told = entry.kind == "event" and entry.detail["kind"] == EventKind.DELIVERY
    return entry.at + timedelta(seconds=1) if told and not entry.at.microsecond else entry.at


def customers_by_stage(connection: Connection) -> dict[str, int]:
    """How many customers are in each stage."""
    rows = connection.execute(select(customer.c.stage, func.count()).group_by(customer.c.stage))
    return {row[0]: row[1] for row in rows}


def messages_by_template(connection: Connection) -> dict[tuple[str, str, MessageState], int]:
    """How many messages there are by channel, template and state."""
    keys = (message.c.channel, message.c.template, message.c.state)
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(select(*keys, func.count()).group_by(*keys))}


def most_written_to(connection: Connection) -> str | None:
    """The customer who was sent most messages; None where nobody was sent one."""
    sent = select(customer.c.external_id).join(message, message.c.customer_id == customer.c.id)
    sent = sent.where(message.c.state == MessageState.ACCEPTED).group_by(customer.c.id, customer.c.external_id)
    found: str | None = connection.execute(sent.order_by(func.count().desc(), customer.c.id).limit(1)).scalar()
    return found


def withheld_by_reason(connection: Connection) -> dict[str, int]:
    """How often a message was withheld, by the reason: when it would have been planned, and after."""
    found: dict[str, int] = {}
    for said in connection.execute(select(decision.c.detail).where(decision.c.decided == "withheld")).scalars():
        found[str(said.get("why"))] = found.get(str(said.get("why")), 0) + 1
    late = select(message.c.reason, func.count()).where(message.c.state == MessageState.WITHHELD)
    for reason, times in connection.execute(late.group_by(message.c.reason)):
        code = reason.partition(" ")[0]
        found[code] = found.get(code, 0) + times
    return found


def goals(connection: Connection) -> list[GoalCount]:
    """Goals against holdout, by journey."""
    keys = (journey.c.name, enrollment.c.held_out)
    counted = (func.count(), func.count(enrollment.c.goal_at), func.coalesce(func.sum(enrollment.c.goal_value), 0.0))
    rows = connection.execute(
        select(*keys, *counted).join(journey, journey.c.id == enrollment.c.journey_id).group_by(*keys).order_by(*keys)
    )
    return [GoalCount(*columns) for (*columns,) in rows]


def enrollments_by_step(connection: Connection, name: str | None = None) -> list[JourneyCount]:
    """Who is where, by journey, version and step; of one journey where one is named."""
    keys = (journey.c.name, journey_version.c.digest, enrollment.c.step, enrollment.c.reason)
    asked = (
        select(*keys, func.count())
        .join(journey, journey.c.id == enrollment.c.journey_id)
        .join(journey_version, journey_version.c.id == enrollment.c.version_id)
        .group_by(*keys)
        .order_by(*keys)
    )
    rows = connection.execute(asked if name is None else asked.where(journey.c.name == name))
    return [JourneyCount(*columns) for (*columns,) in rows]


def troubles(connection: Connection) -> list[tuple[str, str, int]]:
    """Customers who cannot be settled: who, the code of why, and how often it was tried."""
    asked = select(customer.c.external_id, customer.c.trouble, customer.c.attempts).where(
        customer.c.trouble.is_not(None)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(asked.order_by(customer.c.external_id))]


def _decision(row: Mapping[Any, Any]) -> Decision:
    return Decision(
        row["sequence"],
        row["at"],
        row["cause"],
        row["decided"],
        row["digest"] or "",
        row["journey"],
        row["enrollment"] or "",
        row["step"],
        row["detail"],
    )


def _passages(connection: Connection, hers: Any) -> dict[int | str, str]:
    """What her enrollments are called, each by its row and by its id."""
    asked = select(enrollment.c.id, enrollment.c.public_id, journey.c.name, enrollment.c.key).join(
        journey, journey.c.id == enrollment.c.journey_id
    )
    found: dict[int | str, str] = {}
    for row, public, name, key in connection.execute(asked.where(enrollment.c.customer_id == hers)):
        found[row] = found[public] = name if key is None else f"{name} ({key})"
    return found


def _events(connection: Connection, hers: Any, passages: Mapping[int | str, str]) -> Iterator[Entry]:
    for row in connection.execute(select(event).where(event.c.customer_id == hers)).mappings():
        detail = {"id": row["message_id"], **{key: row[key] for key in ("name", "kind", "origin", "properties")}}
        own = row["kind"] is not EventKind.TRACK  # what an author calls so means nothing here
        if own and (passage := passages.get(row["properties"].get("enrollment"))):
            detail["passage"] = passage
        yield Entry(row["occurred_at"], "event", row["name"] or row["kind"], detail)


def _stages(connection: Connection, hers: Any) -> Iterator[Entry]:
    for row in connection.execute(select(stage_move).where(stage_move.c.customer_id == hers)).mappings():
        detail = {"from": row["from_stage"], "by": row["by"], "cause": row["cause"]}
        yield Entry(row["at"], "stage", row["to_stage"], detail)


def _decisions(connection: Connection, hers: Any, passages: Mapping[int | str, str]) -> Iterator[Entry]:
    for row in connection.execute(_of(decision, hers).order_by(decision.c.sequence)).mappings():
        passage = passages.get(row["enrollment"] or "", row["journey"])
        detail = {"journey": row["journey"], "passage": passage, "step": row["step"], "cause": row["cause"]}
        detail |= row["detail"]
        yield Entry(row["at"], "decision", row["decided"], detail)


def _messages(connection: Connection, hers: Any, passages: Mapping[int | str, str]) -> Iterator[Entry]:
    for row in connection.execute(_of(message, hers)).mappings():
        detail = {"channel": row["channel"], "state": row["state"], "reason": row["reason"], "id": row["public_id"]}
        detail["passage"] = passages[row["enrollment_id"]]
        yield Entry(row["planned_at"], "message", row["template"], detail)


def _of(table: Any, hers: Any) -> Select[Any]:
    return select(table).where(table.c.customer_id == hers)
