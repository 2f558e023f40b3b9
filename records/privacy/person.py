"""Who a customer is, wherever it is written: what an erasure has to look for, and what it has to end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from engine.words import Channel, EventKind, MessageState
from records.customers.finding import reached_by
from records.ledger.addresses import Hashing, spelled_alike
from records.privacy import former
from records.tables import customer, enrollment, event, message, message_attempt, review

_BY_ID = select(customer).where(customer.c.external_id == bindparam("external"))
_SAID = select(event.c.properties).where(
    event.c.customer_id == bindparam("row"), event.c.kind.in_((EventKind.IDENTIFY, EventKind.UPDATE))
)


_WISHED = select(event.c.properties).where(event.c.customer_id == bindparam("row"), event.c.kind == EventKind.SUPPRESS)


@dataclass(frozen=True, slots=True)
class Person:
    """A customer who is to be erased: her row, her id, and what she has ever been called and reached by."""

    row: int
    id: str
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def addresses(self) -> Iterator[tuple[Channel, str]]:
        """Her addresses, each with its channel."""
        yield from ((Channel.EMAIL, address) for address in sorted(self.emails))
        yield from ((Channel.SMS, number) for number in sorted(self.phones))


@dataclass(frozen=True, slots=True)
class Carried:
    """A message of hers as a provider may know it; `provider_id` is None where it has told none."""

    id: str
    channel: Channel
    state: MessageState
    provider: str | None
    provider_id: str | None


def find(connection: Connection, external: str) -> Person | None:
    """The customer of this id, whether her erasure has begun or not."""
    found = connection.execute(_BY_ID, {"external": external}).mappings().one_or_none()
    if found is None:
        return None
    facts = {*former.facts_of(dict(found)), *former.kept(connection, found["id"])}
    for said in connection.execute(_SAID, {"row": found["id"]}).scalars():
        facts |= {*former.facts_of(said), *former.facts_of({"attributes": said.get("set", {})})}
    told = (frozenset(fact for of, fact in facts if of == kind) for kind in ("email", "phone", "name"))
    return Person(found["id"], external, *told)


def runs_of(connection: Connection, her: Person) -> dict[str, int]:
    """Her enrollments by their public ids, each with its ring."""
    asked = select(enrollment.c.public_id, enrollment.c.ring).where(enrollment.c.customer_id == her.row)
    return {row[0]: row[1] for row in connection.execute(asked.order_by(enrollment.c.id))}


def carried(connection: Connection, her: Person) -> list[Carried]:
    """Her messages that were handed to a provider, or perhaps were."""
    columns = (message.c.public_id, message.c.channel, message.c.state, message.c.provider)
    attempts = select(*columns, message_attempt.c.provider_id).join(
        message_attempt, message_attempt.c.message_id == message.c.id
    )
    newest = select(*columns, message.c.provider_id).where(message.c.attempt > 0, message.c.customer_id == her.row)
    found = attempts.where(message.c.customer_id == her.row, message_attempt.c.provider_id.is_not(None)).union(newest)
    return [Carried(*row) for row in connection.execute(found)]


def written_to(connection: Connection, her: Person, hashing: Hashing) -> set[tuple[Channel, str]]:
    """The hashes of her addresses, and of those that her messages went to, each with its channel."""
    went = select(message.c.channel, message_attempt.c.address_hash).join(
        message_attempt, message_attempt.c.message_id == message.c.id
    )
    hers = connection.execute(went.where(message.c.customer_id == her.row, message_attempt.c.address_hash.is_not(None)))
    return {(row[0], row[1]) for row in hers} | {(channel, hashing.of(channel, one)) for channel, one in her.addresses}


def texted(connection: Connection, her: Person) -> list[tuple[str, str]]:
    """What she has texted, as far as it was a wish or somebody was to read it: the provider, and its id of it."""
    asked = select(review.c.provider, review.c.event_id).where(review.c.customer_id == her.row)
    read = {(row[0], row[1]) for row in connection.execute(asked)}
    wishes = connection.execute(_WISHED, {"row": her.row}).scalars()
    return sorted(read | {(one["source"], one["said"]) for one in wishes if "said" in one})


def out_until(connection: Connection, her: Person, real_now: datetime) -> datetime | None:
    """Until when a worker may still have one of her messages in its hands; None: nobody has."""
    asked = select(func.max(message.c.lease_until)).where(
        message.c.customer_id == her.row,
        message.c.state == MessageState.SENDING,
        message.c.lease_until > real_now,
    )
    found: datetime | None = connection.execute(asked).scalar()
    return found


def shared(connection: Connection, her: Person) -> frozenset[str]:
    """Those of her addresses that another customer is reached by today: there they are that one's."""
    return frozenset(
        address
        for channel, address in her.addresses
        for one in reached_by(connection, channel, address)
        if one.today and one.row != her.row
        if spelled_alike(channel, one.address) == spelled_alike(channel, address)
    )
