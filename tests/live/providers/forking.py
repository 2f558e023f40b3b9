"""A process that has imported everything and forks a Sojourn when it is told to: what takes seconds is done once.

`python -m tests.live.providers.forking`: a line of JSON in, a line of JSON out. It ends, and all it has forked with it,
when its input does.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from temporalio.worker._worker import load_default_build_id

from tests.live.process import OPTIONS
from tests.live.providers.process import live
from workers import failpoints

ALIVE = os.WEXITED | os.WSTOPPED | os.WNOHANG | os.WNOWAIT


def serve() -> None:
    """Does what each line says."""
    load_default_build_id()  # the SDK reads every module that there is, and keeps what it made of them
    gc.freeze()
    living: set[int] = set()
    for line in sys.stdin:
        told = json.loads(line)
        match told["do"]:
            case "fork":
                answer: object = _fork(told)
                living.add(int(str(answer)))
            case "look":
                answer = _look(told["pid"])
            case _:
                _end(told["pid"])
                living.discard(told["pid"])
                answer = None
        print(json.dumps(answer), flush=True)
    for pid in living:
        _end(pid)


def _fork(told: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(told)
    except BaseException:  # noqa: BLE001  the process ends here, and says why
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _become(told: Mapping[str, Any]) -> None:
    """The Sojourn itself: a log for its words, and the failures that it shall meet."""
    log, nothing = os.open(told["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(here, there)
    failpoints.rig(told["failing"])
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(live(OPTIONS.validate_python(told["options"])))


def _look(pid: int) -> str | int:
    """`running`, `stopped`, or how it ended."""
    seen = os.waitid(os.P_PID, pid, ALIVE)
    match seen:
        case None:
            return "running"
        case _ if seen.si_code == os.CLD_EXITED:
            return seen.si_status
        case _ if seen.si_code == os.CLD_STOPPED:
            return "stopped"
        case _:
            return -seen.si_status


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


if __name__ == "__main__":
    serve()
