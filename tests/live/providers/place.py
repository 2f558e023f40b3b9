"""A Sojourn whose providers are a stand-in, and whose processes fail: seen, fed and looked after from outside."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import httpx
from sqlalchemy import Connection, func, select

from channels.standin.faults import FaultKind
from channels.standin.server import StandIn
from channels.standin.webhooks import Webhooks
from engine.words import Channel, EventKind
from records import health
from records.database import START, Database, outwait
from records.errors import RecordsError
from records.ledger import channels
from records.tables import enrollment
from tests.live.providers.cases import JOURNEYS
from tests.live.providers.forked import Forked, Mother
from tests.live.providers.traps import Traps
from tests.workers.whole import consenting, options_for, publish, store, texts
from workers.devserver import DevServer
from workers.pace import Pace
from workers.wiring import Carrier, Options

T = TypeVar("T")
LOOPBACK: Final = "127.0.0.1"
PUBLIC: Final = "https://acme.example"
LOOK_SECONDS: Final = 0.3
STALL_SECONDS: Final = 3.5
CROWD: Final = 3
"""Processes at most that are left beside each other."""
WAKING_SECONDS: Final = 1.5
"""How long somebody who was stopped may still be at what he was at."""
PACE: Final = Pace(
    submit=timedelta(seconds=1),
    attempt=timedelta(seconds=1.5),
    lease=timedelta(seconds=2),
    doubt=timedelta(seconds=0.3),
    give_up=timedelta(seconds=1.5),
    attempts=20,
    overdue=timedelta(seconds=2),
    poll=timedelta(seconds=0.3),
    sweep=timedelta(seconds=0.3),
    paused=timedelta(seconds=0.5),
)
"""A machine that is slow makes doubts of its own: what is tried again is tried until it is through."""
STORM: Final = replace(PACE, attempt=timedelta(seconds=2), lease=timedelta(seconds=2.5), give_up=timedelta(seconds=10))


@dataclass(slots=True)
class Process:
    """A worker, where it is heard, since when it is stopped, and when it was woken again."""

    worker: Forked
    port: int
    stopped_at: float | None = None
    woken_at: float | None = None

    @property
    def is_waking(self) -> bool:
        """Whether he may still be at what he was at."""
        return self.woken_at is not None and time.monotonic() - self.woken_at < WAKING_SECONDS


class Place:
    """`traps` is where its processes fail. Somebody is always at work: whoever dies or is stopped has a successor."""

    def __init__(self, options: Options, stand_in: StandIn, traps: Traps, mother: Mother) -> None:
        self.options = options
        self._mother = mother
        self.stand_in = stand_in
        self.traps = traps
        self.webhooks = Webhooks(public=PUBLIC, tries=10)
        self.failures = 0
        self._silent = False
        publish(options, texts(**JOURNEYS))
        self.database = Database(options.database, timedelta(seconds=1))
        self._processes: list[Process] = []
        self._started = 0

    def __enter__(self) -> Self:
        self._start(free_port())
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self.database.close()

    def end(self) -> None:
        """Nobody is at work any more."""
        for process in self._processes:
            process.worker.kill()
        self._processes.clear()

    def listen(self, *, silent: bool = False, **changed: Any) -> None:
        """From now on webhooks come like this, or none of what is taken from now on."""
        self.webhooks, self._silent = self.webhooks.model_copy(update=changed), silent
        self.stand_in.listen(self.webhooks.model_copy(update={"url": ""}) if silent else self.webhooks)

    def repeat(self) -> int:
        """Has everything told again that ever became of what was taken. Gives how many webhooks that were."""
        statuses = httpx.post(f"{self.stand_in.url}/stand-in/repeat", timeout=3000).json()["statuses"]
        assert set(statuses) <= {204}, Counter(statuses)
        return len(statuses)

    async def attended(self, work: Callable[[], T]) -> T:
        """Does something in a thread; whoever dies meanwhile has a successor."""
        done = asyncio.ensure_future(asyncio.to_thread(work))
        while not done.done():
            await asyncio.sleep(LOOK_SECONDS)
            self.relieve()
        return await done

    def happens(self, customer: str, phone: str, event: str) -> None:
        """Somebody new does something."""
        known = {**consenting(customer), "phone": phone}
        said: list[tuple[EventKind, str, dict[str, Any]]] = [(EventKind.IDENTIFY, "", known)]
        said.append((EventKind.TRACK, event, {}))
        told = [(customer, *one) for one in said]
        outwait(lambda: store(self.database, datetime.now(UTC), *told), START, lambda: None)

    async def until(self, true: Callable[[], bool], seconds: float = 300) -> None:
        """Until something happens that must, whoever dies or is stopped meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                self.relieve()
                while not await asyncio.to_thread(self._looks, true):
                    await asyncio.sleep(LOOK_SECONDS)
                    self.relieve()
        except TimeoutError:
            said = "\n".join(process.worker.said()[-3000:] for process in self._processes)
            raise AssertionError(f"it did not come: {self.left_to_do()}\n{said}") from None

    async def until_quiet(self, seconds: float = 300) -> None:
        """Until nothing is left to be done, and one process is left."""
        await self.until(lambda: self.is_quiet, seconds)
        for process in self._processes[:-1]:
            self._end(process)

    def kill(self) -> None:
        """kill -9 of the one at work, wherever that is; it has a successor."""
        fallen = self._processes.pop()
        fallen.worker.kill()
        self._fail(fallen.port)

    def stall(self) -> None:
        """Stops the one at work, wherever that is."""
        self._processes[-1].worker.stall()

    def relieve(self) -> None:
        """Starts successors, wakes whoever was stopped for long enough, and ends him where there are too many."""
        for process in list(self._processes):
            if process.worker.was_killed:
                self._end(process)
                self._fail(process.port)
            elif process.woken_at is not None and not process.worker.is_stopped:
                if not process.is_waking and len(self._processes) > CROWD:
                    self._end(process)
            elif process.stopped_at is not None:
                if time.monotonic() - process.stopped_at > STALL_SECONDS:
                    process.worker.go_on()
                    process.stopped_at, process.woken_at = None, time.monotonic()
            elif process.worker.is_stopped:
                process.stopped_at = time.monotonic()
                self._fail(free_port())

    @property
    def is_at_work(self) -> bool:
        """Whether the one who came last has begun."""
        return self._processes[-1].worker.is_at_work

    @property
    def is_stalled(self) -> bool:
        """Whether somebody is stopped, or was until a moment ago."""
        return any(one.stopped_at is not None or one.is_waking for one in list(self._processes))

    @property
    def is_settled(self) -> bool:
        """Whether whatever has happened is acted upon, though not all of it may have been sent."""
        return not self.left_to_do().get("events")

    @property
    def is_quiet(self) -> bool:
        """Whether everybody is awake and nothing is left to be done."""
        return not (self.is_stalled or self.left_to_do())

    def left_to_do(self) -> dict[str, int]:
        """What is not done yet."""
        left = {"webhooks": self.stand_in.pending, "late": self._late(), **self.database.read(_left_to_do)}
        return {name: number for name, number in left.items() if number}

    def _looks(self, true: Callable[[], bool]) -> bool:
        """Whether it is so; channels that a denial has paused are resumed, as by an operator."""
        try:
            if self.database.read(health.paused_channels):
                self.database.write(channels.resume_denied)
            return true()
        except RecordsError:  # somebody was stopped who holds the lock
            return False

    def _late(self) -> int:
        """What the stand-in is still to take. A look-up may be met by the same fault, and brings nothing."""
        submits = (one for one in self.stand_in.requests() if one.correlation)
        announced = Counter(one.fault for one in submits)[FaultKind.ACCEPT_LATE]
        return announced - Counter(one.fault for one in self.stand_in.accepted())[FaultKind.ACCEPT_LATE]

    def _end(self, process: Process) -> None:
        process.worker.kill()
        self._processes.remove(process)

    def _fail(self, port: int) -> None:
        self.failures += 1
        self._start(port)

    def _start(self, port: int) -> None:
        self._started += 1
        options = replace(self.options, public_url=f"http://{LOOPBACK}:{port}")
        log = options.state / f"worker{self._started}.log"
        self._processes.append(Process(self._mother.fork(options, log, self.traps.setting), port))
        self.listen(silent=self._silent, url=options.public_url)


def _left_to_do(connection: Connection) -> dict[str, int]:
    living = select(func.count()).where(enrollment.c.left_at.is_(None))
    return {
        "enrollments": connection.execute(living).scalar_one(),
        "events": health.unsettled(connection, datetime.now(UTC)).number,
        "bells": health.bells(connection).number,
        "unsent": health.unsent(connection).number,
        "in doubt": health.in_doubt(connection).number,
    }


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        return int(one.getsockname()[1])


def options_at(folder: Path, server: DevServer, stand_in: StandIn, database: str, pace: Pace = PACE) -> Options:
    """Both channels through the stand-in."""
    secrets = stand_in.secrets
    mail = {"api_key": secrets.sendgrid_key, "webhook_key": stand_in.public_key}
    sms = {"account_sid": secrets.twilio_account, "auth_token": secrets.twilio_token, "public_url": PUBLIC}
    return options_for(
        folder,
        server,
        database=database,
        carriers={
            Channel.EMAIL: Carrier("sendgrid", {**mail, "host": stand_in.url}),
            Channel.SMS: Carrier("twilio", {**sms, "host": stand_in.url}),
        },
        live=True,
        pace=pace,
    )
