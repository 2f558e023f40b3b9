"""Runs Temporal's dev server as a child process: a real server of one process, with its Web UI."""

import asyncio
import socket
import subprocess
import tempfile
import weakref
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from workers.attributes import SEARCH_ATTRIBUTES, TemporalRefuses, ensure_attributes
from workers.devserver.finding import temporal_cli
from workers.devserver.tether import tethered

HOST = "127.0.0.1"
NAMESPACE = "default"
START_SECONDS = 60
TRIES = 3  # each with other ports, where any will do
STOP_SECONDS = 10
LOOK_SECONDS = 1

# As it comes the dev server rounds timers up to a second, and holds back a run that continues as new within one.
QUICK = (
    'history.timerProcessorMaxTimeShift="10ms"',
    'history.continueAsNewMinInterval="0s"',
    'history.workflowIdReuseMinimalInterval="0s"',
)

log = structlog.get_logger(__name__)


class DevServerFailed(RuntimeError):
    """The dev server did not come up; the message says why: a port that is taken, or the last lines it logged."""


class EndedAtOnce(DevServerFailed):
    """It ended before it served."""


class DevServer:
    """A Temporal server on 127.0.0.1, in memory or on a SQLite file that outlives it.

    It ends with this process, killed or not: so start it from a thread that lives as long as the process does (on
    Linux the kernel ties it to that thread). After `stop` or `kill`, `start` brings it back on the same file and ports.
    A port of 0 becomes a free one at the first start; a `ui_port` of None means no Web UI.
    """

    def __init__(
        self,
        *,
        db_file: Path | None = None,
        port: int = 0,
        ui_port: int | None = None,
        log_file: Path | None = None,
        cli: Path | None = None,
    ) -> None:
        self.db_file = db_file
        self.port = port
        self.ui_port = ui_port
        self.log_file = log_file
        self._cli = cli
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{HOST}:{self.port}"

    @property
    def ui_url(self) -> str | None:
        """The Web UI's address, if it has one."""
        return None if self.ui_port is None else f"http://{HOST}:{self.ui_port}"

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def start(self) -> None:
        """Starts the server and returns when it serves and knows our search attributes.

        A port that was free to choose may be taken by somebody else before it listens: then it takes another.
        Raises TemporalCliMissing, or DevServerFailed when a port is taken or it is not ready within a minute.
        """
        if self.pid is not None:
            return
        if self._cli is None:
            self._cli = await asyncio.to_thread(temporal_cli)
        wanted = self.port, self.ui_port
        for left in reversed(range(TRIES)):
            self.port, self.ui_port = wanted
            try:
                await self._start(self._cli)
                break
            except EndedAtOnce:
                if not left or 0 not in wanted:
                    raise

    async def _start(self, cli: Path) -> None:
        self.port = free_port(self.port)
        if self.ui_port is not None:
            self.ui_port = free_port(self.ui_port)
        with open_log(self.log_file) as log:
            self._process = launch(self._command(cli), log)
            weakref.finalize(self, end, self._process)
            try:
                async with asyncio.timeout(START_SECONDS):
                    await self._until_ready(log)
            except TimeoutError:
                self.kill()
                raise DevServerFailed(f"not ready within {START_SECONDS} seconds; {last_lines(log)}") from None

    async def stop(self) -> None:
        """Asks the server to end, and ends it after ten seconds if it does not."""
        if (process := self._process) is None:
            return
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Ends the server at once, as a crash would (SIGKILL)."""
        if self._process:
            end(self._process)

    async def keep(self) -> None:
        """Brings it back whenever it has ended by itself, until this is cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self.pid is None:
                log.warning("the dev server has ended by itself; it is started again")
                try:
                    await self.start()
                except DevServerFailed as failed:
                    log.warning("the dev server did not come back", why=str(failed))

    async def connect(self) -> Client:
        """A client of this server."""
        return await Client.connect(self.address, namespace=NAMESPACE)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _command(self, cli: Path) -> list[str | Path]:
        command: list[str | Path] = [cli, "server", "start-dev", "--ip", HOST, "--port", str(self.port)]
        command += ["--log-level", "warn", "--ui-disable-news-fetch"]
        command += ["--headless"] if self.ui_port is None else ["--ui-port", str(self.ui_port)]
        if self.db_file:
            command += ["--db-filename", self.db_file]
            command += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"]
        for setting in QUICK:
            command += ["--dynamic-config-value", setting]
        for name in SEARCH_ATTRIBUTES:
            command += ["--search-attribute", f"{name}=Keyword"]
        return command

    async def _until_ready(self, log: IO[bytes]) -> None:
        while True:
            if self.pid is None:
                raise EndedAtOnce(f"it ended as soon as it was started; {last_lines(log)}")
            try:
                client = await self.connect()
                if await client.service_client.check_health(timeout=timedelta(seconds=2)):
                    return await ensure_attributes(client)
            except (RPCError, RuntimeError, TemporalRefuses):  # the SDK's words for "nobody there yet"
                await asyncio.sleep(0.05)


def launch(command: list[str | Path], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Starts a child that a Ctrl-C at the terminal does not reach, and that the kernel ends when we do."""
    return subprocess.Popen(
        tethered(command, "KILL"),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a child that may have ended already."""
    process.kill()
    process.wait()


def free_port(wanted: int) -> int:
    """The port wanted, or for 0 any that nobody listens on. Raises DevServerFailed when the one wanted is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError as refused:
            raise DevServerFailed(f"port {wanted} of {HOST}: {refused.strerror}") from None
        port: int = probe.getsockname()[1]
        return port


def open_log(log_file: Path | None) -> IO[bytes]:
    """The log to add to; without a file one that is gone when it is closed."""
    return tempfile.TemporaryFile("a+b") if log_file is None else log_file.open("a+b")


def last_lines(log: IO[bytes]) -> str:
    """What the server said last."""
    log.seek(0)
    lines = log.read().decode(errors="replace").splitlines()
    panics = [place for place, line in enumerate(lines) if line.startswith("panic:")]
    words = lines[panics[-1] :][:8] if panics else lines[-8:]
    return "its last words: " + "\n".join(words) if words else "it said nothing"
