"""A request's body, read no further than it may be long, and no longer than it may take."""

import asyncio
from http import HTTPStatus
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.answers import refuse

PATIENCE_SECONDS: Final = 20


async def body_of(request: Request, limit: int, patience_seconds: float = PATIENCE_SECONDS) -> bytes:
    """At most `limit` bytes. Raises Refused for more, and for a sender who takes too long or goes away."""
    given = request.headers.get("content-length", "")
    if given.isascii() and given.isdigit() and (len(given) > len(str(limit)) or int(given) > limit):
        raise _too_large(limit)
    parts, length = [], 0
    try:
        async with asyncio.timeout(patience_seconds):
            async for part in request.stream():
                length += len(part)
                if length > limit:
                    raise _too_large(limit)
                parts.append(part)
    except TimeoutError:
        raise refuse(HTTPStatus.REQUEST_TIMEOUT, "body", "a part of it", f"all within {patience_seconds} s") from None
    except ClientDisconnect:
        raise refuse(HTTPStatus.BAD_REQUEST, "body", "a part of it", "all of it") from None
    return b"".join(parts)


def _too_large(limit: int) -> Exception:
    return refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body", "more", f"at most {limit} bytes")
