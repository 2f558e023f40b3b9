"""Clicks and opens: told like a provider would tell them, and never in a customer's way."""

import re
from base64 import b64decode
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.html import CLOSED, told
from api.served import Served
from channels.inbound.heard import Told
from channels.protocol import DeliveryEvent
from records.customers.addressed import Addressed
from records.errors import RecordsError
from workers.links import Way

PROVIDER: Final = "link"
TOO_QUICK: Final = timedelta(seconds=2)
PICTURE: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_MACHINES: Final = re.compile(
    r"bot\b|crawl|spider|scan|preview|prefetch|proxy|monitor|headless|curl|wget|python|java/|go-http|okhttp|axios|libwww"
    r"|barracuda|mimecast|proofpoint|symantec|fireeye|trend ?micro|sophos|safelinks|slack|whatsapp|facebookexternalhit"
    r"|^mozilla/5\.0$|^$",
    re.IGNORECASE,
)
"""Mail programs that fetch everything for everybody call themselves Mozilla/5.0 and nothing else."""

log = structlog.get_logger(__name__)


def routes(served: Served) -> APIRouter:
    """The link that leads on, and the picture that is not to be seen."""
    router = APIRouter(tags=["pages"], include_in_schema=False)

    @router.api_route("/c/{token}", methods=["GET", "HEAD"])
    def click(token: str, request: Request) -> Response:
        said = served.links.read_click(token)
        targets = served.links.targets
        url = targets.url_of(said.number) if said and targets else None
        if said is None or url is None:
            return told("unknown", request)
        _tell(served, said.message, DeliveryEvent.CLICKED, request, about=str(said.number))
        return Response(None, HTTPStatus.FOUND, {**CLOSED, "Location": url})

    @router.api_route("/o/{token}.gif", methods=["GET", "HEAD"])
    def opened(token: str, request: Request) -> Response:
        message = served.links.read(Way.OPEN, token)
        if message is None:
            return Response(None, HTTPStatus.NOT_FOUND, CLOSED)
        _tell(served, message, DeliveryEvent.OPENED, request)
        return Response(PICTURE, headers=CLOSED, media_type="image/gif")

    return router


def by_machine(method: str, agent: str, accepted_at: datetime | None, now: datetime) -> bool:
    """Was it surely no person: by how it asked, by its own name, or sooner than anybody can read?"""
    too_quick = accepted_at is None or now - accepted_at < TOO_QUICK
    return method == "HEAD" or too_quick or _MACHINES.search(agent) is not None


def _tell(served: Served, message: str, kind: DeliveryEvent, request: Request, about: str = "") -> None:
    """Record it, where that can be done: a customer who clicks gets there, whatever stands in the record's way."""
    try:
        found = served.choices.look(message)
        if found is not None:
            served.hearing.told([_told(message, found, kind, request, served.real.now(), about)])
            served.nudge()
    except RecordsError as error:
        log.warning("what a customer did was not recorded", kind=kind.value, code=error.code)


def _told(message: str, found: Addressed, kind: DeliveryEvent, request: Request, now: datetime, about: str) -> Told:
    """Once a minute, however often it is done: a double click is one, and nobody fills the table by clicking."""
    machine = by_machine(request.method, request.headers.get("user-agent", ""), found.accepted_at, now)
    id_ = f"{message}.{kind}.{about}.{now:%Y%m%d%H%M}{'.machine' if machine else ''}"
    correlation = f"{message}.{max(found.attempt, 1)}"
    return Told(PROVIDER, id_, kind, correlation, now, by_machine=machine, detail={"link": about} if about else {})
