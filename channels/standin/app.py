"""The stand-in as a web application: the providers' paths, and its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from channels.standin.control import control
from channels.standin.descriptions import Descriptions
from channels.standin.desk import Desk
from channels.standin.faults import Faults
from channels.standin.postman import Postman
from channels.standin.sendgrid.dialect import SEND, SendGrid
from channels.standin.sendgrid.erasing import ERASE, Erasing
from channels.standin.sendgrid.logs import SEARCH, Logs
from channels.standin.signing import SendGridKey
from channels.standin.truth import Truth
from channels.standin.twilio.dialect import VERSION, Twilio
from channels.standin.twilio.listing import Listing
from channels.standin.wire import Call, Reply

HangUp = Callable[[tuple[str, int]], None]
"""Closes the line of the client at this address and port."""


class Hung(Response):
    """No answer: the line is closed."""

    def __init__(self, hang_up: HangUp) -> None:
        super().__init__()
        self._hang_up = hang_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Closes the line, and waits until it is."""
        host, port = scope["client"]
        self._hang_up((host, port))
        while (await receive())["type"] != "http.disconnect":
            pass


def build(
    truth: Truth,
    faults: Faults,
    postman: Postman,
    key: SendGridKey,
    sendgrid: SendGrid,
    twilio: Twilio,
    descriptions: Descriptions | None,
    hang_up: HangUp,
) -> FastAPI:
    """The application over its parts."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await postman.stop()

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.include_router(control(truth, faults, postman, key, twilio.account))
    by_mail = Desk(sendgrid, truth, faults, postman.accepted)
    app.include_router(_sendgrid(by_mail, Logs(truth, sendgrid, descriptions), Erasing(truth), hang_up))
    by_text = Desk(twilio, truth, faults, postman.accepted)
    app.include_router(_twilio(by_text, Listing(truth, twilio), hang_up))
    return app


def _sendgrid(desk: Desk, logs: Logs, erasing: Erasing, hang_up: HangUp) -> APIRouter:
    router = APIRouter()

    @router.post(SEND)
    async def send(request: Request) -> Response:
        return await _answer(desk.submit(await _call(request)), hang_up)

    @router.post(SEARCH)
    async def search(request: Request) -> Response:
        call = await _call(request)
        return await _answer(desk.look_up(call, lambda: logs.search(call), logs.check), hang_up)

    @router.get(SEARCH + "/{sg_message_id}")
    async def open_one(request: Request, sg_message_id: str) -> Response:
        call = await _call(request)
        return await _answer(desk.look_up(call, lambda: logs.open(sg_message_id), lambda _: ()), hang_up)

    @router.post(ERASE)
    async def erase(request: Request) -> Response:
        call = await _call(request)
        return await _answer(desk.look_up(call, lambda: erasing.erase(call), erasing.check), hang_up)

    return router


def _twilio(desk: Desk, listing: Listing, hang_up: HangUp) -> APIRouter:
    router = APIRouter(prefix=f"/{VERSION}/Accounts/{{account}}")

    @router.post("/Messages.json")
    async def create(request: Request) -> Response:
        return await _answer(desk.submit(await _call(request)), hang_up)

    @router.get("/Messages.json")
    async def list_some(request: Request) -> Response:
        call = await _call(request)
        return await _answer(desk.look_up(call, lambda: listing.page(call), listing.check), hang_up)

    @router.get("/Messages/{sid}.json")
    async def open_one(request: Request, sid: str) -> Response:
        call = await _call(request)
        return await _answer(desk.look_up(call, lambda: listing.open(sid), lambda _: ()), hang_up)

    @router.delete("/Messages/{sid}.json")
    async def delete(request: Request, sid: str) -> Response:
        call = await _call(request)
        return await _answer(desk.look_up(call, lambda: listing.delete(sid), lambda _: ()), hang_up)

    return router


async def _call(request: Request) -> Call:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(request.method, request.url.path, request.url.query, headers, await request.body())


async def _answer(reply: Reply | None, hang_up: HangUp) -> Response:
    if reply is None:
        return Hung(hang_up)
    await asyncio.sleep(reply.before_head)
    if reply.before_body:
        return StreamingResponse(_late(reply), reply.status, dict(reply.headers))
    return Response(reply.body, reply.status, dict(reply.headers))


async def _late(reply: Reply) -> AsyncIterator[bytes]:
    await asyncio.sleep(reply.before_body)
    yield reply.body
