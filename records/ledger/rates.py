"""How a journey's messages fare: what share bounces, what share is complained about."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from records.tables import journey, provider_event

DELIVERED, DEAD, COMPLAINED = "delivered", "bounced_for_good", "complained"
COUNTED = frozenset({DELIVERED, DEAD, COMPLAINED})
"""The kinds of provider events that say how a journey fares."""
_NEWEST = select(func.coalesce(func.max(provider_event.c.id), 0)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Rates:
    """How many of a journey's newest messages were delivered, bounced for good, and complained about."""

    delivered: int = 0
    dead: int = 0
    complained: int = 0

    @property
    def told(self) -> int:
        """Of how many it is known whether they arrived."""
        return self.delivered + self.dead


def of_journey(connection: Connection, journey_row: int, window: int, since: datetime) -> Rates:
    """The rates over the newest `window` of what was told since they were last judged, and since then (real time)."""
    after = select(journey.c.judged_after).where(journey.c.id == journey_row).scalar_subquery()
    newest = (
        select(provider_event.c.kind)
        .where(provider_event.c.journey_id == journey_row, provider_event.c.id > after, provider_event.c.at >= since)
        .order_by(provider_event.c.id.desc())
        .limit(window)
    )
    found = Counter(connection.execute(newest).scalars())
    return Rates(found[DELIVERED], found[DEAD], found[COMPLAINED])


def judge_anew(connection: Connection, journey_row: int) -> None:
    """Count from here on: somebody has looked at what was."""
    connection.execute(update(journey).where(journey.c.id == journey_row).values(judged_after=_NEWEST, paused_why=""))


def judge_what_comes(connection: Connection) -> None:
    """After the newest events are gone, whose numbers SQLite gives anew: no journey is to miss what gets them."""
    connection.execute(update(journey).where(journey.c.judged_after > _NEWEST).values(judged_after=_NEWEST))
