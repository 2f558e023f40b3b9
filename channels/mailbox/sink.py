"""A real SMTP server on 127.0.0.1 that puts everything it is handed into a mailbox."""

import asyncio
import sqlite3
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.mailbox.store import Mailbox, Sealed

LOOPBACK = "127.0.0.1"


class _Line(SMTP):
    """One connection, counted among `lines` while it is open."""

    def __init__(self, sink: "Sink", lines: "set[_Line]") -> None:
        super().__init__(sink, hostname="localhost", ident="Sojourn", loop=asyncio.get_running_loop())
        self._lines = lines
        self._gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._lines.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._lines.discard(self)
        self._gone.set()

    async def hang_up(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        await self._gone.wait()


class Sink:
    """The server, in the running loop: `async with Sink(mailbox) as sink: sink.port`.

    It answers 250 only after the mailbox's commit, so that what it accepted is what lies there.
    """

    def __init__(self, mailbox: Mailbox, port: int = 0) -> None:
        self._mailbox = mailbox
        self._asked_port = port
        self._server: asyncio.Server | None = None
        self._lines: set[_Line] = set()

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    async def start(self) -> None:
        """Listens. Raises OSError where the port is taken."""
        self._server = await asyncio.get_running_loop().create_server(self._protocol, LOOPBACK, self._asked_port)

    async def stop(self) -> None:
        """Listens no more and hangs up on everybody."""
        if self._server is None:
            return
        await asyncio.sleep(0.01)  # whoever was just let in gets a line first: asyncio would lose the socket
        self._server.close()
        await asyncio.gather(*(line.hang_up() for line in self._lines))
        await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        raw = envelope.original_content or b""
        try:
            kept = [
                await asyncio.to_thread(self._mailbox.keep_email, raw, envelope.mail_from or "", to)
                for to in envelope.rcpt_tos
            ]
        except Sealed:
            return "450 4.5.0 looked up before it came"
        except sqlite3.OperationalError:
            return "451 4.3.0 the mailbox is locked"
        return f"250 2.0.0 queued as {kept[0]}"

    async def handle_exception(self, error: Exception) -> str:
        """aiosmtpd would answer 500 and the error's text."""
        return "451 4.3.0 the mailbox has a fault"

    def _protocol(self) -> SMTP:
        return _Line(self, self._lines)
