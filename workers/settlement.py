"""One customer settled in one transaction: the same for the relay, to which an event came, and for decide."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection

from engine.catalog import Catalog
from engine.errors import Unsettled
from engine.settling.settle import settle
from records import customers
from records.customers import Loaded
from records.database import Database
from records.errors import DeadlinePassed, Locked, Unknown, Unreachable, Unreadable
from records.ledger.addresses import Hashing
from workers.clocks import BusinessClock, RealClock
from workers.failpoints import reach

LONGEST_SECONDS = 0.2

T = TypeVar("T")
Then = Callable[[Connection, Loaded, Catalog], T]


class Catalogs(Protocol):
    """Where the catalog of this moment is had."""

    def current(self, connection: Connection) -> Catalog:
        """The live release and the paused journeys, as the transaction sees them."""


@dataclass(frozen=True, slots=True)
class Settled(Generic[T]):
    """`more`: causes are left, come again. `said` is what was asked in the same transaction."""

    more: bool
    said: T


@dataclass(frozen=True, slots=True)
class Settlement:
    """Settles customers, in the order of their causes, by both clocks. `hashing` tells whom not to write to."""

    database: Database
    catalogs: Catalogs
    business: BusinessClock
    real: RealClock
    hashing: Hashing | None = None

    def settle(
        self, row: int, then: Then[T], *, quiet: str | None = None, urgent: bool = False, deadline: float | None = None
    ) -> Settled[T]:
        """Apply at most a hundred causes, or as many as go into a fifth of a second, and ask `then` what is left.

        `quiet` is the enrollment that asks by itself. Past the `deadline` (monotonic) nothing is changed.
        Raises Unsettled, by code, when the customer's causes cannot be applied; she is then tried later. Raises Unknown
        where she was erased meanwhile.
        """
        now = self.business.now()

        def work(connection: Connection) -> Settled[T]:
            until = monotonic() + LONGEST_SECONDS
            catalog = self.catalogs.current(connection)
            loaded = customers.load(connection, row, now, hashing=self.hashing)
            more = settle(loaded.customer, catalog, now, lambda: monotonic() < until)
            customers.save(connection, loaded, catalog, self.real.now(), quiet, self.business.slack)
            said = then(connection, loaded, catalog)
            reach("settle.before_commit")
            return Settled(more, said)

        try:
            settled = self.database.write(work, urgent=urgent, deadline=deadline)
        except (Locked, DeadlinePassed, Unknown, Unreachable, Unreadable):
            raise
        except Exception as error:  # noqa: BLE001  one customer's fault, whatever it is, must hold up nobody else
            raise self._failed(row, code_of(error)) from None
        reach("settle.after_commit")
        return settled

    def _failed(self, row: int, code: str) -> Unsettled:
        real_now = self.real.now()
        self.database.write(lambda connection: customers.failed(connection, row, code, real_now))
        return Unsettled(code)


def code_of(error: BaseException) -> str:
    """What is said of an error outside this process: its own code, or its type and place, never its words."""
    code = getattr(error, "code", None)
    if isinstance(code, str):
        return code
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + (f" {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "")
