"""An erasure beside a Sojourn that runs, on a real Temporal server: her journeys end, and nothing brings her back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from channels.inbound.heard import Told
from channels.mailbox.store import Mailbox
from channels.protocol import DeliveryEvent
from channels.standin.faults import Fault, FaultKind, Operation
from channels.standin.server import StandIn
from channels.standin.wire import Provider
from engine.words import Channel
from records.errors import Locked
from records.ledger import channels
from records.privacy import person
from records.tables import customer, decision, enrollment, event, message, provider_event
from tests.channels.standing import SECRETS
from tests.workers.erasing import NUMBER, ZOE, command, erase, known, live, provided, write
from tests.workers.whole import QUICK, Whole, options_for, publish, texts, until, whole
from workers.devserver import DevServer
from workers.failpoints import KILLED
from workers.handover import workflow_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENT = replace(QUICK, submit=timedelta(seconds=20), attempt=timedelta(seconds=25), lease=timedelta(seconds=30))
POINTS = ("erase.after_close", "erase.after_runs", "erase.after_mailbox", "erase.after_remove")
COURSE = """
enter: {event: signed_up}
purpose: marketing
topic: tips
exit: {event: complained}
steps:
  - email: hello
  - sms: hello
    id: text
  - wait: 3 days
  - email: later
"""


async def test_her_journey_ends_and_nothing_of_her_is_left(
    temporal_server: DevServer, tmp_path: Path, url: str
) -> None:
    options = options_for(tmp_path, temporal_server, database=url)
    publish(options, texts(course=COURSE))
    async with whole(options) as it:
        await live(it, "ada")
        hers, adas = run_of(it, ZOE), run_of(it, "ada")
        report = await erase(it)
        assert (report.is_whole, report.enrollments, report.arrivals) == (True, 1, 2)
        assert (report.runs.found, report.runs.terminated) == (1, 0)
        assert report.proof.runs >= 1
        assert report.proof.events > 10
        assert report.proof.for_ == {"id": 1, "email": 1, "phone": 1, "name": 1}
        assert (await hers.result())["reason"] == "erased"
        assert (await adas.describe()).status is WorkflowExecutionStatus.RUNNING
        assert {one.to for one in it.arrivals()} == {"ada@customers.example", "+491760000000"}
        again = await erase(it)
        assert again.before is not None
        assert again.is_whole
    for file in tmp_path.rglob("*"):
        said = file.read_bytes().lower() if file.is_file() else b""
        assert all(one not in said for one in (b"zoe.marker", b"491700000042", b"elmstreet")), file


async def test_who_comes_back_under_her_addresses_is_never_written_to(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    options = options_for(tmp_path, temporal_server)
    files = texts(course=COURSE, receipt=COURSE.replace("marketing", "transactional").replace("signed_up", "purchased"))
    publish(options, files)
    async with whole(options) as it:
        await live(it)
        await erase(it)
        await it.tell(
            known("Zoe.Marker", NUMBER.replace("+", "00"), "newcomer"), known("zoe.marker", "+4917600099", "n2")
        )
        await it.track("newcomer", "signed_up")
        await it.track("newcomer", "purchased")
        await it.track("n2", "purchased")
        await until(lambda: it.states() == ["accepted"])
        assert sorted(decided(it)) == ["erased", "no_permission", "no_permission"]
        assert [one.to for one in it.arrivals()] == ["+4917600099"]


async def test_a_planned_message_is_withheld_at_the_claim_when_its_address_was_erased_meanwhile(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    options = options_for(tmp_path, temporal_server)
    publish(options, texts(course=COURSE.replace("  - sms: hello\n    id: text\n", "")))
    async with whole(options) as it:
        await it.tell(known("zoe.marker", NUMBER), known("zoe.marker", NUMBER, "twin"))
        await it.change(pause)
        await it.track("twin", "signed_up")
        await until(lambda: it.states() == ["planned"])
        await erase(it)
        await it.change(lambda connection, now: channels.resume(connection, Channel.EMAIL))
        await until(lambda: it.states() == ["withheld"])
        reason = it.database.read(lambda connection: connection.execute(select(message.c.reason)).scalar_one())
        assert reason == "erased"


async def test_late_news_of_her_messages_is_taken_and_forgotten(temporal_server: DevServer, tmp_path: Path) -> None:
    options = options_for(tmp_path, temporal_server)
    publish(options, texts(course=COURSE))
    async with whole(options) as it:
        await live(it)
        sent = it.database.read(lambda connection: connection.execute(select(message.c.public_id)).scalars().all())
        await erase(it)
        hearing = it.running.parts.hearing()
        for kind in (DeliveryEvent.DELIVERED, DeliveryEvent.CLICKED, DeliveryEvent.COMPLAINED):
            told = [Told("sendgrid", f"{kind}-{one}", kind, f"{one}.1", datetime.now(UTC)) for one in sent]
            assert await asyncio.to_thread(hearing.told, told) == 0
        assert it.database.read(lambda connection: connection.execute(select(provider_event)).first()) is None
        assert it.database.read(lambda connection: connection.execute(select(customer.c.id)).first()) is None


async def test_events_that_come_while_she_goes_bring_nobody_back_but_a_new_customer(
    temporal_server: DevServer, tmp_path: Path, url: str
) -> None:
    options = options_for(tmp_path, temporal_server, database=url)
    publish(options, texts(course=COURSE))
    async with whole(options) as it:
        await live(it)
        erasing = asyncio.create_task(erase(it))
        number = 0
        while not erasing.done():
            with suppress(Locked):  # as whoever sends events is told: try again
                await it.track(ZOE, "came_back", number=number)
            number += 1
            await asyncio.sleep(0.02)
        assert (await erasing).removed["event"] >= 2
        await it.track(ZOE, "came_back", number=number)
        await until(lambda: is_settled(it))
        her = it.database.read(lambda connection: person.find(connection, ZOE))
        assert her is not None
        assert (her.emails, her.phones, her.names) == (frozenset(), frozenset(), frozenset())
        assert it.arrivals() == ()


async def test_a_message_in_flight_is_waited_for_and_both_providers_are_asked_to_forget(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    with StandIn(SECRETS) as stand_in:
        options = provided(options_for(tmp_path, temporal_server, pace=PATIENT), stand_in)
        publish(options, texts(course=COURSE))
        slow = Fault(kind=FaultKind.ACCEPT_SLOWLY, provider=Provider.TWILIO, seconds=1.5)
        stand_in.misbehave(slow)
        async with whole(options) as it:
            await it.tell(known("zoe.marker", NUMBER))
            await it.track(ZOE, "signed_up")
            await until(lambda: sorted(it.states()) == ["accepted", "sending"])
            report = await erase(it)
            assert report.is_whole
            assert [(one.provider, one.done, one.left, one.unknown) for one in report.asked] == [
                ("sendgrid", 1, (), 0),
                ("twilio", 1, (), 0),
            ]
        taken = stand_in.accepted()
        assert sorted(one.to for one in taken) == ["", ""]


@asynccontextmanager
async def carried(temporal_server: DevServer, folder: Path) -> AsyncIterator[tuple[Whole, StandIn]]:
    """Zoe's messages were taken by both providers."""
    with StandIn(SECRETS) as stand_in:
        options = provided(options_for(folder, temporal_server), stand_in)
        publish(options, texts(course=COURSE))
        async with whole(options) as it:
            await it.tell(known("zoe.marker", NUMBER))
            await it.track(ZOE, "signed_up")
            await until(lambda: it.states() == ["accepted", "accepted"])
            yield it, stand_in


async def test_what_a_provider_does_not_forget_is_asked_for_again_before_her_rows_go(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with carried(temporal_server, tmp_path) as (it, stand_in):
        refusing = Fault(kind=FaultKind.ERROR, on=Operation.LOOK_UP, status=503, times=2)
        stand_in.misbehave(refusing)
        report = await erase(it)
        rows = it.database.read(lambda connection: person.find(connection, ZOE))
        assert (report.halted, report.removed, rows is not None) == (True, {}, True)
        stand_in.misbehave(refusing)
        assert (await erase(it, go_on=True)).removed["customer"] == 1
        sid = next(one.provider_id for one in stand_in.accepted() if one.provider is Provider.TWILIO)
        assert not report.is_whole
        assert [one.left for one in report.asked] == [(("address", "503"),), ((sid, "503"),)]


async def test_a_provider_that_answers_again_lets_an_erasure_come_to_its_end(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with carried(temporal_server, tmp_path) as (it, stand_in):
        stand_in.misbehave(Fault(kind=FaultKind.ERROR, on=Operation.LOOK_UP, status=503, times=1))
        assert (await erase(it)).halted
        report = await erase(it)
        assert (report.is_whole, [one.left for one in report.asked]) == (True, [(), ()])


async def test_killed_at_any_point_and_run_again_it_ends_the_same(temporal_server: DevServer, tmp_path: Path) -> None:
    options = options_for(tmp_path / ".sojourn", temporal_server)
    publish(options, files := texts(course=COURSE))
    write(tmp_path, files)
    async with whole(options) as it:
        names = [f"victim.{at}.of.kills" for at in range(len(POINTS))]
        await live(it, *names)
        for name, point in zip(names, POINTS, strict=True):
            status, _, _ = await command(tmp_path, temporal_server, name, f"{point}:exit")
            assert status == KILLED, point
            status, out, err = await command(tmp_path, temporal_server, name)
            told = json.loads(out or "{}")
            if point == "erase.after_remove":  # and before it had looked: her id alone is known then
                assert (status, told["before"]["left"], told["proof"]["traces"]) == (1, None, []), (out, err)
            else:
                assert (status, told.get("is_whole")) == (0, True), (point, out, err)
        assert len(it.arrivals()) == 2
        left = it.database.read(lambda connection: connection.execute(select(customer.c.external_id)).scalars().all())
        assert left == [ZOE]
        assert it.reasons() == [None]
    for file in tmp_path.rglob("*"):
        assert b"of.kills" not in (file.read_bytes() if file.is_file() else b""), file


async def test_where_the_engine_does_not_run_its_own_server_is_woken_for_it(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    state = tmp_path / ".sojourn"
    options = replace(options_for(state, temporal_server), temporal=None)
    publish(options, files := texts(course=COURSE))
    write(tmp_path, files)
    async with whole(options) as it:
        await live(it)
    status, out, err = await command(tmp_path, None, ZOE)
    assert status == 0, (out, err)
    report = json.loads(out)
    assert (report["runs"], report["proof"]["runs"]) == ({"found": 1, "terminated": 1}, 1)
    with closing(Mailbox(state / "mailbox.db")) as mailbox:
        assert mailbox.arrivals() == ()
    status, _, err = await command(tmp_path, None, "somebody-else")
    assert (status, "found no customer 'somebody-else'" in err) == (2, True)


def run_of(it: Whole, name: str) -> WorkflowHandle[Any, Any]:
    """The run of a customer's one enrollment."""
    asked = select(enrollment.c.public_id).join(customer, customer.c.id == enrollment.c.customer_id)
    one = it.database.read(lambda connection: connection.execute(asked.where(customer.c.external_id == name)).scalar())
    return it.running.client.get_workflow_handle(workflow_id(str(one)))


def decided(it: Whole) -> list[str]:
    """Why the newcomer was not let in, or not written to."""
    asked = select(decision.c.detail).where(decision.c.decided.in_(("withheld", "not_entered")))
    return [one["why"] for one in it.database.read(lambda connection: connection.execute(asked).scalars().all())]


def is_settled(it: Whole) -> bool:
    """Is nothing waiting?"""
    asked = select(event.c.id).where(event.c.settled_order.is_(None))
    return it.database.read(lambda connection: connection.execute(asked).first()) is None


def pause(connection: Connection, now: datetime) -> None:
    """Nothing goes out by e-mail."""
    channels.pause(connection, Channel.EMAIL, "by a test", now)
