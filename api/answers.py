"""What is answered when something is wrong: where it stands, what was found, what was expected; never whose it is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from api.html import told
from records.errors import Locked, RecordsError, Unreachable, Unstorable

MACHINES: Final = ("/v1/", "/webhooks/", "/health")
AGAIN: Final = {"Retry-After": "2"}
LONGEST_FOUND: Final = 80

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request. `where` is a path into its body, or a header, or the body."""

    where: str
    found: str
    expected: str


class Refused(Exception):
    """A request that is not taken: nothing of it was stored."""

    def __init__(self, status: HTTPStatus, faults: Sequence[Fault], headers: dict[str, str] | None = None) -> None:
        self.status, self.faults, self.headers = status, faults, headers
        super().__init__(status.phrase)


def refuse(status: HTTPStatus, where: str, found: str, expected: str, **headers: str) -> Refused:
    """A refusal with a single fault."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refused(status, [Fault(where, found, expected)], named)


def shown(value: object) -> str:
    """A value as it was found, cut where it is long."""
    words = repr(value)
    return words if len(words) <= LONGEST_FOUND else f"{words[:LONGEST_FOUND]}..."


def answer_in_our_words(app: FastAPI) -> None:
    """Make these the answers of an application."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RecordsError, _without_database)
    app.add_exception_handler(Exception, _fault_of_ours)


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refused)  # noqa: S101  it is registered for this class
    if not request.url.path.startswith(MACHINES):
        return told("refused", request, refusal.status, refusal.headers)
    return _json(refusal.status, refusal.faults, refusal.headers)


async def _without_database(request: Request, error: Exception) -> Response:
    if isinstance(error, Unstorable):
        fault = Fault("body", error.code.replace("_", " "), "text that a database can hold")
        return _json(HTTPStatus.BAD_REQUEST, [fault], None)
    code = error.code if isinstance(error, RecordsError) else ""
    log.warning("a request was not served", code=code)
    if not isinstance(error, Locked | Unreachable):
        return _sorry(request, HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of ours", {})
    return _sorry(request, HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer", AGAIN)


async def _fault_of_ours(request: Request, _: Exception) -> Response:
    return _sorry(request, HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of ours", {})


def _sorry(request: Request, status: HTTPStatus, found: str, headers: dict[str, str]) -> Response:
    if request.url.path.startswith(MACHINES):
        return _json(status, [Fault("server", found, "that you try again later")], headers)
    return told("sorry", request, status, headers)


def _json(status: HTTPStatus, faults: Sequence[Fault], headers: dict[str, str] | None) -> Response:
    return JSONResponse({"success": False, "errors": [asdict(one) for one in faults]}, status, headers)
