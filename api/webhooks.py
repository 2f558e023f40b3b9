"""Webhooks: what providers tell. Verified before a byte of it is believed, and answered after the commit.

A door without its key is shut, and nothing is read there.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeVar
from xml.sax.saxutils import escape

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.answers import refuse
from api.bodies import body_of
from api.served import Served
from channels.inbound.heard import Forged, Said, Wish

LARGEST: Final = 1_000_000
XML: Final = "text/xml"
T = TypeVar("T")
Door = TypeVar("Door")

log = structlog.get_logger(__name__)


def routes(served: Served) -> APIRouter:
    """The routes of the providers."""
    router, doors, now = APIRouter(prefix="/webhooks", tags=["webhooks"]), served.doors, served.real.now

    @router.post("/sendgrid", status_code=HTTPStatus.NO_CONTENT)
    async def sendgrid(request: Request) -> None:
        """What became of e-mails."""
        door = _open(doors.sendgrid)
        body = await body_of(request, LARGEST)
        await _keep(served, lambda: served.hearing.told(believed(lambda: door.hear(request.headers, body, now()))))

    @router.post("/twilio/status", status_code=HTTPStatus.NO_CONTENT)
    async def twilio_status(request: Request) -> None:
        """What became of a text message."""
        door = _open(doors.twilio)
        body, target = await body_of(request, LARGEST), target_of(request)
        told = believed(lambda: door.hear_status(target, request.headers, body, now()))
        await _keep(served, lambda: served.hearing.told([told]))

    @router.post("/twilio/inbound")
    async def twilio_inbound(request: Request) -> Response:
        """A customer's own text message."""
        door = _open(doors.twilio)
        body, target = await body_of(request, LARGEST), target_of(request)
        said = believed(lambda: door.hear_message(target, request.headers, body, now()))
        await _keep(served, lambda: served.hearing.said(said))
        return Response(reply(said, doors.help_words), media_type=XML)

    return router


def believed(listen: Callable[[], T]) -> T:
    """What a provider says. Raises Refused for what is forged or cannot be read."""
    try:
        return listen()
    except Forged as forged:
        log.warning("a webhook was refused", code=forged.code)
        raise refuse(HTTPStatus.FORBIDDEN, "signature", forged.code, "the provider's own, over what it sent") from None


def target_of(request: Request) -> str:
    """Path and query as they came: the signature covers every letter of them."""
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def reply(said: Said, help_words: str) -> str:
    """What is answered to a text message: help to whom asks for it, though she has opted out, else nothing."""
    words = f"<Message>{escape(help_words)}</Message>" if said.wish is Wish.HELP and help_words else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{words}</Response>'


def _open(door: Door | None) -> Door:
    """Raises Refused, before anything is read, where there is no key to this door."""
    if door is None:
        raise refuse(HTTPStatus.SERVICE_UNAVAILABLE, "server", "no key for this provider", "one in the settings")
    return door


async def _keep(served: Served, keep: Callable[[], object]) -> None:
    """In a thread, committed when it returns; then whoever settles is told."""
    await run_in_threadpool(keep)
    served.nudge()
