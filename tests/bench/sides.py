"""The two sides of the race: Sojourn as it runs, and the bare workflow; each on queues of its own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from jinja2 import Environment
from sqlalchemy import func, select
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from channels.outbound.mailbox import MailboxEmail, build_email
from channels.outcomes import Accepted
from channels.protocol import EmailContent
from engine.facts import Event
from engine.words import EventKind, MessageState
from records import customers, events, releases
from records.imports import import_customers
from records.schema import migrate
from records.tables import message
from tests.bench import cast
from tests.bench.bare import WAIT_SECONDS, BareWorkflow, Send
from workers.clocks import Wall
from workers.handover import AT_ONCE
from workers.relay import Relay
from workers.wiring import Options, Parts, parts

RATE = 60 / WAIT_SECONDS
"""A journey's shortest wait is a minute; at this rate it takes as long as the bare workflow's."""

PLACES = 50


class Side(Protocol):
    """What carries customers through two messages."""

    async def know(self, numbers: Iterable[int]) -> None:
        """Has these customers in its tables; not part of the race."""

    async def enter(self, numbers: Iterable[int]) -> None:
        """Lets them in."""

    async def sent(self) -> int:
        """How many messages have arrived."""


@dataclass(frozen=True, slots=True)
class Hurried:
    """Business time that is real time, faster."""

    begun: datetime
    real: Wall

    def now(self) -> datetime:
        """Where it is by now."""
        return self.at(self.real.now())

    def look_at(self, due_at: datetime) -> datetime:
        """The real moment of a business instant."""
        return max(self.begun + (due_at - self.begun) / RATE, self.real.now()) + timedelta(milliseconds=1)

    def at(self, real: datetime) -> datetime:
        """The business instant of a real moment."""
        return self.begun + (real - self.begun) * RATE

    def late(self, instant: datetime, noticed: datetime) -> timedelta:
        """Since it was noticed."""
        return self.real.now() - noticed

    @property
    def slack(self) -> timedelta:
        """None: every message of the bench goes."""
        return timedelta()


@dataclass(frozen=True, slots=True)
class Engine:
    """Sojourn: its workers, relay and sweep in this process."""

    parts: Parts
    relay: Relay

    async def know(self, numbers: Iterable[int]) -> None:
        """Imports them as history and waits until each has been settled once."""
        database, business = self.parts.database, self.parts.business
        made = [cast.customer(number) for number in numbers]
        await asyncio.to_thread(lambda: list(import_customers(database, made, business.now())))
        self.relay.nudge()
        await until(lambda: not database.read(lambda one: customers.due(one, business.now(), datetime.now(UTC), 1)))

    async def enter(self, numbers: Iterable[int]) -> None:
        """An event for each."""
        now = self.parts.business.now()
        arrivals = [
            (f"c{number}", Event(str(uuid4()), EventKind.TRACK, "signed_up", now, now, {})) for number in numbers
        ]
        await asyncio.to_thread(self.parts.database.write, lambda connection: events.ingest(connection, arrivals))
        self.relay.nudge()

    async def sent(self) -> int:
        """As the ledger has it."""
        asked = select(func.count()).where(message.c.state == MessageState.ACCEPTED)
        return await asyncio.to_thread(
            self.parts.database.read, lambda connection: connection.execute(asked).scalar_one()
        )


@dataclass(frozen=True, slots=True)
class Bare:
    """The workflow written by hand, with a table of customers to look into."""

    client: Client
    queue: str
    file: Path
    mailbox: MailboxEmail
    words: tuple[Callable[..., str], Callable[..., str]]
    count: list[str]

    async def know(self, numbers: Iterable[int]) -> None:
        """A row for each."""
        rows = [(f"c{number}", f"Ada {number}", cast.address(number), "plus") for number in numbers]
        with closing(sqlite3.connect(self.file)) as database, database:
            database.execute("create table if not exists customer (id text primary key, first_name, email, plan)")
            database.executemany("insert into customer values (?, ?, ?, ?)", rows)

    async def enter(self, numbers: Iterable[int]) -> None:
        """A start for each, as many at once as the relay makes."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def start(number: int) -> None:
            async with gate:
                await self.client.start_workflow(
                    BareWorkflow.run, f"c{number}", id=f"{self.queue}-{uuid4()}", task_queue=self.queue
                )

        await asyncio.gather(*map(start, numbers))

    async def sent(self) -> int:
        """As it was counted."""
        return len(self.count)

    @activity.defn
    async def deliver(self, send: Send) -> None:
        """Renders and submits to the same mailbox."""
        _, first_name, email, plan = await asyncio.to_thread(self._row, send.customer)
        facts = {"customer": {"first_name": first_name, "plan": plan}, "links": {"unsubscribe": "http://127.0.0.1/u"}}
        subject, body = (template(facts) for template in self.words)
        content = EmailContent(cast.FROM, email, subject, body, str(uuid4()), datetime.now(UTC))
        if not isinstance(await self.mailbox.submit(content, timedelta(seconds=20)), Accepted):
            raise RuntimeError("not accepted")
        self.count.append(send.customer)

    @activity.defn
    def look_up(self, customer: str) -> str:
        """The customer's plan."""
        return self._row(customer)[3]

    def _row(self, customer: str) -> tuple[str, str, str, str]:
        with closing(sqlite3.connect(self.file)) as database:
            row: tuple[str, str, str, str] = database.execute(
                "select id, first_name, email, plan from customer where id = ?", (customer,)
            ).fetchone()
            return row


@asynccontextmanager
async def engine(client: Client, folder: Path, queue: str, journey: str) -> AsyncIterator[Engine]:
    """Sojourn, running."""
    options = Options(folder, f"sqlite:///{folder / 'sojourn.db'}", queue=queue)
    migrate(options.database)
    async with AsyncExitStack() as stack:
        made = parts(options)
        stack.push_async_callback(made.close)
        made.database.write(lambda one: releases.publish(one, cast.release(journey), datetime.now(UTC)))
        made.settlement = replace(made.settlement, business=Hurried(datetime.now(UTC), Wall()))
        for worker in made.workers(client):
            await stack.enter_async_context(worker)
        relay = made.relay(client)
        stack.push_async_callback(
            _end, [asyncio.create_task(relay.run()), asyncio.create_task(made.sweep(client).run())]
        )
        yield Engine(made, relay)


@asynccontextmanager
async def bare(client: Client, folder: Path, queue: str) -> AsyncIterator[Bare]:
    """The bare workflow's worker, running, with as many places as ours has."""
    environment = Environment(autoescape=False)  # noqa: S701  plain text
    words = (environment.from_string(cast.SUBJECT).render, environment.from_string(cast.BODY).render)
    side = Bare(client, queue, folder / "bare.db", build_email({"state": str(folder)}), words, [])
    with ThreadPoolExecutor(PLACES) as threads:
        async with Worker(
            client,
            task_queue=queue,
            workflows=[BareWorkflow],
            activities=[side.deliver, side.look_up],
            activity_executor=threads,
            workflow_runner=SandboxedWorkflowRunner(SandboxRestrictions.default.with_passthrough_modules("tests")),
            max_concurrent_workflow_tasks=16,
            max_concurrent_activities=PLACES,
        ):
            yield side
    await side.mailbox.close()


async def _end(loops: list[asyncio.Task[None]]) -> None:
    for loop in loops:
        loop.cancel()
    await asyncio.wait(loops)


async def until(true: Callable[[], object]) -> None:
    """Waits for something that must come, within ten minutes."""
    async with asyncio.timeout(600):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.05)
