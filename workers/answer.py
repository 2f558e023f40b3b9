"""What a run is told to do next, read from the tables: the newest answer is right whenever it is asked for."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine import explain
from engine.calendar import zone_of
from engine.catalog import Catalog
from engine.customer import Enrollment
from engine.words import ExitReason, Purpose
from records.customers import Loaded
from records.ledger.waiting import Waiting, open_of
from records.tables import enrollment
from workers.moves import Left, MessageRef, Move

MOST_MESSAGES = 8
MOST_BYTES = 500
MOST_WORDS = 160
WAKE_BYTES = 40
ERASED = Move(0, left=Left(ExitReason.ERASED.value), words="Left: erased")
_STANDING = select(enrollment.c.id, enrollment.c.ring, enrollment.c.reason, enrollment.c.label).where(
    enrollment.c.public_id == bindparam("enrollment")
)
PRIORITY = {Purpose.TRANSACTIONAL: 1, Purpose.MARKETING: 3}


@dataclass(frozen=True, slots=True)
class Answer:
    """A move whose `wake_at` is still to be reckoned: the business instant at which time concerns the enrollment."""

    move: Move
    due_at: datetime | None = None


def answer(connection: Connection, loaded: Loaded, catalog: Catalog, public_id: str) -> Answer:
    """The answer for an enrollment of a loaded customer. One that is over or erased is a tombstone that answers Left.

    While its journey is paused nothing is delivered, and one that is over stays until what it has planned has gone.
    """
    row = connection.execute(_STANDING, {"enrollment": public_id}).one_or_none()
    if row is None:
        return Answer(ERASED)
    one = next((one for one in loaded.customer.enrollments if one.id == public_id), None)
    paused = one is not None and one.journey in catalog.paused
    waiting = open_of(connection, row.id, MOST_MESSAGES + 1)
    words = _words(one, catalog, loaded, paused=paused) if one else f"Left: {row.reason}"
    over = row.reason is not None and not (paused and waiting)
    move = Move(row.ring, left=Left(row.reason.value, row.label) if over else None, words=short(words))
    due_at = None if one is None or not one.lives else one.standing.flips_at if paused else one.standing.due_at
    return Answer(move if paused else with_messages(move, waiting), due_at)


def _words(one: Enrollment, catalog: Catalog, loaded: Loaded, *, paused: bool) -> str:
    zone = zone_of(None, loaded.customer.zone, catalog.release.policy)
    return explain.words(one, catalog.program(one.version), zone, paused=paused)


def with_messages(move: Move, waiting: Sequence[Waiting]) -> Move:
    """The move with as many messages as may be in it, at least one; `more` when there are others."""
    room, taken = MOST_BYTES - WAKE_BYTES - _size(move), list[MessageRef]()
    for one in waiting[:MOST_MESSAGES]:
        ref = MessageRef(one.id, one.channel.value, one.step, PRIORITY[one.purpose])
        room -= _size(ref) + 1
        if taken and room < 0:
            break
        taken.append(ref)
    return replace(move, messages=taken, more=len(waiting) > len(taken))


def short(words: str) -> str:
    """The words, cut where they would take more than their share of a move; what is not ASCII takes six bytes."""
    while len(json.dumps(words)) > MOST_WORDS:
        words = words[:-1]
    return words


def _size(value: Move | MessageRef) -> int:
    """How many bytes of a payload it takes, but for its time."""
    return len(json.dumps(asdict(value), separators=(",", ":"), default=str))
