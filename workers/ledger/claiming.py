"""The claim: one transaction, durable before anything goes over a wire, in which everything is asked once more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.catalog import Catalog
from engine.conditions import Value
from engine.customer import Customer, Enrollment
from engine.release import Policy, Sender
from engine.settling.claim import good_until, objection, step_of
from engine.words import MessageState, Withheld
from records import customers, messages
from records.customers import Loaded, addressed
from records.customers.loading import EVENTS_PER_LOAD
from records.database import Database
from records.errors import Unknown
from records.ledger import addresses, waiting
from records.ledger.addresses import Hashing
from records.messages import Message
from workers.clocks import BusinessClock, RealClock
from workers.failpoints import reach
from workers.ledger.refusals import FALLS_BACK, open_fallback
from workers.moves import Delivered
from workers.pace import Pace
from workers.settlement import Catalogs


@dataclass(frozen=True, slots=True)
class Asked:
    """A message at the instant of the question, the planned one with the lateness added; has its step a fallback?"""

    message: Message
    instant: datetime
    falls_back: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours for one attempt, and what its words are made of."""

    asked: Asked
    address: str
    sender: Sender
    policy: Policy
    facts: Mapping[str, Value]
    texts: Mapping[str, str]
    release: str
    good_until: datetime

    @property
    def good_for(self) -> timedelta:
        """The real time in which it may still reach her: lateness, by which it expires, passes in real time."""
        return self.good_until - self.asked.instant

    @property
    def message(self) -> Message:
        """The message, as it was taken."""
        return self.asked.message


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: ask again at `at`, real time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Claiming:
    """Claims messages."""

    database: Database
    catalogs: Catalogs
    business: BusinessClock
    real: RealClock
    pace: Pace
    hashing: Hashing

    def claim(self, message_id: str, provider: str) -> Claim | Delivered | Later:
        """Take a message for this provider, or say what became of it, or when to ask again."""
        now = self.business.now()

        def work(connection: Connection) -> Claim | Delivered | Later:
            loaded = self._load(connection, message_id, now)
            message = messages.find(connection, message_id)
            if loaded is None or message is None:
                return Delivered(MessageState.WITHHELD.value)
            claimed = self._claim(connection, loaded, message, provider, now)
            reach("claim.before_commit")
            return claimed

        claimed = self.database.write(work, urgent=True)
        reach("claim.after_commit")
        return claimed

    def _load(self, connection: Connection, message_id: str, now: datetime) -> Loaded | None:
        """The message's customer, locked; None where she was, or is being, erased."""
        owner = messages.owner(connection, message_id)
        if owner is None:
            return None
        try:
            return customers.load(connection, owner[0], now, [owner[1]], self.hashing)
        except Unknown:
            return None

    def _claim(
        self, connection: Connection, loaded: Loaded, message: Message, provider: str, now: datetime
    ) -> Claim | Delivered | Later:
        real_now = self.real.now()
        busy = obstacle(connection, message, real_now, self.pace)
        if busy is not None:
            return busy
        if len(loaded.customer.inbox) >= EVENTS_PER_LOAD:  # an opt-out may lie behind them
            return Later(real_now + self.pace.paused)
        catalog = self.catalogs.current(connection)
        one = next(one for one in loaded.customer.enrollments if one.id == message.enrollment)
        step = step_of(catalog, one, message)
        lateness = self.business.late(message.planned_at, message.planned_real_at)
        asked = Asked(message, message.planned_at + lateness, step is not None and step.fallback is not None)
        match objection(loaded.customer, catalog, one, message, asked.instant, late=lateness > self.pace.late):
            case datetime() as opening if opening > now:
                return self._hold_back(connection, message, opening)
            case Withheld() as why:
                return self._withhold(connection, asked, why, now)
            case _:
                return self._take(connection, asked, loaded.customer, one, catalog, provider, now)

    def _take(
        self,
        connection: Connection,
        asked: Asked,
        customer: Customer,
        one: Enrollment,
        catalog: Catalog,
        provider: str,
        now: datetime,
    ) -> Claim | Later | Delivered:
        real_now, release, wanted = self.real.now(), catalog.release, asked.message
        address = addressed.address_today(connection, wanted.customer_row, wanted.channel, now)
        if not address:
            return self._withhold(connection, asked, Withheld.NO_ADDRESS, now)
        hashed = self.hashing.of(wanted.channel, address)
        if addresses.forbids(connection, hashed, wanted.channel, wanted.purpose, wanted.topic):
            return self._withhold(connection, asked, Withheld.SUPPRESSED, now)
        claimed = messages.claim(connection, wanted, real_now, real_now + self.pace.lease, hashed, provider)
        if claimed is None:
            return Later(real_now)
        return Claim(
            replace(asked, message=claimed),
            address=address,
            sender=release.policy.senders.get(claimed.sender, Sender()),
            policy=release.policy,
            facts=facts_of(customer, one, claimed),
            texts=release.texts,
            release=release.digest,
            good_until=good_until(customer, catalog, one, claimed, asked.instant),
        )

    def _hold_back(self, connection: Connection, message: Message, opening: datetime) -> Later:
        """Written down: the time-lapse clock does not stand for what cannot go before it has moved on."""
        look_at = self.business.look_at(opening)
        waiting.hold_back(connection, message.row, look_at)
        return Later(look_at)

    def _withhold(self, connection: Connection, asked: Asked, why: Withheld, now: datetime) -> Delivered:
        real_now = self.real.now()
        state = MessageState.EXPIRED if why is Withheld.EXPIRED else MessageState.WITHHELD
        state = messages.close(connection, asked.message, state, why.value, real_now)
        if state is not MessageState.UNCERTAIN and why in FALLS_BACK and asked.falls_back:
            return Delivered(state.value, open_fallback(connection, asked.message, now, real_now))
        return Delivered(state.value)


def obstacle(connection: Connection, message: Message, now: datetime, pace: Pace) -> Delivered | Later | None:
    """What stands in the way that is no objection; None: it may be taken. `sending` is never taken again."""
    if message.state is MessageState.SENDING:
        if message.lease_until is not None and message.lease_until > now:
            return Later(message.lease_until)
        messages.lapse(connection, message, now, now + pace.doubt)
        return Delivered(MessageState.UNKNOWN.value)
    if message.state not in messages.OPEN or message.journey_paused:
        return Delivered(message.state.value)
    if message.channel_paused:
        return Later(now + pace.paused)
    if message.not_before is not None and message.not_before > now:
        return Later(message.not_before)
    return None


def facts_of(customer: Customer, one: Enrollment, message: Message) -> dict[str, Value]:
    """What a template may read: the customer, the entry, what waits have captured, the journey, and its own `with:`."""
    own = {"id": customer.id, "email": customer.email, "phone": customer.phone, "zone": customer.zone}
    return {
        **one.names,
        "customer": {**customer.attributes, **one.own, **own, "stage": customer.stage},
        "entry": one.entry,
        "journey": {"name": one.journey},
        **message.facts,
    }
