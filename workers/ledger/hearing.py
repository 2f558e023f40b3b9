"""Hearing: what providers tell about messages and what customers text back, kept once and acted upon.

A caller has verified it already, and answers the provider after the commit: a repeat changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import Connection

from channels.inbound.heard import Said, Told, Wish
from channels.numbers import spellings_of
from channels.protocol import DeliveryEvent
from engine import ids
from engine.facts import Event
from engine.words import Channel, EventKind, MessageState
from records import events, messages
from records.database import Database
from records.events import Arrival
from records.ledger import addresses, deliveries, reviews
from records.ledger.addresses import Hashing, Scope
from records.ledger.deliveries import Kept, Sent
from records.ledger.reviews import Words
from records.messages import Found
from workers.clocks import BusinessClock, RealClock
from workers.failpoints import reach
from workers.ledger.addresses import Against, lift, suppress
from workers.ledger.breaker import Breaker
from workers.ledger.news import ABOUT_ADDRESS, delivery_news, kind_of, opt_out_news

RANK = (
    DeliveryEvent.ACCEPTED,
    DeliveryEvent.DELIVERED,
    DeliveryEvent.BOUNCED,
    DeliveryEvent.OPENED,
    DeliveryEvent.CLICKED,
    DeliveryEvent.UNSUBSCRIBED,
    DeliveryEvent.COMPLAINED,
)
"""What says more about a message stands behind what says less; it never goes back."""

BATCH = 1000
LONGEST_ATTEMPT = 6

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a customer's text message: whether it came for the first time, and how many have the number."""

    new: bool
    customers: int


@dataclass(frozen=True, slots=True)
class Hearing:
    """Listens to providers. Several may: whatever is told is kept once."""

    database: Database
    business: BusinessClock
    real: RealClock
    hashing: Hashing
    breaker: Breaker = field(default_factory=Breaker)

    def told(self, told: Sequence[Told]) -> int:
        """How many of these were new: not kept before. One transaction for a thousand of them."""
        parts = [told[start : start + BATCH] for start in range(0, len(told), BATCH)]
        return sum(self._transact(part) for part in parts)

    def said(self, said: Said) -> Heard:
        """A customer's wish, for everybody with that number: STOP ends marketing on it, START lifts that.

        Free words that may mean STOP end it as well, and somebody reads them; a sentence of another language than
        English is only read.
        """

        def work(connection: Connection) -> Heard:
            now, at = self._times(said.at)
            heard = listen(connection, self.hashing, said, at, now)
            reach("webhook.before_commit")
            return heard

        heard = self.database.write(work)
        reach("webhook.after_commit")
        return heard

    def _transact(self, told: Sequence[Told]) -> int:
        now, real_now = self.business.now(), self.real.now()
        dated = [(one, min(self.business.at(one.at), now)) for one in told]

        def work(connection: Connection) -> int:
            new, news = hear(connection, self.hashing, dated, now, real_now)
            for one in self.breaker.tripped(connection, news, now, real_now):
                log.warning("a journey was paused", journey=one.journey, why=one.why)
            reach("webhook.before_commit")
            return new

        new = self.database.write(work)
        reach("webhook.after_commit")
        return new

    def _times(self, at: datetime) -> tuple[datetime, datetime]:
        """The business instants of now and of a provider's moment, which is never later."""
        now = self.business.now()
        return now, min(self.business.at(at), now)


def hear(
    connection: Connection,
    hashing: Hashing,
    told: Sequence[tuple[Told, datetime]],
    now: datetime,
    real_now: datetime,
) -> tuple[int, list[Kept]]:
    """Keep what is told, each with its business instant. Gives how many were new, and those that were news.

    That a provider names one of our attempts proves that it took it, whatever the ledger held. What names no message
    that we know is not kept: its customer was erased, or it is another program's.
    """
    named = {id_ for one, _ in told if (id_ := _named(one.correlation)[0])}
    deliveries.lock_owners(connection, named)
    sent = deliveries.find(connection, named)
    of = {(one.provider, one.id): (one, at) for one, at in told}
    new, news = deliveries.keep(connection, [_kept(one, sent) for one, _ in told if _named(one.correlation)[0] in sent])
    arrivals, first = [], {(kept.provider, kept.event_id) for kept in news}
    for kept, about in ((kept, kept.sent) for kept in new if kept.sent is not None):
        one, at = of[kept.provider, kept.event_id]
        _prove(connection, kept, about, real_now)
        _raise(connection, about, one)
        if (kept.provider, kept.event_id) in first:
            arrivals.append(delivery_news(about, one, at, now))
        opt_out = opt_out_news(about, one, at, now)
        if opt_out is not None and _is_hers(connection, hashing, kept, about, opt_out):
            arrivals.append(opt_out)
    events.ingest(connection, arrivals, strangers=False)
    return len(new), news


def listen(connection: Connection, hashing: Hashing, said: Said, at: datetime, now: datetime) -> Heard:
    """Keep what a customer texted, and act on her wish for everybody with that number.

    A stop counts for everybody who may have meant this number by what is written down; a start for who has it in full.
    A stop holds for the number as well, whoever is written down with it later; it takes the place of less than a stop.
    """
    spellings = spellings_of(said.from_number)
    customers = deliveries.by_phone(connection, spellings[:2] if said.wish is Wish.START else spellings)
    if said.wish in (Wish.HELP, Wish.NOTHING):
        return Heard(new=True, customers=len(customers))
    new, _ = deliveries.keep(connection, [Kept(said.provider, said.id, f"said_{said.wish}", said.at)])
    if new and said.wish in (Wish.STOP, Wish.START, Wish.PERHAPS_STOP):
        wishes = [_wished(said, customer, at, now) for customer in customers.values()]
        events.ingest(connection, wishes, strangers=False)
    if new and said.wish in (Wish.STOP, Wish.START):
        lift(connection, hashing, said.from_number, Channel.SMS)
    if new and said.wish in (Wish.STOP, Wish.PERHAPS_STOP):
        hashed = hashing.of(Channel.SMS, said.from_number)
        addresses.suppress(connection, hashed, Scope(Channel.SMS), said.wish.value, at)
    if new and said.wish in (Wish.PERHAPS_STOP, Wish.TO_READ):
        for row in customers:
            reviews.queue(connection, row, Words(Channel.SMS, said.provider, said.id, said.body, said.at))
    return Heard(bool(new), len(customers))


def _named(correlation: str) -> tuple[str, int | None]:
    """The message and the attempt of a correlation of ours; "" and None where it is none."""
    message, _, attempt = correlation.rpartition(".")
    try:
        known = str(UUID(message))
    except ValueError:
        return "", None
    good = known == message and attempt.isascii() and attempt.isdigit() and len(attempt) <= LONGEST_ATTEMPT
    return (known, int(attempt)) if good and int(attempt) > 0 else ("", None)


def _kept(told: Told, sent: dict[str, Sent]) -> Kept:
    message, attempt = _named(told.correlation)
    return Kept(told.provider, told.id, kind_of(told), told.at, told.detail, sent.get(message), attempt)


def _prove(connection: Connection, kept: Kept, sent: Sent, real_now: datetime) -> None:
    attempt = kept.attempt or 1
    if sent.state is MessageState.ACCEPTED and attempt in sent.accepted:
        return
    known = messages.find(connection, sent.id)
    if known is not None:
        found = Found(MessageState.ACCEPTED, "told", provider=kept.provider, noted={"event": kept.event_id})
        messages.prove(connection, known, attempt, found, real_now)


def _raise(connection: Connection, sent: Sent, told: Told) -> None:
    """What a machine did says no more than that the message has arrived."""
    was = DeliveryEvent.DELIVERED if told.by_machine else told.kind
    deliveries.raise_delivery(connection, sent.row, was.value, [one.value for one in RANK[: RANK.index(was)]])


def _is_hers(connection: Connection, hashing: Hashing, kept: Kept, sent: Sent, opt_out: Arrival) -> bool:
    """Does it take from the customer herself? What is said against a former address of hers is kept for that alone."""
    event = opt_out[1]
    said = event.properties
    if said["reason"] not in ABOUT_ADDRESS:
        return True
    scope = Scope(sent.channel, everything=said["everything"] is True)
    against = Against(sent.customer_row, sent.row, kept.attempt or 1, scope, str(said["reason"]), event.occurred_at)
    return suppress(connection, hashing, against)


def _wished(said: Said, customer: str, at: datetime, now: datetime) -> Arrival:
    lifted = said.wish is Wish.START
    scope = {"channel": Channel.SMS.value, "topic": "", "everything": False, "lifted": lifted}
    event = Event(
        ids.said_id(said.provider, said.id, customer),
        EventKind.SUPPRESS,
        "",
        at,
        now,
        {**scope, "reason": said.wish.value, "source": said.provider, "said": said.id},
    )
    return customer, event
