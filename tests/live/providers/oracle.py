"""What the stand-in took, held against what the ledger says: in figures, and in everything that may not be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from channels.standin.truth import Accepted, Requested
from engine.words import MessageState, Purpose
from records.tables import message, message_attempt, metadata
from tests.live.providers.cases import FINAL
from tests.live.providers.place import Place

_ASKED: Final = ("public_id", "purpose", "state", "reason", "possible_duplicate")
_REFUSED: Final = 400
"""How the stand-in answers what it will never take."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A message in the ledger with the attempts that it knows to be accepted, beside those that were, with repeats.

    `refused`: the provider has said of one of them that it will never take it, so that nobody may expect it to.
    """

    id: str
    purpose: Purpose
    state: MessageState
    reason: str
    possible_duplicate: bool
    known: frozenset[int]
    taken: tuple[int, ...]
    refused: bool

    @property
    def wrongs(self) -> Iterator[str]:
        """What may not be."""
        took = len(self.taken)
        if self.state not in FINAL:
            yield "has no end"
        if took > 1 and self.purpose is Purpose.MARKETING:
            yield "marketing twice"
        if took > 1 and not self.possible_duplicate:
            yield "twice, and nobody says so"
        if not took and self.purpose is Purpose.TRANSACTIONAL and not self.refused:
            yield "lost"
        if (took > 0) is not (self.state is MessageState.ACCEPTED):
            yield "its state is not the truth"
        if set(self.taken) != self.known:
            yield "its attempts are not the truth"


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of all messages. `accepted` counts messages, `doubled` those of them that were taken again."""

    messages: int
    accepted: int
    doubled_marketing: int
    doubled_transactional: int
    lost_transactional: int
    uncertain: int
    rejected: int
    undeclared: int

    def __str__(self) -> str:
        return ", ".join(f"{name} {getattr(self, name)}" for name in self.__slots__)


def figures(carried: Iterable[Carried]) -> Figures:
    """In numbers."""
    everything = list(carried)
    states = Counter(one.state for one in everything)
    doubled = Counter(one.purpose for one in everything if len(one.taken) > 1)
    wrongs = Counter(wrong for one in everything for wrong in one.wrongs)
    return Figures(
        len(everything),
        sum(1 for one in everything if one.taken),
        doubled[Purpose.MARKETING],
        doubled[Purpose.TRANSACTIONAL],
        wrongs["lost"],
        states[MessageState.UNCERTAIN],
        states[MessageState.REJECTED],
        sum(1 for one in everything if set(one.wrongs) - {"lost", "marketing twice"}),
    )


def carried(place: Place) -> list[Carried]:
    """Every message, and everything that was taken."""
    accepted, requests = place.stand_in.accepted(), place.stand_in.requests()
    refused = {_message(one) for one in requests if one.status == _REFUSED and not one.findings}
    found = place.database.read(lambda connection: list(_carried(connection, accepted, refused)))
    strangers = {_message(one) for one in accepted} - {one.id for one in found}
    assert not strangers, f"taken, and no row: {strangers}"
    return found


def holds(place: Place) -> list[Carried]:
    """Every message, once nothing is wrong."""
    found = carried(place)
    wrong = [(wrong, one) for one in found for wrong in one.wrongs]
    assert not wrong, f"{len(wrong)} wrong: {wrong[:5]}"
    return found


def repeat(place: Place) -> int:
    """Has everything told again that was ever told, which changes nothing. Gives how many webhooks that were."""
    before = place.database.read(_rows)
    repeated = place.repeat()
    changed = [table for table, rows in place.database.read(_rows).items() if rows != before[table]]
    assert not changed, f"webhooks that were told again have changed {changed}"
    return repeated


def _rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """The whole database."""
    return {one.name: [tuple(row) for row in connection.execute(one.select())] for one in metadata.sorted_tables}


def _carried(connection: Connection, accepted: Iterable[Accepted], refused: set[str]) -> Iterator[Carried]:
    taken, known = defaultdict[str, list[int]](list), defaultdict[int, set[int]](set)
    for one in accepted:
        taken[_message(one)].append(int(one.correlation.rpartition(".")[2]))
    attempts = select(message_attempt.c.message_id, message_attempt.c.attempt)
    for row, attempt in connection.execute(attempts.where(message_attempt.c.state == MessageState.ACCEPTED)):
        known[row].add(attempt)
    asked = select(message.c.id, *(message.c[name] for name in _ASKED)).order_by(message.c.id)
    for row, id_, purpose, state, reason, marked in connection.execute(asked):
        yield Carried(id_, purpose, state, reason, marked, frozenset(known[row]), tuple(taken[id_]), id_ in refused)


def _message(one: Accepted | Requested) -> str:
    return one.correlation.rpartition(".")[0]
