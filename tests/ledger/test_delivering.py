"""Delivery: what happens between the claim and the wire, and what is made of an answer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select, update
from temporalio.exceptions import ApplicationError

from channels.outcomes import Accepted, NotAccepted, NotAcceptedKind, Outcome, Rejected, RejectedKind
from channels.protocol import Absent, Capabilities, EmailContent, LookUp, LookUps, SmsContent
from channels.protocol import Asked as Question
from channels.protocol import Channel as Carrier
from channels.protocol import Found as There
from engine.words import Channel, EventKind, MessageState, Withheld
from records import messages
from records.database import Database
from records.ledger import addresses, channels
from records.messages import Found, Message
from records.tables import event, message, outbox, suppressed_address
from tests.ledger.hearings import HASHING, NOW, planned, rows
from tests.ledger.hearings import known as known_there
from tests.ledger.test_claiming import Desk, deliver, desk
from tests.records.two_lives import erase
from workers.ledger.claiming import Asked, Claim
from workers.ledger.deliver import Delivery, Outlet
from workers.ledger.refusals import suppress_dead
from workers.ledger.sweep import Sweep
from workers.ledger.writing import Writer
from workers.links import Links, Targets
from workers.moves import Delivered
from workers.pace import Pace

__all__ = ["desk"]
SECOND = timedelta(seconds=1)
NOT_THERE = Absent()


@dataclass
class Provider:
    """Answers as it is told, knows of nothing unless it is to, and counts what it is handed."""

    outcome: Outcome
    taken: list[str] = field(default_factory=list)
    looked: LookUp = field(default_factory=Absent)
    capabilities = Capabilities(Carrier.EMAIL, look_ups=LookUps.AUTHORITATIVE, real=False)

    async def submit(self, content: EmailContent, deadline: timedelta) -> Outcome:
        self.taken.append(content.correlation)
        return self.outcome

    async def look_up(self, asked: Question) -> LookUp:
        return self.looked

    async def close(self) -> None:
        """Has nothing to give back."""


@dataclass
class Busy(Provider):
    """Is handed a message, and answers when it may."""

    handed: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def submit(self, content: EmailContent, deadline: timedelta) -> Outcome:
        self.handed.set()
        await self.may_answer.wait()
        return await super().submit(content, deadline)


@dataclass
class Slow(Writer):
    """A writer while whom other things happen."""

    meanwhile: Callable[[], None] = lambda: None

    def write(self, claim: Claim) -> EmailContent | SmsContent:
        content = super().write(claim)
        self.meanwhile()
        return content


def delivery_over(desk: Desk, provider: Provider, threads: Executor, meanwhile: Callable[[], None]) -> Delivery:
    """A delivery that writes slowly."""
    writer = Slow(Links("https://go.acme.example", b"0123456789abcdef", Targets(desk.database)))
    writer.meanwhile = meanwhile
    return Delivery(desk.claiming(), {Channel.EMAIL: Outlet("provider", provider)}, writer, Pace(), threads)


def delivered(desk: Desk, provider: Provider, meanwhile: Callable[[], None] = lambda: None) -> str:
    """The state after a delivery, or the error that asks for another; `meanwhile` lies before the wire."""
    with ThreadPoolExecutor(1) as threads:
        delivery = delivery_over(desk, provider, threads, meanwhile)
        try:
            return asyncio.run(deliver(delivery, desk.message().public_id)).state
        except ApplicationError as again:
            return str(again.next_retry_delay)


def known(desk: Desk) -> Message:
    """Her message as the ledger has it."""
    found = desk.database.read(lambda connection: messages.find(connection, desk.message().public_id))
    assert found is not None
    return found


def lapse(desk: Desk) -> None:
    """The lease ends, and the sweep writes it down."""
    desk.clock.instant += 60 * SECOND
    one, now = known(desk), desk.clock.instant
    assert desk.database.write(lambda connection: messages.lapse(connection, one, now, now))


@pytest.mark.parametrize(("slept", "goes"), [(39 * SECOND, True), (40 * SECOND, False), (60 * SECOND, False)])
def test_nothing_is_submitted_that_may_not_end_within_its_lease(desk: Desk, slept: timedelta, goes: bool) -> None:
    desk.greet()
    provider = Provider(Accepted("1"))

    def meanwhile() -> None:
        desk.clock.instant += slept

    delivered(desk, provider, meanwhile)
    assert bool(provider.taken) is goes
    assert desk.message().state is (MessageState.ACCEPTED if goes else MessageState.NOT_SENT)


def test_who_overslept_has_sent_nothing_leaves_no_doubt_and_rings_its_run(desk: Desk) -> None:
    desk.greet()
    desk.database.write(lambda connection: connection.execute(outbox.delete()))
    provider = Provider(Accepted("1"))
    delivered(desk, provider, lambda: lapse(desk))
    assert (provider.taken, known(desk).state, known(desk).possible_duplicate) == ([], MessageState.NOT_SENT, False)
    assert desk.database.read(lambda connection: connection.execute(select(outbox)).all())
    delivered(desk, provider)
    assert (len(provider.taken), known(desk).state) == (1, MessageState.ACCEPTED)


async def cancelled(desk: Desk, provider: Busy, threads: Executor) -> tuple[bool, bool]:
    """Cancel a delivery whose message is at its provider. Does it wait for the answer, and is it cancelled then?"""
    delivery = delivery_over(desk, provider, threads, lambda: None)
    delivering = asyncio.create_task(deliver(delivery, desk.message().public_id))
    await provider.handed.wait()
    delivering.cancel()
    for _ in range(10):  # whatever does not wait is over by then
        await asyncio.sleep(0)
    waits = not delivering.done()
    provider.may_answer.set()
    await asyncio.wait([delivering])
    return waits, delivering.cancelled()


def test_a_submit_whose_delivery_is_cancelled_ends_and_is_recorded_all_the_same(desk: Desk) -> None:
    desk.greet()
    provider = Busy(Accepted("7"))
    with ThreadPoolExecutor(1) as threads:
        assert asyncio.run(cancelled(desk, provider, threads)) == (True, True)
    assert (len(provider.taken), known(desk).state) == (1, MessageState.ACCEPTED)


def test_a_new_address_that_is_stored_already_is_the_one_it_goes_to(desk: Desk) -> None:
    desk.greet()
    desk.tell(EventKind.IDENTIFY, "moved", desk.clock.instant, email="ada@new.example")
    claimed = desk.claim()
    assert isinstance(claimed, Claim)
    assert claimed.address == "ada@new.example"


@pytest.mark.parametrize("today", ["provider", "another"])
def test_that_another_provider_does_not_know_a_message_proves_nothing(desk: Desk, today: str) -> None:
    desk.greet()
    assert isinstance(desk.claim(), Claim)
    lapse(desk)
    sweep(desk, today)
    assert known(desk).state is (MessageState.NOT_SENT if today == "provider" else MessageState.UNKNOWN)
    desk.clock.instant += Pace().give_up
    sweep(desk, today)
    assert known(desk).state is (MessageState.NOT_SENT if today == "provider" else MessageState.UNCERTAIN)


@pytest.mark.parametrize(("looked", "state"), [(Absent(), MessageState.UNKNOWN), (There("7"), MessageState.ACCEPTED)])
def test_of_a_message_of_which_nobody_knows_whom_it_was_handed_to_presence_is_proof_and_absence_none(
    desk: Desk, looked: LookUp, state: MessageState
) -> None:
    desk.greet()
    assert isinstance(desk.claim(), Claim)
    desk.database.write(lambda connection: connection.execute(update(message).values(provider=None)))
    lapse(desk)
    sweep(desk, "provider", looked)
    assert known(desk).state is state


def test_another_provider_is_not_asked_about_a_message(desk: Desk) -> None:
    desk.greet()
    assert isinstance(desk.claim(), Claim)
    lapse(desk)
    sweep(desk, "another", There("7"))
    assert known(desk).state is MessageState.UNKNOWN


class Nobody:
    """A server that is not asked."""


def sweep(desk: Desk, today: str, looked: LookUp = NOT_THERE) -> None:
    """Look once at what is in doubt, where this provider carries messages today."""
    outlets = {Channel.EMAIL: Outlet(today, Provider(Accepted("1"), looked=looked))}
    with ThreadPoolExecutor(1) as threads:
        one = Sweep(desk.database, desk.clock, desk.clock, outlets, cast(Any, Nobody()), Pace(), threads)
        asyncio.run(one.sweep())


def test_a_provider_that_refuses_our_key_pauses_the_channel(desk: Desk) -> None:
    desk.greet()
    delivered(desk, Provider(NotAccepted(NotAcceptedKind.DENIED, "401")))
    assert [one.channel for one in desk.database.read(channels.paused)] == [Channel.EMAIL]


def test_a_provider_that_asks_for_a_pause_gets_it(desk: Desk) -> None:
    desk.greet()
    asked = NotAccepted(NotAcceptedKind.THROTTLED, "429", 77 * SECOND)
    assert delivered(desk, Provider(asked)) == str(77 * SECOND)
    assert known(desk).not_before == desk.clock.instant + 77 * SECOND
    assert delivered(desk, Provider(Accepted("1"))) == str(77 * SECOND)
    assert known(desk).attempt == 1


def test_an_address_of_which_its_provider_says_that_it_is_none_is_suppressed(desk: Desk) -> None:
    desk.greet()
    assert delivered(desk, Provider(Rejected(RejectedKind.ADDRESS, "550"))) == MessageState.REJECTED
    hashed = HASHING.of(Channel.EMAIL, desk.address())
    assert desk.database.read(lambda connection: addresses.scopes(connection, hashed, Channel.EMAIL))


def test_what_is_perhaps_sent_and_then_withheld_is_in_doubt_and_has_no_fallback(desk: Desk) -> None:
    desk.greet()
    in_doubt = update(message).values(possible_duplicate=True, state=MessageState.NOT_SENT, attempt=1)
    desk.database.write(lambda connection: connection.execute(in_doubt))
    asked, now = Asked(known(desk), desk.clock.instant, falls_back=True), desk.clock.instant
    told = desk.database.write(lambda c: desk.claiming()._withhold(c, asked, Withheld.SUPPRESSED, now))  # noqa: SLF001
    assert told == Delivered(known(desk).state) == Delivered(MessageState.UNCERTAIN)
    refused = select(event.c.id).where(event.c.kind == EventKind.REFUSED)
    assert desk.database.read(lambda connection: connection.execute(refused).all()) == []


@pytest.fixture
def overslept(database: Database) -> tuple[Message, Message]:
    """A worker holds Zoe's message, its lease ends and she is erased; and Bea's, who comes then."""
    zoe = planned(database, "zoe")[0]
    taken = database.write(lambda connection: messages.claim(connection, zoe, NOW, NOW + 60 * SECOND))
    assert taken is not None
    assert database.write(lambda connection: messages.lapse(connection, taken, NOW + 60 * SECOND, NOW + 60 * SECOND))
    erase(database, "zoe")
    return taken, planned(database, "bea")[0]


@pytest.mark.parametrize("state", [MessageState.ACCEPTED, MessageState.REJECTED, MessageState.NOT_SENT])
def test_what_is_told_of_who_was_erased_is_not_written_upon_another_who_has_her_rows(
    database: Database, overslept: tuple[Message, Message], state: MessageState
) -> None:
    taken, bea = overslept
    found = Found(state, provider="provider", provider_id="zoes")
    assert database.write(lambda c: messages.record(c, taken, found, NOW)) is MessageState.WITHHELD
    assert not database.write(lambda c: messages.resolve(c, taken, found, NOW, proof=True))
    assert known_there(database, bea.id) == bea


def test_a_refusal_of_who_was_erased_suppresses_nobody(database: Database, overslept: tuple[Message, Message]) -> None:
    taken, refused = overslept[0], Rejected(RejectedKind.ADDRESS, "550")
    before = rows(database, suppressed_address)
    database.write(lambda connection: suppress_dead(connection, HASHING, taken, refused, NOW))
    assert rows(database, suppressed_address) == before
