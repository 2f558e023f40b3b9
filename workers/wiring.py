"""The one place where the parts are made and joined: adapters, database, clocks, activities."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from channels.protocol import Channel as Carried
from channels.protocol import Option
from channels.registry import MAILBOX, adapter
from engine.words import Channel
from records.database import CONNECTIONS, Database
from records.privacy import erased
from workers.catalogs import LiveCatalogs
from workers.clocks import BusinessClock, RealTime, TimeLapse, Wall
from workers.clocks.heart import Heart
from workers.decide import Deciding
from workers.enrollment import JourneyWorkflow
from workers.erasure.erasing import Erasing
from workers.guard import CodesOnly
from workers.handover import Handover
from workers.ledger.claiming import Claiming
from workers.ledger.deliver import Delivery, Outlet
from workers.ledger.hearing import Hearing
from workers.ledger.meter import Meter
from workers.ledger.sweep import Sweep
from workers.ledger.writing import Writer
from workers.links import KEPT_IN, Links, Targets, kept_secret
from workers.moves import QUEUE, channel_queue
from workers.pace import Pace
from workers.relay import Relay
from workers.settlement import Settlement

DAY = timedelta(days=1)


class AnotherKey(Exception):
    """The secret is not the one under which customers were erased; `lost` counts what it does not know again."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        super().__init__(lost)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who carries a channel, with its options, and how many messages, or parts, a second; None: as many as can."""

    adapter: str = MAILBOX
    options: Mapping[str, Option] = field(default_factory=dict, repr=False)
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What a running Sojourn is made of. `state` is its folder; `temporal` an address, None for a server of its own.

    A channel without a carrier goes to the mailbox. Rates hold for all processes together, and each of the `processes`
    keeps its share of the parts of text messages. `time_lapse` is the real time that a business day takes,
    None for real time. `public_url` is where customers and providers reach the API. `secret` signs the links in
    messages; without one it is kept in `state`. `ui_port` is the own server's Web UI, 0 for any port.
    Where several processes run, one relay is enough: the others may set `relays` to False.
    """

    state: Path
    database: str
    temporal: str | None = None
    namespace: str = "default"
    queue: str = QUEUE
    carriers: Mapping[Channel, Carrier] = field(default_factory=dict)
    live: bool = False
    allow: tuple[str, ...] = ()
    processes: int = 1
    time_lapse: timedelta | None = None
    public_url: str = "http://127.0.0.1:8026"
    secret: bytes = field(default=b"", repr=False)
    ui_port: int | None = 0
    relays: bool = True
    pace: Pace = field(default_factory=Pace)

    def carrier(self, channel: Channel) -> Carrier:
        """Who carries a channel."""
        return self.carriers.get(channel, Carrier())


@dataclass(slots=True)
class Parts:
    """The parts that need no Temporal: what the command line uses by itself, and what workers are made of."""

    options: Options
    database: Database
    settlement: Settlement
    outlets: Mapping[Channel, Outlet]
    links: Links
    heart: Heart | None
    deliveries: ThreadPoolExecutor
    threads: ThreadPoolExecutor

    @property
    def business(self) -> BusinessClock:
        """The business clock."""
        return self.settlement.business

    def workers(self, client: Client) -> list[Worker]:
        """A worker for the runs, and one for each channel's deliveries."""
        deciding, delivery = Deciding(self.settlement), self._delivery()
        runs = Worker(
            client,
            task_queue=self.options.queue,
            workflows=[JourneyWorkflow],
            activities=[deciding.decide, deciding.force_exit],
            activity_executor=self.threads,
            workflow_runner=UnsandboxedWorkflowRunner(),
            interceptors=[CodesOnly()],
            max_concurrent_workflow_tasks=16,
            max_concurrent_local_activities=CONNECTIONS,
            max_concurrent_activities=CONNECTIONS,
        )
        return [runs, *(self._channel_worker(client, channel, delivery) for channel in self.outlets)]

    def relay(self, client: Client) -> Relay:
        """The relay."""
        pace = self.options.pace
        handover = Handover(client, round(pace.attempt.total_seconds()), self.options.queue)
        return Relay(self.settlement, handover, pace, self.threads)

    def sweep(self, client: Client) -> Sweep:
        """The sweep."""
        settlement = self.settlement
        return Sweep(
            self.database, settlement.business, settlement.real, self.outlets, client, self.options.pace, self.threads
        )

    def hearing(self) -> Hearing:
        """What listens to providers."""
        return Hearing(self.database, self.settlement.business, self.settlement.real, self.links.hashing)

    def check_key(self) -> None:
        """Raises AnotherKey where customers were erased under another secret: whom not to write to is not known."""
        lost = self.database.read(lambda connection: erased.under_another_key(connection, self.links.hashing))
        if lost:
            raise AnotherKey(lost)

    def erasing(self, client: Client | None, patience: timedelta) -> Erasing:
        """What erases customers; `patience` is what a run gets to end by itself."""
        clocks, state = (self.settlement.business, self.settlement.real), self.options.state
        hashing = self.links.hashing
        return Erasing(self.database, *clocks, hashing, self.outlets, client, patience, state, self.threads)

    async def close(self) -> None:
        """Gives everything back."""
        for outlet in self.outlets.values():
            await outlet.adapter.close()
        self.deliveries.shutdown()
        self.threads.shutdown()
        self.database.close()

    def _delivery(self) -> Delivery:
        settlement, pace = self.settlement, self.options.pace
        claiming = Claiming(
            self.database, settlement.catalogs, settlement.business, settlement.real, pace, self.links.hashing
        )
        return Delivery(claiming, self.outlets, Writer(self.links), pace, self.deliveries)

    def _channel_worker(self, client: Client, channel: Channel, delivery: Delivery) -> Worker:
        return Worker(
            client,
            task_queue=channel_queue(self.options.queue, channel.value),
            activities=[delivery.deliver],
            interceptors=[CodesOnly()],
            max_concurrent_activities=50,
            max_task_queue_activities_per_second=self.options.carrier(channel).per_second,
            graceful_shutdown_timeout=self.options.pace.attempt,
        )


def parts(options: Options) -> Parts:
    """Everything but Temporal, made and joined."""
    database, real = Database(options.database), Wall()
    threads = ThreadPoolExecutor(CONNECTIONS + 4, "sojourn")
    lapsed = options.time_lapse
    heart = Heart(database, real, DAY / lapsed, threads) if lapsed else None
    business: BusinessClock = TimeLapse(database, real) if lapsed else RealTime(real)
    links = Links(options.public_url, options.secret or kept_secret(options.state / KEPT_IN), Targets(database))
    settlement = Settlement(database, LiveCatalogs(database), business, real, links.hashing)
    deliveries = ThreadPoolExecutor(CONNECTIONS, "sojourn-ledger")
    outlets = {channel: _outlet(options, channel) for channel in Channel}
    return Parts(options, database, settlement, outlets, links, heart, deliveries, threads)


def _outlet(options: Options, channel: Channel) -> Outlet:
    carrier = options.carrier(channel)
    own = {"state": str(options.state)} if carrier.adapter == MAILBOX else carrier.options
    rate = carrier.per_second
    meter = Meter(rate / options.processes, Wall()) if rate and channel is not Channel.EMAIL else None
    made = adapter(Carried(channel), carrier.adapter, own)
    return Outlet(carrier.adapter, made, options.allow, options.live, meter)
