"""The claim: everything is asked once more, as of now, and what has not gone is not in doubt."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, update
from temporalio.exceptions import ApplicationError

from channels.mailbox.store import Mailbox
from channels.outcomes import Accepted, Outcome
from channels.protocol import Asked, Capabilities, EmailContent, LookUp, Unavailable
from channels.protocol import Channel as Carrier
from channels.registry import adapter
from engine.facts import Event
from engine.language.project import load_release
from engine.words import Channel, EventKind, MessageState, Origin, Withheld
from records import clocks, customers, outbox, releases
from records.clocks import Lapse
from records.database import Database
from records.events import ingest
from records.ledger import addresses
from records.schema import migrate
from records.tables import customer, message, message_attempt
from tests.ledger.hearings import HASHING
from tests.workers.whole import POLICY, consenting, texts
from workers.catalogs import LiveCatalogs
from workers.clocks import BusinessClock, TimeLapse, VirtualTime
from workers.ledger.claiming import Claim, Claiming, Later
from workers.ledger.deliver import Delivery, Outlet
from workers.ledger.meter import Meter
from workers.ledger.writing import Writer
from workers.links import Links, Targets
from workers.moves import Delivered, MessageRef
from workers.pace import Pace
from workers.settlement import Settlement

MORNING = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
QUIET = "quiet_hours: {email: {from: 21:00, to: 08:00}}\n"
GREET = """
enter: {event: signed_up}
purpose: marketing
topic: tips
window: {from: 09:00, to: 18:00}
steps:
  - email: hello
"""


@dataclass
class Desk:
    """Ada has signed up at ten in the morning; the engine hears of it when `clock` says."""

    database: Database
    clock: VirtualTime

    def greet(self) -> None:
        """She is settled now: her message is planned, as of the morning."""
        row = self.database.read(lambda connection: customers.by_name(connection, "ada")) or 0
        settlement = Settlement(self.database, LiveCatalogs(self.database), self.clock, self.clock)
        while settlement.settle(row, lambda *_: None).more:
            pass  # a slow machine takes several goes

    def claiming(self, business: BusinessClock | None = None) -> Claiming:
        """Who claims."""
        return Claiming(self.database, LiveCatalogs(self.database), business or self.clock, self.clock, Pace(), HASHING)

    def claim(self, business: BusinessClock | None = None) -> Claim | Delivered | Later:
        """Claim her message."""
        return self.claiming(business).claim(self.message().public_id, "provider")

    def message(self) -> Row[Any]:
        """Her message as it stands."""
        return self.database.read(lambda connection: connection.execute(select(message)).one())

    def address(self) -> str:
        """Where she is reached."""
        found = self.database.read(lambda connection: connection.execute(select(customer.c.email)).scalar_one())
        return str(found)

    def tell(self, kind: EventKind, name: str, at: datetime, **said: Any) -> None:
        """Something of hers is stored."""
        event = Event(f"{kind}-{name}", kind, name, at, at, said)
        self.database.write(lambda connection: ingest(connection, [("ada", event)]))


async def deliver(delivery: Delivery, message_id: str, channel: Channel = Channel.EMAIL) -> Delivered:
    """Deliver it, and close the channel."""
    try:
        return await delivery.deliver(MessageRef(message_id, channel, "hello"))
    finally:
        await delivery.outlets[channel].adapter.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The world, at noon."""
    url = f"sqlite:///{tmp_path / 'sojourn.db'}"
    migrate(url)
    linked = {"templates/email/hello/body.txt": "https://acme.example/ and {{ links.unsubscribe }}"}
    linked["templates/email/hello/body.html"] = (
        '<a href="https://acme.example/">Us</a> <a href="{{ links.unsubscribe }}">Out</a>'
    )
    linked["templates/sms/hello/body.txt"] = f"Dear {{{{ customer.first_name }}}} {'and so on ' * 70}"
    made, faults = load_release({**texts(greet=GREET), **linked, "journeys/policy.yaml": POLICY + QUIET})
    assert made is not None, faults
    with closing(Database(url)) as database:
        database.write(lambda connection: releases.publish(connection, made, MORNING))
        told = Desk(database, VirtualTime(MORNING + 2 * HOUR))
        told.tell(EventKind.IDENTIFY, "", MORNING - HOUR, **consenting("ada"))
        told.tell(EventKind.TRACK, "signed_up", MORNING)
        yield told


def test_what_is_decided_in_time_goes(desk: Desk) -> None:
    desk.greet()
    assert isinstance(desk.claim(), Claim)


def test_what_is_decided_only_at_night_waits_for_the_morning(desk: Desk) -> None:
    desk.clock.instant = MORNING + 14 * HOUR
    desk.greet()
    claimed = desk.claim()
    assert isinstance(claimed, Later)
    assert claimed.at == datetime(2026, 3, 3, 8, tzinfo=UTC)


def test_what_is_decided_only_after_days_is_stale(desk: Desk) -> None:
    desk.clock.instant = MORNING + 3 * DAY
    desk.greet()
    assert desk.claim() == Delivered(MessageState.EXPIRED)


def test_an_opt_out_is_believed_whatever_its_clock_says(desk: Desk) -> None:
    desk.greet()
    desk.tell(EventKind.SUPPRESS, "", desk.clock.instant + timedelta(seconds=5), channel="email", topic="")
    assert desk.claim() == Delivered(MessageState.WITHHELD)
    assert desk.message().reason == Withheld.SUPPRESSED


@pytest.mark.parametrize("everything", [True, False])
def test_nothing_goes_to_an_address_that_is_suppressed_whoever_has_it(desk: Desk, everything: bool) -> None:
    desk.greet()
    hashed, scope = HASHING.of(Channel.EMAIL, desk.address()), addresses.Scope(Channel.EMAIL, everything=everything)
    desk.database.write(lambda connection: addresses.suppress(connection, hashed, scope, "dead", MORNING))
    assert desk.claim() == Delivered(MessageState.WITHHELD)
    assert desk.message().reason == Withheld.SUPPRESSED


def test_a_new_address_holds_as_soon_as_it_is_stored_whatever_the_clock_of_who_told_it(desk: Desk) -> None:
    desk.greet()
    desk.tell(EventKind.IDENTIFY, "moves", desk.clock.instant + HOUR / 9000, email="new@acme.example")
    assert isinstance(claimed := desk.claim(), Claim)
    assert claimed.address == "new@acme.example"


def test_an_address_that_a_replay_tells_of_later_is_not_hers_yet(desk: Desk) -> None:
    desk.greet()
    later, new = desk.clock.instant + 30 * DAY, {"email": "new@acme.example"}
    moves = Event("moves", EventKind.IDENTIFY, "", later, later, new, Origin.REPLAY)
    desk.database.write(lambda connection: ingest(connection, [("ada", moves)]))
    assert isinstance(claimed := desk.claim(), Claim)
    assert claimed.address == desk.address()


def test_an_attempt_keeps_where_it_went_by_its_hash_alone(desk: Desk) -> None:
    desk.greet()
    assert isinstance(desk.claim(), Claim)
    attempt = desk.database.read(lambda connection: connection.execute(select(message_attempt)).one())
    assert attempt.address_hash == HASHING.of(Channel.EMAIL, desk.address())


def test_a_lease_that_is_found_over_at_the_claim_is_written_down_as_a_doubt(desk: Desk) -> None:
    desk.greet()
    assert isinstance(desk.claim(), Claim)
    assert desk.claim() == Later(desk.clock.instant + Pace().lease)
    desk.clock.instant += Pace().lease
    assert desk.claim() == Delivered(MessageState.UNKNOWN)
    stands, attempt = desk.message(), desk.database.read(lambda c: c.execute(select(message_attempt)).one())
    assert (stands.state, stands.reason) == (MessageState.UNKNOWN, "lease_over")
    assert stands.lease_until == desk.clock.instant + Pace().doubt
    assert (attempt.state, attempt.ended_at) == (MessageState.UNKNOWN, desk.clock.instant)


def test_time_lapse_goes_on_to_the_opening_that_a_fallback_waits_for(desk: Desk) -> None:
    desk.greet()
    night, real = MORNING + 13 * HOUR, desk.clock.instant
    planned = update(message).values(planned_at=night, planned_real_at=real, expires_at=night + 2 * DAY, fallback=True)
    lapse, lapsed = Lapse(night, real, 1440.0, real), TimeLapse(desk.database, desk.clock)
    desk.database.write(lambda connection: connection.execute(planned))
    desk.database.write(lambda connection: outbox.sent(connection, outbox.due(connection, real, 10)))
    desk.database.write(lambda connection: clocks.write(connection, lapse))
    assert isinstance(desk.claim(lapsed), Later)
    assert desk.database.read(clocks.backlog_since) is None
    desk.clock.instant = later = real + timedelta(seconds=30)
    moved_on = replace(lapse, business=night + 12 * HOUR, real=later, heartbeat=later)
    desk.database.write(lambda connection: clocks.write(connection, moved_on))
    assert isinstance(desk.claim(lapsed), Claim)


def test_what_could_not_be_written_has_not_gone(desk: Desk, tmp_path: Path) -> None:
    desk.greet()
    gone = Database(f"sqlite:///{tmp_path / 'gone.db'}")
    gone.close()
    writer = Writer(Links("https://go.acme.example", b"0123456789abcdef", Targets(gone)))
    outlets = {Channel.EMAIL: Outlet("mailbox", adapter(Carrier.EMAIL, "mailbox", {"state": str(tmp_path)}))}
    with ThreadPoolExecutor(1) as threads:
        delivery = Delivery(desk.claiming(), outlets, writer, Pace(), threads)
        with pytest.raises(ApplicationError) as again:
            asyncio.run(deliver(delivery, desk.message().public_id))
    assert again.value.type == "Later"
    assert desk.message().state is MessageState.NOT_SENT
    assert Mailbox(tmp_path / "mailbox.db").arrivals(limit=1) == ()


class Narrow:
    """A channel that carries ten bytes, and counts what it is handed."""

    submits = 0
    capabilities = Capabilities(Carrier.EMAIL, real=False, max_size=10)

    async def submit(self, content: EmailContent, deadline: timedelta) -> Outcome:
        self.submits += 1
        return Accepted("1")

    async def look_up(self, asked: Asked) -> LookUp:
        return Unavailable()

    async def close(self) -> None:
        """Has nothing to give back."""


def test_what_is_too_large_for_its_adapter_is_rejected_before_it_is_submitted(desk: Desk) -> None:
    desk.greet()
    narrow, links = Narrow(), Links("https://go.acme.example", b"0123456789abcdef", Targets(desk.database))
    with ThreadPoolExecutor(1) as threads:
        outlets = {Channel.EMAIL: Outlet("narrow", narrow)}
        delivery = Delivery(desk.claiming(), outlets, Writer(links), Pace(), threads)
        assert asyncio.run(deliver(delivery, desk.message().public_id)).state == MessageState.REJECTED
    assert narrow.submits == 0
    assert re.fullmatch("content too large: [0-9]+ bytes, at most 10", desk.message().reason)


class Overtaken(Meter):
    """A rate that another message uses up while this one is written."""

    asked = 0

    def full_until(self) -> datetime | None:
        self.asked += 1
        return super().full_until() if self.asked > 1 else None


def text_her(desk: Desk, meter: Meter, folder: Path) -> Delivered:
    """Her message as a text of five parts, over a channel that counts them."""
    texted = update(message).values(channel="sms")
    desk.database.write(lambda connection: connection.execute(texted))
    links = Links("https://go.acme.example", b"0123456789abcdef", Targets(desk.database))
    with ThreadPoolExecutor(1) as threads:
        outlets = {Channel.SMS: Outlet("mailbox", adapter(Carrier.SMS, "mailbox", {"state": str(folder)}), meter=meter)}
        delivery = Delivery(desk.claiming(), outlets, Writer(links), Pace(), threads)
        return asyncio.run(deliver(delivery, desk.message().public_id, Channel.SMS))


def test_a_text_of_five_parts_takes_its_channel_for_five(desk: Desk, tmp_path: Path) -> None:
    desk.greet()
    meter = Meter(1, desk.clock)
    assert text_her(desk, meter, tmp_path).state == MessageState.ACCEPTED
    assert meter.full_until() == desk.clock.instant + timedelta(seconds=4)


def test_a_text_is_not_even_claimed_before_those_ahead_of_it_are_paid_off(desk: Desk, tmp_path: Path) -> None:
    desk.greet()
    meter = Meter(1, desk.clock)
    meter.take(5)
    with pytest.raises(ApplicationError) as again:
        text_her(desk, meter, tmp_path)
    assert again.value.next_retry_delay == timedelta(seconds=4)
    assert (desk.message().state, desk.message().attempt) == (MessageState.PLANNED, 0)


def test_a_text_that_is_overtaken_while_it_is_written_has_not_gone_and_goes_later(desk: Desk, tmp_path: Path) -> None:
    desk.greet()
    meter = Overtaken(1, desk.clock)
    meter.take(5)
    meter.asked = 0
    with pytest.raises(ApplicationError) as again:
        text_her(desk, meter, tmp_path)
    assert again.value.next_retry_delay == timedelta(seconds=4)
    assert (desk.message().state, desk.message().reason) == (MessageState.NOT_SENT, "rate")
    desk.clock.instant += timedelta(seconds=4)
    assert text_her(desk, meter, tmp_path).state == MessageState.ACCEPTED
