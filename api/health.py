"""Whether all is well, for whoever watches: does the database answer, and what waits?"""

from datetime import datetime
from typing import Any

from fastapi import APIRouter

from api.served import Served
from records import health
from records.health import Waiting


def routes(served: Served) -> APIRouter:
    """One route; while the database does not answer it gives 503, as every other."""
    router = APIRouter(tags=["health"])

    @router.get("/health")
    def look() -> dict[str, Any]:
        """What waits, and for how many seconds the oldest of it has."""
        business, real = served.business.now(), served.real.now()
        events = served.database.read(lambda connection: health.unsettled(connection, business))
        bells, unsent = served.database.read(health.bells), served.database.read(health.unsent)
        return {
            "database": "answers",
            "writes_queued": served.database.queued(),
            "events_to_settle": _told(events, business),
            "handovers_to_temporal": _told(bells, real),
            "messages_to_send": _told(unsent, real),
        }

    return router


def _told(waiting: Waiting, now: datetime) -> dict[str, float]:
    seconds = (now - waiting.since).total_seconds() if waiting.since else 0.0
    return {"number": waiting.number, "oldest_seconds": max(round(seconds, 1), 0.0)}
