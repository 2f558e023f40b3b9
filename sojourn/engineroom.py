"""The engine as the command runs it: from the settings to a process that runs until it is told to stop."""

import asyncio
import fcntl
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from api.app import build_app
from api.served import Served, served
from api.serving import serving
from channels.mailbox.page import Pages
from channels.mailbox.store import Mailbox
from channels.outbound.mailbox import FILE
from engine.release import Policy
from engine.words import Channel
from sojourn.adapters import chosen, lacking
from sojourn.adapters import options as adapter_options
from sojourn.doors import doors_of, listen_at, url_of
from sojourn.errors import Mistake
from sojourn.opened import Opened, secret_of
from sojourn.reports.reaching import Reach, reaches, read, written
from sojourn.settings import STATE, Settings
from workers.attributes import TemporalRefuses
from workers.running import Running, running
from workers.wiring import AnotherKey, Carrier, Options

LOOPBACK: Final = "127.0.0.1"
PAGES_PORT: Final = 8025
UI_PORT: Final = 8233
LOCK: Final = "run.lock"


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine while it runs, where its mailbox can be looked into, and where it listens."""

    running: Running
    mailbox_url: str
    api_url: str
    reaches: Mapping[Channel, Reach]


@asynccontextmanager
async def engine(here: Opened, lapse: timedelta | None) -> AsyncIterator[Engine]:
    """Runs while the block does. Raises Mistake where Temporal, or an adapter, is not to be had."""
    state, policy = here.root / STATE, here.policy()
    state.mkdir(exist_ok=True)
    if lacks := [str(lack) for lack in lacking(here.settings, policy, state)]:
        raise Mistake("\n".join(lacks))
    ways = reaches(here.settings, policy)
    async with AsyncExitStack() as stack:
        if here.settings.temporal is None:
            stack.enter_context(alone(state / LOCK, written(ways)))
        mailbox = stack.enter_context(closing(Mailbox(state / FILE)))
        pages = stack.enter_context(_pages(mailbox))
        listening = stack.enter_context(listen_at(here.settings))
        try:
            run = await stack.enter_async_context(running(options_of(here, policy, lapse, url_of(listening))))
        except AnotherKey as fault:
            raise Mistake(other_secret(fault)) from None
        except TemporalRefuses as refusal:
            raise Mistake(f"{here.settings.temporal}: {refusal}") from None
        except RuntimeError as fault:  # what the SDK, and our dev server, say when there is no Temporal
            raise Mistake(_without_temporal(here, fault)) from None
        await stack.enter_async_context(serving(build_app(_served(here, run)), listening))
        yield Engine(run, pages.url, url_of(listening), ways)


async def until_stopped() -> None:
    """Returns at the first Ctrl-C or SIGTERM."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stopped.set)
    await stopped.wait()


def quiet_logs(level: int = logging.WARNING) -> None:
    """Logs go to stderr, from this level on."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever stderr is when something is said
    )


def runs_here(state: Path) -> bool:
    """Whether a process runs the engine in the folder whose state this is."""
    try:
        with (state / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def ways_here(state: Path) -> dict[Channel, Reach]:
    """How the engine that runs in the folder of this state carries each channel; nothing where none runs."""
    return read((state / LOCK).read_text("utf-8")) if runs_here(state) else {}


@contextmanager
def alone(file: Path, left: str = "") -> Iterator[None]:
    """Holds a lock while the block runs, in a file that says what is `left` to be read meanwhile. Raises Mistake.

    Two dev servers on one file take each other's runs away.
    """
    with file.open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Mistake(
                "`sojourn run` runs in this folder already; a second one needs the --address of a server"
            ) from None
        lock.truncate(0)
        lock.write(left)
        lock.flush()
        yield


def _pages(mailbox: Mailbox) -> Pages:
    try:
        return Pages(mailbox, PAGES_PORT)
    except OSError:
        return Pages(mailbox)


def _ui_port() -> int:
    """Where Temporal's own people look for it; any other where that is taken."""
    with socket.socket() as probe:
        return 0 if probe.connect_ex((LOOPBACK, UI_PORT)) == 0 else UI_PORT


def _served(here: Opened, run: Running) -> Served:
    """The API over the same parts; what comes in there is settled at once."""
    loop, made = asyncio.get_running_loop(), run.parts

    def nudge() -> None:
        loop.call_soon_threadsafe(run.relay.nudge)

    return served(made.database, made.business, made.settlement.real, made.links, doors_of(here.settings), nudge)


def other_secret(fault: AnotherKey) -> str:
    """What to do where nobody knows any more whom not to write to."""
    return (
        f"SOJOURN_SECRET: found another than the one under which customers were erased ({fault.lost} of them);"
        f" expected that one, or the file {STATE}/secret of then: whom not to write to is known by it alone"
    )


def options_of(here: Opened, policy: Policy, lapse: timedelta | None, url: str) -> Options:
    """What the engine is made of, by the settings; `url` is where the API is, where they do not say it."""
    settings, channels, state = here.settings, here.settings.channels, here.root / STATE
    return Options(
        state=state,
        database=settings.database,
        temporal=settings.temporal,
        namespace=settings.namespace,
        carriers={channel: _carrier(channel, settings, policy, state) for channel in Channel},
        live=channels.live,
        allow=channels.allow,
        processes=channels.rates.processes,
        time_lapse=lapse,
        public_url=settings.public_url or url,
        secret=secret_of(settings),
        ui_port=_ui_port() if settings.ui_port is None else settings.ui_port,
    )


def _carrier(channel: Channel, settings: Settings, policy: Policy, state: Path) -> Carrier:
    name = chosen(channel, settings, policy).name
    return Carrier(name, adapter_options(settings, name, state), settings.channels.rate(channel))


def _without_temporal(here: Opened, fault: RuntimeError) -> str:
    if here.settings.temporal is None:
        return f"the Temporal dev server cannot run: {fault}"
    return f"{here.settings.temporal}: no Temporal server answers; start it, or leave the address out for a dev server"
