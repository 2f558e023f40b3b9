"""How a running engine gets on, a line that is written over, on a terminal alone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rich.live import Live
from rich.text import Text
from sqlalchemy import Connection, func, select

from engine.words import MessageState
from records.database import Database
from records.tables import customer, enrollment, message
from sojourn.terminal import clock, err
from workers.clocks import BusinessClock

BEAT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far it has come, by the business clock."""

    at: datetime
    customers: int
    entered: int
    inside: int
    sent: int

    def __str__(self) -> str:
        return f"{clock(self.at)[:10]}  {self.entered} enrollments, {self.inside} inside, {self.sent} messages"


def take_pulse(database: Database, business: BusinessClock) -> Pulse:
    """How far it has come."""

    def work(connection: Connection) -> tuple[int, int, int, int]:
        sent = select(func.count()).select_from(message).where(message.c.state == MessageState.ACCEPTED)
        counted = select(func.count(), func.count(enrollment.c.left_at)).select_from(enrollment)
        entered, left = connection.execute(counted).one()
        known = connection.execute(select(func.count()).select_from(customer)).scalar_one()
        return known, entered, entered - left, connection.execute(sent).scalar_one()

    return Pulse(business.now(), *database.read(work))


async def show_pulse(database: Database, business: BusinessClock) -> None:
    """Shows it every second until it is cancelled; nothing where nobody watches."""
    if err.is_terminal:
        with Live(console=err, transient=True, auto_refresh=False) as shown:
            await each_beat(database, business, lambda pulse: shown.update(Text(str(pulse)), refresh=True))


async def each_beat(database: Database, business: BusinessClock, tell: Callable[[Pulse], object]) -> None:
    """Tells how it gets on, every second, until it is cancelled."""
    while True:
        tell(await asyncio.to_thread(take_pulse, database, business))
        await asyncio.sleep(BEAT_SECONDS)
