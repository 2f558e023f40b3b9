"""What the kernel counts of a process: its work and its memory. Linux alone; elsewhere both are 0."""

import os
from contextlib import suppress
from pathlib import Path
from time import perf_counter

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


class Watch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._begun = perf_counter()

    @property
    def seconds(self) -> float:
        """So many by now."""
        return perf_counter() - self._begun

    def rate(self, number: int) -> float:
        """So many of them a second."""
        return number / self.seconds
