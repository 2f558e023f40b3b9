"""What a customer chooses on the pages she meets becomes events like any other: the one place that writes them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.conditions import Value
from engine.customer import Customer
from engine.facts import Event
from engine.words import Channel, EventKind
from records import events
from records.customers import addressed
from records.customers.addressed import Addressed
from records.database import Database
from records.events import Arrival
from records.ledger import deliveries
from records.ledger.addresses import Hashing
from workers.clocks import BusinessClock
from workers.failpoints import reach
from workers.ledger.addresses import lift, with_addresses

Said = tuple[EventKind, dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Choice:
    """Yes or no to one topic on one channel, and the words it was said to."""

    channel: Channel
    topic: str
    yes: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Stores what is chosen, committed when it returns. `source` is the page. None: nobody is to be found.

    What holds already is not stored again, so that nobody can fill the log by asking twice.
    """

    database: Database
    business: BusinessClock
    hashing: Hashing

    def look(self, message_id: str) -> Addressed | None:
        """The customer of a message, as things stand."""
        return self.database.read(lambda connection: self._find(connection, message_id))

    def end(self, message_id: str, channels: Sequence[Channel], words: str, source: str) -> Addressed | None:
        """No more marketing on these channels, or on the message's own; imports cannot bring it back."""
        return self._store(message_id, lambda found: ended(found.customer, channels or [found.channel], words), source)

    def choose(self, message_id: str, choices: Sequence[Choice], source: str) -> Addressed | None:
        """Keep a no and a yes to each of these; a yes lifts what stands in its way, but for a dead address."""
        return self._store(message_id, lambda found: chosen(found.customer, choices), source)

    def _store(self, message_id: str, said_to: Callable[[Addressed], Iterable[Said]], source: str) -> Addressed | None:
        """Events of one instant, in the order in which they are said."""

        def work(connection: Connection) -> Addressed | None:
            deliveries.lock_owners(connection, [message_id])
            now = self.business.now()  # whatever was said while this waited for the lock was said before
            found = self._find(connection, message_id)
            if found is not None:
                said = list(said_to(found))
                arrivals = [_arrival(found, *one, source, now) for one in enumerate(said)]
                events.ingest(connection, arrivals)  # she is locked, and cannot go meanwhile
                self._lift(connection, found.customer, said)
            reach("choice.before_commit")
            return found

        found = self.database.write(work, urgent=True)
        reach("choice.after_commit")
        return found

    def _find(self, connection: Connection, message_id: str) -> Addressed | None:
        found = addressed.by_message(connection, message_id)
        if found is not None:
            with_addresses(connection, self.hashing, found.customer)
        return found

    def _lift(self, connection: Connection, her: Customer, said: Sequence[Said]) -> None:
        for channel in {Channel(str(what["channel"])) for _, what in said if what.get("lifted") is True}:
            lift(connection, self.hashing, her.address(channel), channel)


def ended(her: Customer, channels: Sequence[Channel], words: str) -> Iterator[Said]:
    """The end of all marketing on channels where it has not ended yet."""
    for channel in channels:
        if not is_shut(her, channel):
            yield (
                EventKind.SUPPRESS,
                {"channel": channel.value, "topic": "", "reason": "unsubscribed", "wording": words},
            )


def chosen(her: Customer, choices: Sequence[Choice]) -> Iterator[Said]:
    """What choices change. Every no comes first, so that nothing is allowed in between that was not asked for."""
    wanted = [one for one in choices if one.yes and not is_dead(her, one.channel)]
    lifted = {one.channel for one in wanted if is_shut(her, one.channel)}
    for one in choices:
        if not one.yes and her.consents.get((one.channel, one.topic)) is not False:
            yield _consent(one)
    named = {(one.channel, one.topic) for one in choices}
    for (channel, topic), yes in her.consents.items():
        if yes and channel in lifted and (channel, topic) not in named:
            yield _consent(Choice(Channel(channel), topic, yes=False))
    for channel in sorted(lifted):
        yield EventKind.SUPPRESS, {"channel": channel.value, "topic": "", "lifted": True}
    for one in wanted:
        shut = (one.channel, one.topic, False) in her.suppressions
        if shut and one.channel not in lifted:
            yield EventKind.SUPPRESS, {"channel": one.channel.value, "topic": one.topic, "lifted": True}
        if shut or one.channel in lifted or her.consents.get((one.channel, one.topic)) is not True:
            yield _consent(one)


def is_shut(her: Customer, channel: Channel) -> bool:
    """Has she ended all marketing there?"""
    return (channel, "", False) in her.suppressions


def is_dead(her: Customer, channel: Channel) -> bool:
    """Does nobody answer at her address there?"""
    return any(on == channel and everything for on, _, everything in her.suppressions)


def _arrival(found: Addressed, place: int, one: Said, source: str, now: datetime) -> Arrival:
    """Without a source an event is no line of the log: what is lifted is allowed by the yes that comes after it."""
    kind, what = one
    said = what if what.get("lifted") else {**what, "source": source}
    return found.customer.id, Event(events.fresh_id(), kind, "", now, now, said, emission=place)


def _consent(one: Choice) -> Said:
    said = {"channel": one.channel.value, "topic": one.topic, "state": one.yes, "wording": one.words}
    return EventKind.CONSENT, dict(said)
