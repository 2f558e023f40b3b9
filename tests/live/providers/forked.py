"""Sojourns in processes of their own that start at once: forked from one that has imported everything."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from tests.live.process import OPTIONS
from tests.live.worker import ROOT
from workers.failpoints import KILLED
from workers.wiring import Options


class Mother:
    """The process that forks, told over its pipes from any thread; whatever it has forked ends with it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.live.providers.forking"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=60)

    def fork(self, options: Options, log: Path, failing: str) -> "Forked":
        """A Sojourn. `failing` is what SOJOURN_FAIL would say."""
        said = OPTIONS.dump_python(options, mode="json")
        return Forked(self, int(str(self.tell("fork", options=said, log=str(log), failing=failing))), log)

    def tell(self, what: str, **more: Any) -> object:
        """One thing to do, and what it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            print(json.dumps({"do": what, **more}), file=self._process.stdin, flush=True)
            answered = self._process.stdout.readline()
        assert answered, "the process that forks has ended"
        return json.loads(answered)


class Forked:
    """One process; whatever it says is kept in `log`."""

    def __init__(self, mother: Mother, pid: int, log: Path) -> None:
        self._mother = mother
        self._pid = pid
        self._log = log

    @property
    def is_at_work(self) -> bool:
        """Whether it has come so far."""
        return "running" in self.said()

    @property
    def is_stopped(self) -> bool:
        """Whether a SIGSTOP holds it."""
        return self._mother.tell("look", pid=self._pid) == "stopped"

    @property
    def was_killed(self) -> bool:
        """Whether a fail point has killed it. Any other death is a failure of the test."""
        state = self._mother.tell("look", pid=self._pid)
        assert state in ("running", "stopped", KILLED), f"ended with {state}: {self.said()[-3000:]}"
        return state == KILLED

    def kill(self) -> None:
        """kill -9; nobody may ask for it afterwards."""
        self._mother.tell("end", pid=self._pid)

    def stall(self) -> None:
        """Stops it where it stands."""
        os.kill(self._pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Lets it go on after a SIGSTOP."""
        os.kill(self._pid, signal.SIGCONT)

    def said(self) -> str:
        """Everything that it has said."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""
