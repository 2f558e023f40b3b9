"""What the kernel counts of a process: its work and its memory. Linux alone; elsewhere both are 0."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter, process_time

PROCESSES = Path("/proc")


def cpu_seconds(pid: int) -> float:
    """Seconds of processor that a process has used, in user code and in the kernel."""
    with suppress(FileNotFoundError):
        fields = (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def resident_megabytes(pid: int) -> float:
    """Memory of a process that is in RAM now."""
    with suppress(FileNotFoundError):
        pages = int((PROCESSES / str(pid) / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000
    return 0.0


def working() -> "Watch":
    """A watch that counts this process's own work."""
    return Watch(process_time)


class Watch:
    """Seconds since it was made: of the wall, or of this process's own work, which a busy machine does not stretch."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._begun = clock()

    @property
    def seconds(self) -> float:
        """So many by now."""
        return self._clock() - self._begun

    def rate(self, number: int) -> float:
        """So many of them a second."""
        return number / self.seconds
