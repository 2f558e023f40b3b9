"""Tells a waiting person how far a long job is."""

import sys
import time
from collections.abc import Callable
from typing import TextIO, TypeAlias

Say: TypeAlias = Callable[[str], None]
"""Takes the newest word on a long job."""

QUIET_SECONDS = 20.0


class ProgressLine:
    """One line that is written over on a terminal; elsewhere a new line, at most every 20 seconds."""

    def __init__(self, out: TextIO = sys.stderr) -> None:
        self._out = out
        self._last = -QUIET_SECONDS

    def __call__(self, words: str) -> None:
        now = time.monotonic()
        if self._out.isatty():
            self._out.write(f"\r\x1b[K{words[:100]}")
        elif now - self._last >= QUIET_SECONDS:
            self._out.write(f"{words}\n")
            self._last = now
        self._out.flush()

    def done(self) -> None:
        """Leaves the line empty for whoever writes next."""
        if self._out.isatty():
            self._out.write("\r\x1b[K")
            self._out.flush()
