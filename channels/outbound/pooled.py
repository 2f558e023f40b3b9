"""One pooled HTTP transport under every SDK: connections are kept, nothing is redirected or tried again.

The SDKs are synchronous, so each exchange has a thread of the transport's own. Whoever waits for it may give up by the
clock; the transport then knows whether a byte of the request has gone out, and sees to it that none does afterwards.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from channels.outbound.answers import Answer, Broken, Evidence
from channels.outbound.lines import Call, Forbidden, GivenUp, Pooling, Reach, carried
from channels.outcomes import Break, Phase

MAX_ANSWER: Final = 1_000_000
"""Bytes. More of a body is not read, and the answer counts as unreadable."""


class Unanswered(Exception):
    """There was no reply; what an SDK sees of it. The evidence stands in the call."""


class Transport:
    """Exchanges over at most `connections` connections.

    `reach` turns a host into the address to connect to, and raises Forbidden; without it the system's resolver, and the
    proxies of the environment, are used.
    """

    def __init__(self, *, connections: int, reach: Reach | None = None) -> None:
        self._connections = connections
        self._reach = reach
        self._session = _session(connections, environment=reach is None)
        self._threads: ThreadPoolExecutor | None = None

    async def ask(self, work: Callable[[], object], deadline: timedelta) -> Evidence:
        """Does `work`, which is to make one exchange, in a thread; gives the evidence within `deadline`."""
        call = Call(deadline)
        self._threads = self._threads or ThreadPoolExecutor(self._connections, "sojourn-http")
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                await asyncio.get_running_loop().run_in_executor(self._threads, self._carry, call, work)
        except TimeoutError:
            return call.give_up()
        except asyncio.CancelledError:
            call.give_up()
            raise
        return call.evidence or Broken(Phase.CONNECT, Break.UNSUPPORTED)

    def exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """One request and its reply, whatever its status; within `ask` only. Raises Unanswered."""
        call = carried.call
        if call is None:
            raise Unanswered
        request = requests.Request(method, url, headers=dict(headers), data=body, params=query, auth=auth)
        try:
            return self._exchange(call, request)
        except Forbidden:
            call.broke(Break.FORBIDDEN)
        except GivenUp:
            call.broke(Break.TIMEOUT)
        except (requests.RequestException, HTTPError, OSError) as fault:
            call.broke(_break(fault))
        raise Unanswered

    async def close(self) -> None:
        """Waits for the exchanges that are under way, which have their deadlines, and hangs up."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)
        self._session.close()

    def _carry(self, call: Call, work: Callable[[], object]) -> None:
        carried.call, carried.reach = call, self._reach
        try:
            work()
        except Unanswered:
            pass
        finally:
            carried.call = carried.reach = None

    def _exchange(self, call: Call, request: requests.Request) -> Answer:
        prepared = self._session.prepare_request(request)
        settings = self._session.merge_environment_settings(prepared.url or "", {}, True, None, None)
        timeout = (call.seconds_left, call.seconds_left)
        with self._session.send(prepared, allow_redirects=False, timeout=timeout, **settings) as reply:
            headers = {name.lower(): value for name, value in reply.headers.items()}
            call.evidence = Answer(reply.status_code, headers, None)
            call.evidence = Answer(reply.status_code, headers, _body(reply))
            return call.evidence


class _AsItIs(AuthBase):
    """No credentials but the request's own: requests would take those of a .netrc file instead."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _session(connections: int, *, environment: bool) -> requests.Session:
    session = requests.Session()
    session.trust_env = environment
    session.auth = _AsItIs()
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    for scheme in ("https://", "http://"):
        session.mount(scheme, Pooling(pool_connections=4, pool_maxsize=connections, max_retries=0))
    return session


def _body(reply: requests.Response) -> bytes | None:
    body = bytearray()
    try:
        for chunk in reply.raw.stream(65_536, decode_content=True):
            body += chunk
            if len(body) > MAX_ANSWER:
                return None
    except (HTTPError, OSError):
        return None
    return bytes(body)


def _break(fault: Exception) -> Break:
    match fault:
        case requests.exceptions.SSLError() | ssl.SSLError():
            return Break.TLS
        case requests.Timeout() | TimeoutError():
            return Break.TIMEOUT
        case _:
            return Break.CLOSED
