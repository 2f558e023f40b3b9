"""Events come in from a site or a server, as Segment's libraries send them: track, identify, and both in batches.

Every call is stored once for ever, by its messageId, in one statement a batch, and is answered when it is committed.
A batch is taken whole or not at all.
"""

import hmac
from base64 import b64decode
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from api.answers import Fault, Refused, refuse
from api.bodies import body_of
from api.calls import BATCH, IDENTIFY, TRACK, Misread, read_identify, read_track
from api.served import Served
from records import events
from records.events import Arrival, Ingested

CALL_BYTES: Final = 100_000
BATCH_BYTES: Final = 500_000
MOST_FAULTS: Final = 50


class Batch(msgspec.Struct):
    """A batch, its calls still unread."""

    batch: list[msgspec.Raw]


class Typed(msgspec.Struct):
    """What a call in a batch says it is."""

    type: str


def routes(served: Served) -> APIRouter:
    """The three routes, behind the write key."""
    router = APIRouter(prefix="/v1", tags=["events"])

    async def take(request: Request, limit: int, kind: str) -> dict[str, Any]:
        hold_key(request.headers.get("authorization", ""), served.doors.write_key)
        body = await body_of(request, limit)
        stored = await run_in_threadpool(store, served, calls_of(body) if kind == "batch" else [(kind, body, "")])
        served.nudge()
        told = {"success": True, "new": stored.new, "repeated": stored.repeated}
        return told | {"conflicting": list(stored.conflicting)}

    @router.post("/track", openapi_extra=_documented(TRACK))
    async def track(request: Request) -> dict[str, Any]:
        """A customer did something."""
        return await take(request, CALL_BYTES, "track")

    @router.post("/identify", openapi_extra=_documented(IDENTIFY))
    async def identify(request: Request) -> dict[str, Any]:
        """Who a customer is: email, phone, timezone and consent in `traits`; the rest become attributes."""
        return await take(request, CALL_BYTES, "identify")

    @router.post("/batch", openapi_extra=_documented(BATCH))
    async def batch(request: Request) -> dict[str, Any]:
        """Many of both at once, each with its `type`."""
        return await take(request, BATCH_BYTES, "batch")

    return router


def hold_key(authorization: str, write_key: str) -> None:
    """Raises Refused unless it is the write key, as Basic's name (Segment's way) or as a Bearer's token."""
    if not write_key:
        raise refuse(HTTPStatus.SERVICE_UNAVAILABLE, "server", "no write key", "SOJOURN_WRITE_KEY in its environment")
    if not hmac.compare_digest(_given(authorization).encode(), write_key.encode()):
        expected = "the write key, as Basic's name or as a Bearer's token"
        raise refuse(
            HTTPStatus.UNAUTHORIZED, "Authorization", "another, or none", expected, WWW_Authenticate='Basic realm="v1"'
        )


def calls_of(body: bytes) -> list[tuple[str, bytes, str]]:
    """The calls of a batch: type, body and place. Raises Refused."""
    try:
        raws = msgspec.json.decode(body, type=Batch).batch
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise refuse(HTTPStatus.BAD_REQUEST, "batch", "what cannot be read", "JSON with a list of calls") from None
    return [(_type(raw), bytes(raw), f"batch.{place}.") for place, raw in enumerate(raws)]


def store(served: Served, calls: Sequence[tuple[str, bytes, str]]) -> Ingested:
    """Store calls in one transaction. Raises Refused, with the faults of all of them, and then stores none."""
    now = served.business.now()
    topics = served.policy().topics if any(kind == "identify" for kind, *_ in calls) else {}
    arrivals: list[Arrival] = []
    faults: list[Fault] = []
    for kind, raw, place in calls:
        try:
            match kind:
                case _ if len(raw) > CALL_BYTES:
                    raise Misread([Fault(place.rstrip("."), f"{len(raw)} bytes", f"at most {CALL_BYTES}")])
                case "track":
                    arrivals.append(read_track(raw, place, now))
                case "identify":
                    arrivals.append(read_identify(raw, place, now, topics))
                case _:
                    raise Misread([Fault(f"{place}type", "another, or none", "track or identify")])
        except Misread as misread:
            faults += misread.faults
    if faults:
        raise Refused(HTTPStatus.BAD_REQUEST, faults[:MOST_FAULTS])
    return served.database.write(lambda connection: events.ingest(connection, arrivals))


def _given(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    try:
        return b64decode(rest.strip(), validate=True).decode().partition(":")[0] if scheme.lower() == "basic" else ""
    except ValueError:
        return ""


def _type(raw: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=Typed).type
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""


def _documented(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "security": [{"basic": []}, {"bearer": []}],
    }
