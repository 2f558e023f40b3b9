"""Finds Temporal's command-line program, which holds the dev server, and builds it where it is nowhere to be had."""

import asyncio
import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from workers.devserver.building import VERSION, BuildFailed, build_cli
from workers.devserver.progress import ProgressLine, Say

SETTING = "SOJOURN_TEMPORAL_CLI"
DOWNLOAD_SECONDS = 90


class TemporalCliMissing(RuntimeError):
    """No way to Temporal's command-line program works here; the message names each that was tried."""


class DeadEnd(Exception):
    """One way does not lead to the program; the message says why, and what would open it."""


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look, and whom to tell what takes long."""

    environ: Mapping[str, str]
    say: Say

    @property
    def cache(self) -> Path:
        """The folder outside any checkout that keeps the program from one run to the next."""
        home = self.environ.get("XDG_CACHE_HOME") or Path(self.environ.get("HOME", "~")).expanduser() / ".cache"
        return Path(home) / "sojourn"

    @property
    def cached_cli(self) -> Path:
        """Where the pinned program lies once it is there; the SDK's download uses the same name."""
        return self.cache / f"temporal-{VERSION}"


def temporal_cli(say: Say | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """The program to run, by the first way that works: setting, PATH, cache, the SDK's download, a build.

    Blocks, for minutes when it has to build; two processes never fetch or build at once.
    Raises TemporalCliMissing.
    """
    search = Search(environ, say or ProgressLine())
    dead_ends: list[str] = []
    found = first_open((by_setting, on_path, in_cache), search, dead_ends)
    if found is None:
        with one_at_a_time(search):
            found = first_open((in_cache, by_download, by_build), search, dead_ends)
    if found is None:
        raise TemporalCliMissing(advice(dead_ends))
    return found


Way = Callable[[Search], Path]


def first_open(ways: tuple[Way, ...], search: Search, dead_ends: list[str]) -> Path | None:
    """The answer of the first way that has one; adds what the others said to `dead_ends`."""
    for way in ways:
        try:
            return way(search)
        except DeadEnd as end:
            if str(end) not in dead_ends:
                dead_ends.append(str(end))
    return None


def by_setting(search: Search) -> Path:
    """The program that the setting names. One that does not run is an error at once: it was asked for."""
    named = search.environ.get(SETTING)
    if not named:
        raise DeadEnd(f"setting: {SETTING} is not set")
    path = Path(named).expanduser()
    if not answers(path):
        raise TemporalCliMissing(f"{SETTING} names {path}, which does not run as Temporal's command-line program")
    return path


def on_path(search: Search) -> Path:
    """`temporal` on PATH."""
    found = shutil.which("temporal", path=search.environ.get("PATH", ""))
    if found is None:
        raise DeadEnd("PATH: there is no `temporal` on it")
    if not answers(Path(found)):
        raise DeadEnd(f"PATH: {found} is not Temporal's command-line program with a dev server in it")
    return Path(found)


def in_cache(search: Search) -> Path:
    """The pinned program, fetched or built earlier."""
    if not os.access(search.cached_cli, os.X_OK):
        raise DeadEnd(f"cache: {search.cached_cli} is not there")
    return search.cached_cli


def by_download(search: Search) -> Path:
    """The pinned program as the SDK downloads it, into the cache."""
    search.say(f"Looking for Temporal {VERSION} to download")
    try:
        asyncio.run(download(search.cache))
    except TimeoutError:
        raise DeadEnd(f"download: not done within {DOWNLOAD_SECONDS} seconds") from None
    except RuntimeError as refused:  # the SDK has no narrower word for it
        raise DeadEnd(f"download: {refused}") from None
    return in_cache(search)


async def download(folder: Path) -> None:
    """Has the SDK fetch the pinned program into `folder`, which it does on the way to starting a server."""
    async with asyncio.timeout(DOWNLOAD_SECONDS):
        started = await WorkflowEnvironment.start_local(
            download_dest_dir=str(folder), dev_server_download_version=VERSION
        )
        await started.shutdown()


def by_build(search: Search) -> Path:
    """The pinned program, compiled from its source."""
    try:
        build_cli(search.cached_cli, search.environ, search.say)
    except BuildFailed as failed:
        raise DeadEnd(f"build: {failed}") from None
    return search.cached_cli


def answers(cli: Path) -> bool:
    """Whether this runs, and has a dev server in it: Temporal's own `--version` names the server's too."""
    try:
        asked = subprocess.run([cli, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and "Server" in asked.stdout


@contextmanager
def one_at_a_time(search: Search) -> Iterator[None]:
    """Holds the cache's lock; says so when another process has it. The lock ends with its process."""
    search.cache.mkdir(parents=True, exist_ok=True)
    with search.cached_cli.with_name(f"temporal-{VERSION}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            search.say("Another process is getting Temporal's command-line program; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def advice(dead_ends: list[str]) -> str:
    """What was tried, and what a person can do."""
    tried = "\n".join(f"  - {end}" for end in dead_ends)
    return (
        f"Temporal's command-line program is not to be had here. Tried:\n{tried}\n"
        f"Install it and put it on PATH, set {SETTING} to where it is, or let this machine reach the Go module proxy."
    )
