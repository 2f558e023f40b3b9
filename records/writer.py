"""SQLite's one writer: a thread that takes work by urgency, then in the order in which it came."""

from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from queue import PriorityQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from records.errors import Unreachable

T = TypeVar("T")
_LAST = 2


class Writer:
    """A thread of its own, started with the first work and ended by `close`."""

    def __init__(self) -> None:
        self._queue: PriorityQueue[tuple[int, int, Callable[[], Any] | None, Future[Any]]] = PriorityQueue()
        self._numbers = count()
        self._thread = Thread(target=self._work, name="sojourn-writer", daemon=True)
        self._closed = False
        self._open = Lock()
        self._thread.start()

    def run(self, work: Callable[[], T], urgent: bool) -> T:
        """Have the work done and wait for what it gives or raises; urgent work goes before the rest."""
        future: Future[T] = Future()
        with self._open:
            if self._closed:
                raise Unreachable("closed")
            self._queue.put((0 if urgent else 1, next(self._numbers), work, future))
        return future.result()

    def queued(self) -> int:
        """How much work has not been begun."""
        return self._queue.qsize()

    def close(self) -> None:
        """Do what is queued, then end."""
        with self._open:
            if not self._closed:
                self._closed = True
                self._queue.put((_LAST, next(self._numbers), None, Future()))
        self._thread.join()

    def _work(self) -> None:
        while True:
            _, _, work, future = self._queue.get()
            if work is None:
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001  it belongs to whoever waits for it
                future.set_exception(error)
