"""What somebody decides in a customer's place: what her free words meant, and that a suppression is lifted.

Each is an event with its reason, so that the consent log keeps it. What she alone, or the law, may lift is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Connection

from channels.inbound.heard import Wish
from channels.outcomes import RejectedKind
from engine.facts import Event
from engine.words import Channel, EventKind, Ruling
from records import customers, events
from records.customers import addressed, suppressed
from records.customers.suppressed import Against
from records.database import Database
from records.ledger import addresses, reviews
from records.ledger.addresses import Hashing
from workers.clocks import BusinessClock, RealClock
from workers.ledger.news import GONE

HER_OWN = frozenset({Wish.STOP.value, RejectedKind.OPTED_OUT.value})
"""Twilio keeps these too, and takes nothing for the number before she texts START."""
REPAIRED = frozenset({GONE, RejectedKind.ADDRESS.value})
"""Of an address alone: it may have been mended."""
READ = "review"


class Bar(StrEnum):
    """Why a suppression is not to be lifted here."""

    HER_OWN = "her_own"
    UNREAD = "unread"
    NO_FRESH_YES = "no_fresh_yes"


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a ruling came to: what was lifted, and what stands, each with what it takes to lift it (None: nothing)."""

    customer: str
    lifted: Sequence[Against] = ()
    stands: Sequence[tuple[Against, Bar | None]] = ()


@dataclass(frozen=True, slots=True)
class Rulings:
    """Decides. None: there is no such review, or it was read before."""

    database: Database
    business: BusinessClock
    real: RealClock
    hashing: Hashing

    def against(self, row: int) -> list[tuple[Against, Bar | None]]:
        """What stands against writing to a customer, each with what bars lifting it."""
        return self.database.read(lambda connection: self._against(connection, row))

    def lift(self, name: str, row: int, channel: Channel, why: str, who: str) -> Ruled:
        """Lift whatever stands on a channel; all of it or nothing."""

        def work(connection: Connection) -> Ruled:
            addressed.lock(connection, row)
            stands = [one for one in self._against(connection, row) if one[0].channel is channel]
            if any(bar for _, bar in stands):
                return Ruled(name, stands=stands)
            lifted = [one for one, _ in stands]
            self._deny(connection, name, row, lifted, f"lifted by {who}", why)
            self._lift(connection, name, row, lifted, f"lifted by {who}", why)
            return Ruled(name, lifted)

        return self.database.write(work)

    def decide(self, id_: int, ruling: Ruling, why: str, who: str) -> Ruled | None:
        """What a customer's words meant. No opt-out lifts what they alone have stopped, once all of hers are read."""

        def work(connection: Connection) -> Ruled | None:
            one = next((one for one in reviews.to_read(connection) if one.id == id_), None)
            if one is None:
                return None
            row, source = customers.by_name(connection, one.customer) or 0, f"review {id_} by {who}"
            addressed.lock(connection, row)
            if not reviews.rule(connection, id_, ruling, who, why, self.real.now()):
                return None
            if ruling is Ruling.OPT_OUT:
                said = {"topic": "", "everything": False, "reason": READ}
                self._tell(connection, one.customer, one.channel, said, source, why)
                return Ruled(one.customer, stands=self._against(connection, row))
            stands = [pair for pair in self._against(connection, row) if pair[0].channel is one.channel]
            doubted = [pair[0] for pair in stands if pair[0].reason == Wish.PERHAPS_STOP and pair[1] is None]
            rest = [pair for pair in stands if pair[0] not in doubted]
            if any(not known.everything for known, _ in rest):
                return Ruled(one.customer, stands=stands)
            self._lift(connection, one.customer, row, doubted, source, why)
            return Ruled(one.customer, doubted, rest)

        return self.database.write(work)

    def _against(self, connection: Connection, row: int) -> list[tuple[Against, Bar | None]]:
        her = addressed.as_stored(connection, row)
        found = suppressed.against(connection, row, her)
        mine = {(one.channel, one.topic, one.everything, one.reason) for one in found}
        for channel in Channel:
            if address := her.address(channel):
                kept = addresses.scopes(connection, self.hashing.of(channel, address), channel)
                found += [
                    Against(channel, scope.topic, scope.everything, reason, at)
                    for scope, (reason, at) in kept.items()
                    if (channel, scope.topic, scope.everything, reason) not in mine
                ]
        return [(one, self._bar(connection, row, one)) for one in found]

    def _bar(self, connection: Connection, row: int, one: Against) -> Bar | None:
        if one.reason in HER_OWN:
            return Bar.HER_OWN
        if one.reason in REPAIRED:
            return None
        if one.reason == Wish.PERHAPS_STOP:
            return Bar.UNREAD if reviews.to_read(connection, row) else None
        since = suppressed.says_yes_since(connection, row, one.channel, one.at)
        return None if since else Bar.NO_FRESH_YES

    def _deny(
        self, connection: Connection, name: str, row: int, lifted: Iterable[Against], source: str, why: str
    ) -> None:
        """What she had allowed before she ended it stays ended: only what she has said yes to since is allowed."""
        ended = [one for one in lifted if one.reason not in REPAIRED and one.reason != Wish.PERHAPS_STOP]
        her = addressed.as_stored(connection, row)
        for one in ended:
            for (channel, topic), yes in sorted(her.consents.items()):
                of_it = channel == one.channel and one.topic in ("", topic)
                if yes and of_it and not suppressed.says_yes_since(connection, row, one.channel, one.at, topic):
                    said = {"topic": topic, "state": False}
                    self._tell(connection, name, one.channel, said, source, why, EventKind.CONSENT)

    def _lift(
        self, connection: Connection, name: str, row: int, lifted: Iterable[Against], source: str, why: str
    ) -> None:
        her = addressed.as_stored(connection, row)
        for channel, everything in sorted({(one.channel, one.everything) for one in lifted}):
            said = {"topic": "", "everything": everything, "lifted": True}
            self._tell(connection, name, channel, said, source, why)
            if address := her.address(channel):
                addresses.lift(connection, self.hashing.of(channel, address), channel, everything=everything)

    def _tell(
        self,
        connection: Connection,
        name: str,
        channel: Channel,
        said: dict[str, object],
        source: str,
        why: str,
        kind: EventKind = EventKind.SUPPRESS,
    ) -> None:
        now = self.business.now()
        told = {"channel": channel.value, **said, "source": source, "wording": why}
        place = int(said.get("lifted") is True)  # a no comes first, so that nothing is allowed in between
        events.ingest(connection, [(name, Event(str(uuid4()), kind, "", now, now, told, emission=place))])
