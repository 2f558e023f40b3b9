"""One Sojourn seen from outside: its database, its mailbox as the ground truth, and the process that a test kills."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, func, select
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from channels.mailbox.store import Mailbox
from engine.words import MessageState, Purpose
from records import health, releases
from records.database import Database
from records.errors import RecordsError
from records.imports import import_customers, import_events
from records.journal import export_log
from records.schema import migrate
from records.tables import customer, enrollment, message
from tests.live.story import Story
from tests.live.worker import WorkerProcess
from workers.clocks import NeverStarted, TimeLapse, Wall
from workers.handover import workflow_id
from workers.wiring import Options

LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Sent:
    """A message in the ledger, beside how often it arrived."""

    id: str
    purpose: Purpose
    state: MessageState
    reason: str
    possible_duplicate: bool
    arrived: int


class Site:
    """A place where a story is lived. `outside` is a mailbox that a provider outside of the process fills."""

    def __init__(self, options: Options, story: Story, outside: Mailbox | None = None) -> None:
        self.options = options
        self.story = story
        options.state.mkdir(parents=True, exist_ok=True)
        migrate(options.database)
        self.database = Database(options.database)
        self.worker = WorkerProcess(options)
        self._mailboxes = [Mailbox(options.state / "mailbox.db"), *([outside] if outside else [])]
        self._workers = [self.worker]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()
        self.database.close()
        self._mailboxes[0].close()

    def another_worker(self, **changed: Any) -> WorkerProcess:
        """A second process on the same database and queues."""
        self._workers.append(WorkerProcess(replace(self.options, **changed), f"worker{len(self._workers) + 1}"))
        return self._workers[-1]

    def prepare(self) -> None:
        """Publishes the project and brings in the lives, which are still to be lived."""
        self.database.write(lambda connection: releases.publish(connection, self.story.release, datetime.now(UTC)))
        for _ in import_customers(self.database, self.story.fresh(), datetime.now(UTC), replay=True):
            pass
        for _ in import_events(self.database, self.story.events, replay=True):
            pass

    async def until(self, true: Callable[[], object], seconds: float = 120, failing: str | None = "") -> None:
        """Waits for something that must come, restarting what a fail point has killed; None: nothing is restarted."""
        try:
            async with asyncio.timeout(seconds):
                while not await asyncio.to_thread(self._looks, true):
                    for worker in self._workers if failing is not None else ():
                        worker.keep_alive(failing or "")
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise AssertionError(f"it did not come: {self.plight()}\n{self.worker.said()[-6000:]}") from None

    def drained(self) -> bool:
        """Whether the story is over and nothing is left to be done."""
        return self._is_over() and not self._left_to_do()

    def business_now(self) -> datetime:
        """Where the clock of the story is."""
        return TimeLapse(self.database, Wall()).now()

    def log(self) -> list[str]:
        """What was decided in the story."""
        return self.story.told(self.database.read(lambda connection: list(export_log(connection))))

    def ledger(self) -> list[Sent]:
        """Every message, and how often it arrived."""
        arrived, asked = self.arrivals(), select(
            message.c.public_id, message.c.purpose, message.c.state, message.c.reason, message.c.possible_duplicate
        ).order_by(message.c.id)  # fmt: skip
        rows = self.database.read(lambda connection: connection.execute(asked).all())
        return [Sent(*row, arrived[row[0]]) for row in rows]

    def arrivals(self) -> Counter[str]:
        """How often each message arrived, by its id."""
        return Counter(
            one.correlation.rpartition(".")[0] for box in self._mailboxes for one in box.arrivals(limit=1_000_000)
        )

    def runs(self, client: Client) -> list[WorkflowHandle[Any, Any]]:
        """The runs of all enrollments."""
        asked = select(enrollment.c.public_id).order_by(enrollment.c.id)
        ids = self.database.read(lambda connection: connection.execute(asked).scalars().all())
        return [client.get_workflow_handle(workflow_id(one)) for one in ids]

    async def statuses(self, client: Client) -> set[WorkflowExecutionStatus | None]:
        """How the newest runs of all enrollments stand."""
        return {(await run.describe()).status for run in self.runs(client)}

    def plight(self) -> dict[str, object]:
        """What is still to be done, for whoever has to find out why."""
        counted = select(message.c.state, message.c.reason, func.count()).group_by(message.c.state, message.c.reason)
        states = self.database.read(lambda connection: [tuple(row) for row in connection.execute(counted)])
        return {"left": self._left_to_do(), "states": states}

    def _is_over(self) -> bool:
        try:
            return self.business_now() > self.story.until
        except NeverStarted:
            return False

    def _left_to_do(self) -> dict[str, int]:
        return self.database.read(lambda connection: _left_to_do(connection, self.story.until))

    def _looks(self, true: Callable[[], object]) -> bool:
        with suppress(RecordsError):
            return bool(true())
        return False


def _left_to_do(connection: Connection, until: datetime) -> dict[str, int]:
    found = {
        "enrollments": _count(connection, enrollment.c.left_at.is_(None), enrollment.c.due_at <= until),
        "rechecks": _count(connection, customer.c.recheck_at <= until),
        "events": health.unsettled(connection, until).number,
        "bells": health.bells(connection).number,
        "unsent": health.unsent(connection).number,
        "in doubt": health.in_doubt(connection).number,
    }
    return {name: number for name, number in found.items() if number}


def _count(connection: Connection, *which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(*which)).scalar_one()
