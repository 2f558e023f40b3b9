"""What one settle has done to a customer, saved in one go."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from engine.catalog import Catalog
from engine.conditions import Absent, Count, Happens, leaves
from engine.customer import Enrollment, Waiting
from engine.journey import WaitFor
from records.customers import planned
from records.customers.consenting import log_permissions
from records.customers.encoding import Columns, customer_columns, enrollment_columns, event_columns
from records.customers.loading import Kept, Loaded
from records.inserting import insert_new
from records.outbox import put
from records.privacy import former
from records.tables import (
    customer,
    decision,
    enrollment,
    event,
    journey_version,
    release,
    stage_move,
    wait,
)

_SETTLED = update(event).where(event.c.id == bindparam("row")).values(settled_order=bindparam("place"))
_MOVED_ON = update(enrollment).where(enrollment.c.id == bindparam("row"))
_ENTER = insert(enrollment).returning(enrollment.c.id, sort_by_parameter_order=True)
_VERSIONS = select(journey_version.c.digest, journey_version.c.id, journey_version.c.journey_id).where(
    journey_version.c.digest.in_(bindparam("digests", expanding=True))
)
_RELEASES = (
    select(release.c.digest, func.max(release.c.id))
    .where(release.c.digest.in_(bindparam("digests", expanding=True)))
    .group_by(release.c.digest)
)
_NO_LONGER_WAITS = delete(wait).where(wait.c.enrollment_id == bindparam("row"))
_CUSTOMER = update(customer).where(customer.c.id == bindparam("row"))
_FRESH: Columns = {"attempts": 0, "not_before": None, "trouble": None}


def save(
    connection: Connection,
    loaded: Loaded,
    catalog: Catalog,
    real_now: datetime,
    quiet: str | None = None,
    slack: timedelta = timedelta(),
) -> None:
    """Write what settle has done, in the transaction in which she was loaded.

    `quiet` is the enrollment whose own decide this is: it needs no ring. Nothing is written where nothing was done.
    What was planned less than `slack` ago, in real time, is left to its claim to withhold.
    """
    effects = loaded.customer.effects
    _save_events(connection, loaded)
    _save_enrollments(connection, loaded, real_now, quiet)
    _save_waits(connection, loaded, catalog)
    planned.add(connection, loaded, real_now)
    planned.withhold(connection, loaded, real_now, slack)
    _many(connection, insert(stage_move), (
        {"customer_id": loaded.row, "at": one.at, "from_stage": one.from_, "to_stage": one.to, "cause": one.cause,
         "by": one.by}
        for one in effects.moves
    ))  # fmt: skip
    _save_decisions(connection, loaded, real_now)
    log_permissions(connection, loaded)
    columns = customer_columns(loaded.customer)
    if effects.settled or columns != loaded.columns:
        former.keep(connection, loaded.row, loaded.columns, columns)
        connection.execute(_CUSTOMER, {"row": loaded.row, **columns, **_FRESH, "tried_at": real_now})


def _many(connection: Connection, statement: Any, rows: Iterable[Columns]) -> None:
    """Execute a statement for every row; nothing where there is none."""
    if listed := list(rows):
        connection.execute(statement, listed)


def _save_events(connection: Connection, loaded: Loaded) -> None:
    """Mark what was settled by id, never by a condition: others may have come meanwhile. Add what was emitted."""
    effects = loaded.customer.effects
    settled = {one.id: one for one in effects.settled}
    marked = ({"row": loaded.events[id_], "place": one.order} for id_, one in settled.items() if id_ in loaded.events)
    _many(connection, _SETTLED, marked)
    emitted = (event_columns(settled.get(one.id, one)) for one in effects.emitted)
    _many(connection, insert_new(connection, event), ({**one, "customer_id": loaded.row} for one in emitted))


def _save_enrollments(connection: Connection, loaded: Loaded, real_now: datetime, quiet: str | None) -> None:
    """Those that moved on before those that entered, since one may have made room for the other."""
    effects = loaded.customer.effects
    new = {one.id for one in effects.entered}
    moved = [one for id_, one in effects.touched.items() if id_ not in new]
    rung = {id_ for id_ in effects.rung if id_ not in new and id_ != quiet}
    rings = {one.id: loaded.enrollments[one.id].ring + (one.id in rung) for one in moved}
    _many(connection, _MOVED_ON, (
        {"row": loaded.enrollments[one.id].row, "ring": rings[one.id], **enrollment_columns(one)} for one in moved
    ))  # fmt: skip
    if effects.entered:
        _enter(connection, loaded, effects.entered)
    bells = [
        {"enrollment_id": loaded.enrollments[id_].row, "seq": rings.get(id_, 0), "is_start": id_ in new,
         "since": real_now, "attempts": 0, "not_before": None}
        for id_ in [*rung, *new]
    ]  # fmt: skip
    put(connection, bells)


def _enter(connection: Connection, loaded: Loaded, entered: list[Enrollment]) -> None:
    digests = {one.version for one in entered}
    versions = {row.digest: row for row in connection.execute(_VERSIONS, {"digests": sorted(digests)})}
    rows = connection.execute(_ENTER, [
        {"public_id": one.id, "customer_id": loaded.row, "journey_id": versions[one.version].journey_id,
         "version_id": versions[one.version].id, "key": one.key, "cause": one.cause, "entered_at": one.entered_at,
         "entered_order": one.entered_order, "entry": dict(one.entry), "held_out": one.held_out, "ring": 0,
         **enrollment_columns(one)}
        for one in entered
    ]).scalars()  # fmt: skip
    for one, row in zip(entered, rows, strict=True):
        loaded.enrollments[one.id] = Kept(row, 0, False)


def _save_waits(connection: Connection, loaded: Loaded, catalog: Catalog) -> None:
    """Keep the index of what enrollments wait for."""
    touched = list(
        {**loaded.customer.effects.touched, **{one.id: one for one in loaded.customer.effects.entered}}.values()
    )
    kept = {one.id: loaded.enrollments[one.id] for one in touched}
    _many(connection, _NO_LONGER_WAITS, ({"row": kept[one.id].row} for one in touched if kept[one.id].awaits))
    _many(connection, insert(wait), (
        {"event_name": name, "enrollment_id": kept[one.id].row} for one in touched for name in _awaited(catalog, one)
    ))  # fmt: skip


def _awaited(catalog: Catalog, one: Enrollment) -> set[str]:
    """The names of the events that may end the wait of an enrollment."""
    if not one.lives or one.standing.waiting is not Waiting.EVENT:
        return set()
    program = catalog.program(one.version)
    step = program.instructions[program.index[one.standing.step]].step
    items = step.first if isinstance(step, WaitFor) else ()
    watched = (leaf for item in items for leaf in leaves(item.until))
    return {leaf.event for leaf in watched if isinstance(leaf, Happens | Count | Absent)}


def _save_decisions(connection: Connection, loaded: Loaded, real_now: datetime) -> None:
    decisions = loaded.customer.effects.decisions
    if decisions:
        digests = sorted({one.release for one in decisions})
        found = connection.execute(_RELEASES, {"digests": digests})
        releases = {row[0]: row[1] for row in found}
        connection.execute(insert(decision), [
            {"customer_id": loaded.row, "sequence": one.sequence, "at": one.at, "decided_at": real_now,
             "decided": one.decided, "cause": one.cause, "journey": one.journey, "enrollment": one.enrollment or None,
             "step": one.step, "detail": dict(one.detail), "release_id": releases.get(one.release)}
            for one in decisions
        ])  # fmt: skip
