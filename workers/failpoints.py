"""Named places where a test may make a process fail; they cost one comparison while none is asked for.

`SOJOURN_FAIL` lists them by commas: `POINT:ACTION`, with the actions `raise`, `exit` (137 at once, as kill -9 leaves
it), `sleep:SECONDS` and `stop` (SIGSTOP). `@FILE` behind an action makes it happen once among all processes: to
whoever makes the file.
Example: `claim.after_commit:exit@/tmp/once,record.before_commit:sleep:3`.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

SETTING = "SOJOURN_FAIL"
KILLED = 137


class FailPoint(RuntimeError):
    """The failure that was asked for; it names the point."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at a point; `marker` is the file that says it has happened."""

    action: str
    seconds: float = 0.0
    marker: Path | None = None


def parse(asked: str) -> dict[str, Fault]:
    """The faults of a setting, by point. Raises ValueError where it cannot be read."""
    faults = {}
    for one in filter(None, asked.split(",")):
        words, _, marker = one.partition("@")
        point, action, *seconds = words.split(":")
        if action not in ("raise", "exit", "sleep", "stop"):
            raise ValueError(f"{SETTING}: {action!r} is none of raise, exit, sleep:SECONDS, stop")
        faults[point] = Fault(action, float(seconds[0]) if seconds else 0.0, Path(marker) if marker else None)
    return faults


_faults = parse(os.environ.get(SETTING, ""))


def rig(asked: str) -> None:
    """Have this process fail by another setting from now on. Raises ValueError where it cannot be read."""
    faults = parse(asked)
    _faults.clear()
    _faults.update(faults)


def reach(point: str) -> None:
    """Say that the process is here, and fail if that was asked for."""
    if _faults and (fault := _faults.get(point)) is not None and _first(fault):
        _fail(point, fault)


def _first(fault: Fault) -> bool:
    if fault.marker is None:
        return True
    try:
        fault.marker.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _fail(point: str, fault: Fault) -> None:
    match fault.action:
        case "raise":
            raise FailPoint(point)
        case "exit":
            os._exit(KILLED)
        case "sleep":
            time.sleep(fault.seconds)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
