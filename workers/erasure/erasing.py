"""The erasure, one step after the other; each may be repeated, and a crash between two is mended by another run.

She is closed first, so that nothing is decided about her, claimed or sent while the rest is done. Her rows go last: as
long as they are there it is known what has to be looked for elsewhere.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection
from temporalio.client import Client

from channels.mailbox.store import Mailbox
from channels.outbound.mailbox import FILE
from engine.words import Channel
from records.database import Database
from records.errors import Locked, Unknown
from records.ledger.addresses import Hashing
from records.privacy import person, removing, traces
from records.privacy.erased import Before, before, keep_left
from records.privacy.needles import Kind, Needle, needles_of
from records.privacy.person import Carried, Person
from records.privacy.scrubbing import file_of, scrub
from workers.clocks import BusinessClock, RealClock
from workers.erasure import files, runs
from workers.erasure.asking import DOUBTED, ask_all
from workers.erasure.report import Proof, Report, Runs
from workers.failpoints import reach
from workers.ledger.deliver import Outlet

LOOK: Final = 0.1
CUT_OFF: Final = "whatever an erasure before has left that was cut off"
TRIES: Final = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of her before anything is removed: who she is, what means her alone, her runs, what was sent."""

    her: Person
    needles: tuple[Needle, ...]
    rings: Mapping[str, int]
    carried: list[Carried]
    texted: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Erasing:
    """Erases customers. `client` is None where no Temporal was ever used; `patience` is what a run gets to end."""

    database: Database
    business: BusinessClock
    real: RealClock
    hashing: Hashing
    outlets: Mapping[Channel, Outlet]
    client: Client | None
    patience: timedelta
    state: Path
    threads: Executor

    async def erase(self, customer: str, *, seen_to: bool = False, go_on: bool = False) -> Report:
        """Everything of hers, everywhere. `seen_to`: what an erasure before has left was dealt with by hand.

        Where a provider that is asked does not forget her it ends there, so that another run can ask again: her rows
        say what to ask for. With `go_on` they are removed all the same.
        Raises Unknown where nobody is called so, or ever was when she was erased.
        """
        her = await self._read(lambda connection: person.find(connection, customer))
        if her is None:
            return await self._again(customer, seen_to=seen_to)
        try:
            earlier = () if seen_to else await self._earlier(customer)
            return await self._erase(her, earlier, go_on=go_on)
        except Unknown:  # another run was faster
            return await self._again(customer, seen_to=seen_to)

    async def _erase(self, her: Person, earlier: tuple[str, ...], *, go_on: bool) -> Report:
        await self._close(her)
        reach("erase.after_close")
        await self._landed(her)
        known = await self._read(lambda connection: _known(connection, her))
        ended = Runs() if self.client is None else await runs.end(self.client, known.rings, self.patience)
        reach("erase.after_runs")
        asked = [one async for one in ask_all(self.outlets, known.her, known.carried, known.texted)]
        if not go_on and any(one.left for one in asked):
            return Report(None, len(known.rings), runs=ended, asked=tuple(asked), earlier=earlier, halted=True)
        arrivals = await self._in_thread(lambda: self._empty_mailbox(known))
        reach("erase.after_mailbox")
        removed = await self._remove(known)
        reach("erase.after_remove")
        proof = await self._prove(known.needles, known.rings)
        report = Report(None, len(known.rings), removed, arrivals, ended, tuple(asked), proof, earlier)
        await self._keep(her.id, report)
        return report

    async def _again(self, customer: str, *, seen_to: bool) -> Report:
        """She is not here, and was: the files are seen to once more, and her id is looked for."""
        was = await self._read(lambda connection: before(connection, self.hashing, customer))
        if was is None:
            raise Unknown("customer")
        if seen_to:
            was = Before(was.at, ())
        elif was.left is not None:  # her id is looked for again
            was = Before(was.at, tuple(one for one in was.left if not _is_seen_again(one)))
        report = Report(was, proof=await self._prove(needles_of(Person(0, customer), frozenset()), {}))
        await self._keep(customer, report)
        return report

    async def _earlier(self, customer: str) -> tuple[str, ...]:
        """What is left of whoever was erased under this id before."""
        was = await self._read(lambda connection: before(connection, self.hashing, customer))
        if was is None:
            return ()
        return (CUT_OFF,) if was.left is None else was.left

    async def _keep(self, customer: str, report: Report) -> None:
        """What is left is kept, so that a later run does not call it nothing."""
        left = report.left
        if left is not None:
            await self._write(lambda connection: keep_left(connection, self.hashing, customer, left))

    async def _close(self, her: Person) -> None:
        now, real_now = self.business.now(), self.real.now()
        await self._write(lambda connection: removing.close(connection, her, self.hashing, now, real_now))

    async def _landed(self, her: Person) -> None:
        """Waits until no worker can have a message of hers in its hands: at most a lease."""
        while True:
            out = await self._read(lambda connection: person.out_until(connection, her, self.real.now()))
            if out is None:
                return
            await asyncio.sleep(LOOK)

    async def _remove(self, known: Known) -> dict[str, int]:
        now, real_now = self.business.now(), self.real.now()

        def work(connection: Connection) -> dict[str, int]:
            newest = _here(connection, known.her)
            removed = removing.remove(connection, newest, self.hashing, now, real_now)
            return removed | {"link": removing.forget_links(connection, newest, known.needles)}

        return await self._write(work)

    def _empty_mailbox(self, known: Known) -> int:
        """What arrived is removed, with the pages that somebody made of it; what is still out can arrive no more."""
        mailbox = Mailbox(self.state / FILE)
        try:
            messages = {one.id for one in known.carried}
            hers = {one.value for one in known.needles if one.telling and one.kind in (Kind.EMAIL, Kind.PHONE)}
            arrivals = mailbox.belonging(messages, hers)
            mailbox.forget(arrivals, {one.id for one in known.carried if one.state in DOUBTED})
        finally:
            mailbox.close()
        for number in arrivals:
            (self.state / "preview" / f"message-{number}.html").unlink(missing_ok=True)
        return len(arrivals)

    async def _prove(self, needles: tuple[Needle, ...], enrollments: Mapping[str, int]) -> Proof:
        searched = await self._read(lambda connection: traces.search(connection, needles))
        looked = await self._in_thread(lambda: self._search_files(needles))
        read = runs.Read(0, 0, ()) if self.client is None else await runs.search(self.client, enrollments, needles)
        return Proof(
            for_={kind.value: sum(one.kind is kind for one in needles) for kind in Kind},
            without=tuple(one.kind.value for one in needles if one.faint),
            tables=searched.tables,
            columns=searched.columns,
            files=len(looked[0]),
            runs=read.runs,
            events=read.events,
            temporal=self.client is not None,
            traces=(*searched.traces, *looked[1], *read.traces),
        )

    def _search_files(self, needles: tuple[Needle, ...]) -> tuple[list[Path], list[traces.Trace]]:
        """Databases are scrubbed first, and written anew where that is not enough."""
        own = [one for one in (file_of(self.database.url), self.state / FILE) if one is not None and one.exists()]
        for rewrite in (False, True):
            for file in own:
                scrub(file, rewrite=rewrite)
            everything = files.files_in(self.state, own)
            found = list(files.search(everything, needles))
            if not {trace.where for trace in found} & {f"{file.name}{end}" for file in own for end in ("", "-wal")}:
                break
        return everything, found

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await self._in_thread(lambda: self.database.read(work))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        """Tried a few times: somebody may settle her, or bring an event of hers, at this very moment."""
        for _ in range(TRIES):
            try:
                return await self._in_thread(lambda: self.database.write(work))
            except Locked:
                await asyncio.sleep(LOOK)
        return await self._in_thread(lambda: self.database.write(work))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


def _known(connection: Connection, before: Person) -> Known:
    """As of one moment; she is closed, so that nothing is planned for her any more."""
    her = _here(connection, before)
    needles = needles_of(her, person.shared(connection, her))
    rings = person.runs_of(connection, her)
    return Known(her, needles, rings, person.carried(connection, her), person.texted(connection, her))


def _is_seen_again(left: str) -> bool:
    """Her id is looked for in tables and files by every run; whose history it stood in is not known any more."""
    return left.startswith(f"{Kind.ID} ") and runs.HISTORY not in left


def _here(connection: Connection, her: Person) -> Person:
    """As she is known by now. Raises Unknown where another run has removed her."""
    found = person.find(connection, her.id)
    if found is None or found.row != her.row:
        raise Unknown("customer")
    return found
