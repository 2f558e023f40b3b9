"""The activities that decide: settle the customer, then give her enrollment's newest answer."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from time import monotonic

from sqlalchemy import Connection
from temporalio import activity

from engine import ids
from engine.catalog import Catalog
from engine.facts import Event
from engine.words import EventKind
from records import customers, events
from records.customers import Loaded
from records.errors import Unknown
from workers.answer import ERASED, Answer, answer
from workers.failpoints import reach
from workers.moves import EnrollmentRef, Move
from workers.settlement import Settlement

MARGIN = timedelta(milliseconds=300)
"""What committing and answering may take: past the deadline nobody listens any more."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """`decide` and `force_exit`; they run in threads, since a transaction never waits."""

    settlement: Settlement

    @activity.defn(no_thread_cancel_exception=True)
    def decide(self, enrollment: EnrollmentRef) -> Move:
        """What is to be done next. With causes left over the run asks again at once."""
        row = self._customer(enrollment)
        if row is None:
            return ERASED
        try:
            settled = self.settlement.settle(
                row,
                partial(_answer, enrollment.enrollment),
                quiet=enrollment.enrollment,
                urgent=True,
                deadline=self._deadline(),
            )
        except Unknown:  # she was erased since she was found
            return ERASED
        move, due_at = settled.said.move, settled.said.due_at
        reach("decide.before_answer")
        if settled.more:
            return replace(move, left=None, wake_at=self.settlement.real.now())
        return move if due_at is None else replace(move, wake_at=self.settlement.business.look_at(due_at))

    @activity.defn(no_thread_cancel_exception=True)
    def force_exit(self, enrollment: EnrollmentRef) -> int:
        """Records that the run was cancelled from outside: once, however often it is tried."""
        row = self._customer(enrollment)
        if row is None:
            return 0
        now = self.settlement.business.now()
        said = {"enrollment": enrollment.enrollment}
        event = Event(ids.forced_exit_id(enrollment.enrollment), EventKind.EXIT, "", now, now, said)

        def work(connection: Connection) -> int:
            her = customers.load(connection, row, now).customer
            return events.ingest(connection, [(her.id, event)], strangers=False).new

        return self.settlement.database.write(work, urgent=True)

    def _customer(self, enrollment: EnrollmentRef) -> int | None:
        return self.settlement.database.read(
            lambda connection: customers.by_enrollment(connection, enrollment.enrollment)
        )

    def _deadline(self) -> float:
        """Until when the answer is waited for, on the monotonic clock."""
        info = activity.info()
        until = info.started_time + (info.start_to_close_timeout or timedelta(seconds=3)) - MARGIN
        return monotonic() + (until - self.settlement.real.now()).total_seconds()


def _answer(enrollment: str, connection: Connection, loaded: Loaded, catalog: Catalog) -> Answer:
    return answer(connection, loaded, catalog, enrollment)
