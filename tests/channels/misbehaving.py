"""A real SMTP server on 127.0.0.1 that keeps what it takes, and misbehaves as it is told."""

import asyncio
import ssl
from collections import Counter
from email import message_from_bytes
from enum import StrEnum
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

OPENING_HOURS = 30.0  # seconds: longer than any deadline of a test


class Manner(StrEnum):
    """How the server behaves."""

    ACCEPT = "accept"
    DEFER_RCPT = "defer_rcpt"
    NO_SUCH_ADDRESS = "no_such_address"
    BARE_550 = "bare_550"
    REFUSE_BY_POLICY = "refuse_by_policy"
    REFUSE_SENDER = "refuse_sender"
    BUSY = "busy"
    DROP_AT_RCPT = "drop_at_rcpt"
    SLOW_AT_RCPT = "slow_at_rcpt"
    DEFER_BODY = "defer_body"
    REFUSE_BODY = "refuse_body"
    TAKE_AND_DROP = "take_and_drop"
    TAKE_AND_STALL = "take_and_stall"
    TAKE_AND_MUMBLE = "take_and_mumble"
    TAKE_AND_SAY_252 = "take_and_say_252"
    HANG_UP_ON_SECOND = "hang_up_on_second"
    STALL_AT_QUIT = "stall_at_quit"


AT_MAIL = {Manner.REFUSE_SENDER: "550 5.7.1 not in this name", Manner.BUSY: "421 4.7.0 too many"}
AT_RCPT = {
    Manner.DEFER_RCPT: "451 4.2.0 later <ada@example.org>",
    Manner.NO_SUCH_ADDRESS: "550 5.1.1 no <ada@example.org> here",
    Manner.BARE_550: "550 no",
    Manner.REFUSE_BY_POLICY: "550 5.7.1 not from there",
}
AT_DOT = {
    Manner.DEFER_BODY: "451 4.3.0 later",
    Manner.REFUSE_BODY: "554 5.6.0 not these words",
    Manner.TAKE_AND_MUMBLE: "what? <ada@example.org>",
    Manner.TAKE_AND_SAY_252: "252 perhaps",
}
REFUSALS = (Manner.DEFER_BODY, Manner.REFUSE_BODY)


class _Line(SMTP):
    """One connection, counted among `lines` while it is open."""

    def __init__(self, lines: "set[_Line]", handler: object, **options: Any) -> None:
        super().__init__(handler, **options)
        self._lines = lines
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._lines.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._lines.discard(self)
        self.gone.set()


class Misbehaving:
    """The server: `async with Misbehaving(Manner.ACCEPT) as server: server.port`."""

    def __init__(self, manner: Manner, *, tls: ssl.SSLContext | None = None, password: str = "") -> None:
        self.manner = manner
        self.taken: list[bytes] = []
        self.connections = 0
        self._tls = tls
        self._password = password
        self._on_this_line: Counter[SMTP] = Counter()
        self._lines: set[_Line] = set()

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])

    def took(self, correlation: str) -> int:
        """How often the server has taken this message: the truth."""
        mark = f"<{correlation}@"
        return sum(str(message_from_bytes(raw)["Message-ID"]).startswith(mark) for raw in self.taken)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0.01)  # whoever was just let in gets a line first: asyncio would lose the socket
        self._server.close()
        for line in self._lines:
            _hang_up(line)
        await asyncio.gather(*(line.gone.wait() for line in self._lines))
        await self._server.wait_closed()

    def _protocol(self) -> SMTP:
        self.connections += 1
        return _Line(
            self._lines,
            self,
            hostname="localhost",
            tls_context=self._tls,
            loop=asyncio.get_running_loop(),
            authenticator=self._authenticate if self._password else None,
            auth_required=bool(self._password),
            auth_require_tls=False,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == self._password.encode()
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._on_this_line[server] += 1
        if self.manner is Manner.HANG_UP_ON_SECOND and self._on_this_line[server] == 2:
            _hang_up(server)
        envelope.mail_from = address
        return AT_MAIL.get(self.manner, "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.manner is Manner.DROP_AT_RCPT:
            _hang_up(server)
        if self.manner is Manner.SLOW_AT_RCPT:
            await asyncio.sleep(OPENING_HOURS)
        envelope.rcpt_tos.append(address)
        return AT_RCPT.get(self.manner, "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.manner not in REFUSALS:
            self.taken.append(envelope.original_content or b"")
        if self.manner is Manner.TAKE_AND_DROP:
            _hang_up(server)
        if self.manner is Manner.TAKE_AND_STALL:
            await asyncio.sleep(OPENING_HOURS)
        return AT_DOT.get(self.manner, "250 2.0.0 OK: queued as 4XyZ")

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.manner is Manner.STALL_AT_QUIT:
            await asyncio.sleep(OPENING_HOURS)
        return "221 2.0.0 Bye"


def _hang_up(server: SMTP) -> None:
    transport = server.transport
    if isinstance(transport, asyncio.Transport):
        transport.abort()
