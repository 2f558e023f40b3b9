"""The process under test: started with the failures it shall meet, killed, and started again."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.live.process import OPTIONS
from workers.failpoints import KILLED, SETTING
from workers.wiring import Options

TIE = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """One process at a time; whatever it says is kept in `log`. It ends with the test's own process, on Linux."""

    def __init__(self, options: Options, name: str = "worker", module: str = "tests.live.process") -> None:
        self.options = options
        self.module = module
        self.log = options.state / f"{name}.log"
        self.deaths = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, failing: str = "") -> None:
        """Starts it. `failing` is what SOJOURN_FAIL says."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*TIE, sys.executable, "-m", self.module],
                cwd=ROOT,
                env={**os.environ, SETTING: failing},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert self._process.stdin is not None
        self._process.stdin.write(OPTIONS.dump_json(self.options))
        self._process.stdin.close()

    def keep_alive(self, failing: str = "") -> None:
        """Starts it again where a fail point has killed it. Any other death is a failure of the test."""
        if self._process is None:
            self.start(failing)
        elif self.was_killed:
            self.deaths += 1
            self.start(failing)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ends it as an operator would; by force where that takes too long."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def is_stopped(self) -> bool:
        """Whether a SIGSTOP holds it."""
        how = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
        return self._process is not None and self.runs and os.waitid(os.P_PID, self._process.pid, how) is not None

    @property
    def found_locked(self) -> bool:
        """Whether it could not start since somebody held the database: whoever watches over it starts it again."""
        return not self.runs and "records.errors.Locked: " in self.said()[-100:]

    @property
    def was_killed(self) -> bool:
        """Whether a fail point has killed it. Any other death is a failure of the test."""
        code = None if self._process is None else self._process.poll()
        assert code in (None, KILLED), f"ended with {code}: {self.said()[-3000:]}"
        return code is not None

    def stall(self) -> None:
        """Stops it where it stands."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Lets it go on after a SIGSTOP."""
        self._signal(signal.SIGCONT)

    def said(self) -> str:
        """Everything that its processes have said."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(which)


def dying_once_at(points: Iterable[str], folder: Path) -> str:
    """A setting that kills the process once at each of these points."""
    return ",".join(f"{point}:exit@{folder / point}" for point in points)
