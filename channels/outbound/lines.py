"""The lines under the pool: connections that know whose call they carry, and how far it has come."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from channels.outbound.answers import Broken, Evidence
from channels.outcomes import Break, Phase

REST: Final = 20.0
"""Seconds. A connection that has rested longer is not trusted again: servers hang up quietly."""
Reach = Callable[[str, int], str]


class Forbidden(Exception):
    """The host leads to an address that may not be reached."""


class GivenUp(Exception):
    """Nobody waits for this call any more, and nothing of it has gone out."""


class Call:
    """One exchange, in the hands of the thread that carries it and of whoever gives up on it."""

    def __init__(self, patience: timedelta) -> None:
        self._ends_at = time.monotonic() + patience.total_seconds()
        self._lock = threading.Lock()
        self._given_up = False
        self._line: socket.socket | None = None
        self._phase = Phase.CONNECT
        self.evidence: Evidence | None = None

    @property
    def seconds_left(self) -> float:
        """Never zero, which sockets take for "at once"."""
        return max(self._ends_at - time.monotonic(), 0.001)

    def begin(self, line: socket.socket) -> None:
        """From here on the provider may read the request. Raises where nobody waits for it any more."""
        with self._lock:
            if self._given_up:
                raise GivenUp
            self._phase, self._line = Phase.BODY, line

    def broke(self, how: Break) -> None:
        """Without a reply; one that had begun to come in stays what it is."""
        self.evidence = self.evidence or Broken(self._phase, how)

    def give_up(self) -> Evidence:
        """Ends the call: what is known of it now is all that will be."""
        with self._lock:
            self._given_up = True
            if self._line is not None:
                _hang_up(self._line)
            return self.evidence or Broken(self._phase, Break.TIMEOUT)


class Carried(threading.local):
    """The call that this thread carries, and how its hosts are reached."""

    call: Call | None = None
    reach: Reach | None = None


carried: Final = Carried()


class _Line(HTTPConnection):
    """A connection that tells its call before the first byte of a request goes out."""

    _used_at = 0.0

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._used_at < REST

    def request(self, *words: Any, **more: Any) -> None:
        if self.sock is None:
            self.connect()
        if carried.call is not None:
            carried.call.begin(self.sock)
        self._used_at = time.monotonic()
        super().request(*words, **more)

    def _new_conn(self) -> socket.socket:
        if carried.reach is None:
            return super()._new_conn()
        address = carried.reach(self.host, self.port)
        return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)


class _TlsLine(_Line, HTTPSConnection):
    """The same, encrypted."""


class _Lines(HTTPConnectionPool):
    ConnectionCls = _Line


class _TlsLines(HTTPSConnectionPool):
    ConnectionCls = _TlsLine


class Pooling(HTTPAdapter):
    """Keeps connections of ours, behind a proxy too."""

    def init_poolmanager(self, *words: Any, **more: Any) -> None:
        super().init_poolmanager(*words, **more)
        _use_our_lines(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **more)
        _use_our_lines(manager)
        return manager


def _use_our_lines(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Lines, "https": _TlsLines}


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        line.shutdown(socket.SHUT_RDWR)


def _outside_a_call(record: logging.LogRecord) -> bool:
    """urllib3 logs paths and queries, in which numbers of customers and ids of accounts stand."""
    return carried.call is None


logging.getLogger("urllib3.connectionpool").addFilter(_outside_a_call)
