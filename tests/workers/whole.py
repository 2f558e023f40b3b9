"""A whole Sojourn on the suite's Temporal server: journeys in YAML, a database and a mailbox of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select
from temporalio.client import WorkflowHandle

from channels.mailbox.store import Arrival, Mailbox
from engine.facts import Event
from engine.language.project import load_release
from engine.words import EventKind
from records import events, releases
from records.database import Database
from records.schema import migrate
from records.tables import enrollment, message
from workers.devserver import DevServer
from workers.handover import workflow_id
from workers.pace import Pace
from workers.running import Running, running
from workers.wiring import Options

POLICY = """
zone: Europe/Berlin
postal_address: Acme GmbH, Hauptstr. 1, 10115 Berlin
senders: {default: {name: Ada at Acme, email: hello@acme.example, number: "+4915112345678"}}
topics: {tips: {about: Tips}}
"""
LIFECYCLE = "start: awareness\nstages:\n  awareness: {about: knows us}\n"
QUICK = Pace(
    submit=timedelta(seconds=2),
    attempt=timedelta(seconds=3),
    lease=timedelta(seconds=4),
    doubt=timedelta(seconds=1),
    overdue=timedelta(seconds=3),
    sweep=timedelta(milliseconds=300),
    paused=timedelta(seconds=1),
)


def texts(**journeys: str) -> dict[str, str]:
    """The files of a project with these journeys, and a template for each word they send."""
    made = {"journeys/policy.yaml": POLICY, "journeys/lifecycle.yaml": LIFECYCLE}
    made |= {f"journeys/any/{name}.yaml": text for name, text in journeys.items()}
    for name in ("hello", "later", "last"):
        made |= {
            f"templates/email/{name}/subject.txt": f"{name}, {{{{ customer.first_name }}}}",
            f"templates/email/{name}/body.txt": "Dear {{ customer.first_name }}: {{ links.unsubscribe }}",
            f"templates/sms/{name}/body.txt": "Dear {{ customer.first_name }}",
        }
    return made


def email_to(name: str) -> str:
    """Where a customer is written to."""
    return f"{name}@customers.example"


def consenting(name: str, **attributes: object) -> dict[str, Any]:
    """What is known of a customer who allows e-mail and SMS about tips."""
    return {
        "email": email_to(name),
        "phone": "+4915112345678",
        "attributes": {"first_name": name.title(), **attributes},
        "consent": {"email": ["tips"], "sms": ["tips"]},
    }


def store(database: Database, at: datetime, *told: tuple[str, EventKind, str, Mapping[str, Any]]) -> None:
    """Events that come in one after the other, the last one at `at`: whose, what kind, their name and what they say."""
    first = at - timedelta(milliseconds=len(told) - 1)
    arrivals = []
    for number, (whose, kind, name, said) in enumerate(told):
        when = first + timedelta(milliseconds=number)
        arrivals.append((whose, Event(str(uuid4()), kind, name, when, when, dict(said))))
    database.write(lambda connection: events.ingest(connection, arrivals))


@dataclass(frozen=True)
class Whole:
    """A Sojourn that runs, and what a test does to it."""

    running: Running
    mailbox: Mailbox

    @property
    def database(self) -> Database:
        """Its database."""
        return self.running.parts.database

    async def know(self, *names: str, **attributes: object) -> None:
        """Customers who allow e-mail and SMS about tips."""
        await self.tell(*((name, EventKind.IDENTIFY, "", consenting(name, **attributes)) for name in names))

    async def track(self, customer: str, name: str, **properties: object) -> None:
        """Something a customer did, now."""
        await self.tell((customer, EventKind.TRACK, name, properties))

    async def tell(self, *told: tuple[str, EventKind, str, Mapping[str, Any]]) -> None:
        """Any events, now."""
        now = await asyncio.to_thread(self.running.parts.business.now)
        await asyncio.to_thread(store, self.database, now, *told)
        self.running.relay.nudge()

    async def change(self, work: Callable[[Connection, datetime], Any]) -> None:
        """Any change of the database, at the business instant of now."""
        now = await asyncio.to_thread(self.running.parts.business.now)
        await asyncio.to_thread(self.database.write, lambda connection: work(connection, now))

    def arrivals(self, to: str | None = None) -> tuple[Arrival, ...]:
        """What has arrived, oldest first."""
        return tuple(reversed(self.mailbox.arrivals(to=to, limit=10_000)))

    def templates(self) -> list[str]:
        """The templates of what has arrived, oldest first."""
        return [arrival.template for arrival in self.arrivals()]

    def states(self) -> list[str]:
        """The states of all messages, oldest first."""
        return [
            state.value
            for state in self.database.read(
                lambda connection: connection.execute(select(message.c.state).order_by(message.c.id)).scalars().all()
            )
        ]

    def reasons(self) -> list[str | None]:
        """How each enrollment ended, oldest first; None while it lives."""
        asked = select(enrollment.c.reason).order_by(enrollment.c.id)
        found = self.database.read(lambda connection: connection.execute(asked).scalars().all())
        return [None if one is None else one.value for one in found]

    def runs(self) -> list[WorkflowHandle[Any, Any]]:
        """The runs of all enrollments, oldest first."""
        asked = select(enrollment.c.public_id).order_by(enrollment.c.id)
        ids = self.database.read(lambda connection: connection.execute(asked).scalars().all())
        return [self.running.client.get_workflow_handle(workflow_id(one)) for one in ids]


async def until(true: Callable[[], object], seconds: float = 150) -> None:
    """Waits for something that must come."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):
            await asyncio.sleep(0.03)


def options_for(folder: Path, server: DevServer, **changed: Any) -> Options:
    """A Sojourn in this folder on that server, on queues of its own, with short leases."""
    made = Options(
        folder,
        f"sqlite:///{folder / 'sojourn.db'}",
        temporal=server.address,
        queue=f"test-{uuid4()}",
        pace=QUICK,
    )
    return replace(made, **changed)


def publish(options: Options, files: Mapping[str, str]) -> None:
    """Publishes a project's files."""
    migrate(options.database)
    made, faults = load_release(files)
    assert made is not None, "\n".join(map(str, faults))
    with closing(Database(options.database)) as database:
        database.write(lambda connection: releases.publish(connection, made, datetime.now(UTC)))


@asynccontextmanager
async def whole(options: Options) -> AsyncIterator[Whole]:
    """Runs it."""
    async with running(options) as run:
        yield Whole(run, Mailbox(options.state / "mailbox.db"))
