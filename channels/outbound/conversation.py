"""One SMTP connection, driven phase by phase, so that what goes wrong is known by where it went wrong."""

import asyncio
import re
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, NoReturn

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException, SMTPServerDisconnected

from channels.outcomes import EXPECTED, Accepted, Break, Outcome, Phase, broken_off, smtp_refusal

GOODBYE: Final = timedelta(seconds=2)
"""How long a server may take to answer a good-bye."""
_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
_QUEUED: Final = re.compile(r"queued as ([A-Za-z0-9._-]{1,64})", re.IGNORECASE)
_NEWLINE: Final = re.compile(rb"\r\n?|\n")
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")


class Security(StrEnum):
    """How the line is encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Server:
    """Where to, and as whom; `password` stays out of every representation of this value."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Server({self.host!r}, {self.port}, {self.security!r})"


class Ended(Exception):
    """The message was not taken in this conversation; `outcome` says what is known."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome


class Conversation:
    """One connection; `phase` is where it stands, and whoever gives up on it by the clock reads it there."""

    def __init__(self, server: Server, tls: ssl.SSLContext | None) -> None:
        self._server = server
        self._smtp = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=False,
            tls_context=tls,
            timeout=None,
            local_hostname="localhost",
        )
        self.phase = Phase.CONNECT
        self.rests_since = 0.0

    @property
    def is_open(self) -> bool:
        return self._smtp.is_connected

    async def open(self) -> None:
        """Connects, encrypts and logs in, as the server's settings ask."""
        await self._enter(Phase.CONNECT, self._smtp.connect())
        await self._enter(Phase.HELLO, self._smtp.ehlo())
        if self._server.security is Security.STARTTLS:
            await self._enter(Phase.STARTTLS, self._smtp.starttls())
            await self._enter(Phase.HELLO, self._smtp.ehlo())
        if self._server.username:
            await self._enter(Phase.LOGIN, self._smtp.login(self._server.username, self._server.password))

    async def address(self, sender: str, to: str) -> None:
        """Opens the envelope: nothing that could be delivered has gone out yet."""
        await self._command(Phase.MAIL, b"MAIL", f"FROM:<{sender}>".encode("ascii"))
        await self._command(Phase.RCPT, b"RCPT", f"TO:<{to}>".encode("ascii"))

    async def hand_over(self, message: bytes, correlation: str) -> Accepted:
        """Sends the body and waits for the word after the dot; its id is the queue's, else `correlation`."""
        await self._command(Phase.DATA, b"DATA")
        reply = await self._enter(Phase.BODY, self._write(message))
        self._hold(reply)
        queued = _QUEUED.search(reply.message)
        return Accepted(queued.group(1) if queued else correlation)

    def close(self) -> None:
        """Hangs up at once."""
        self._smtp.close()

    async def quit(self) -> None:
        """Says good-bye, or hangs up where the server does not answer to it."""
        try:
            async with asyncio.timeout(GOODBYE.total_seconds()):
                await self._enter(Phase.HELLO, self._smtp.quit())
        except (Ended, TimeoutError):
            self._smtp.close()

    async def _command(self, phase: Phase, *words: bytes) -> None:
        self._hold(await self._enter(phase, self._smtp.execute_command(*words)))

    async def _write(self, message: bytes) -> SMTPResponse:
        """The body, with dots doubled (RFC 5321, 4.5.2)."""
        protocol = self._smtp.protocol
        if protocol is None:
            raise SMTPServerDisconnected("closed before the body")
        lines = _NEWLINE.sub(b"\r\n", message.removesuffix(b"\r\n")) + b"\r\n"
        protocol.write(_LEADING_DOT.sub(b"..", lines) + b".\r\n")
        return await protocol.read_response()

    def _hold(self, reply: SMTPResponse) -> None:
        """Ends the conversation where the reply is not the one this phase hopes for."""
        if reply.code not in EXPECTED[self.phase]:
            self._refuse(reply.code, reply.message)

    def _refuse(self, code: int, words: str) -> NoReturn:
        if code < 100:
            raise Ended(broken_off(self.phase, Break.UNREADABLE)) from None
        enhanced = _ENHANCED.match(words)
        raise Ended(smtp_refusal(self.phase, code, enhanced.group() if enhanced else "")) from None

    async def _enter(self, phase: Phase, work: Awaitable[SMTPResponse]) -> SMTPResponse:
        """Does one phase's work; every way it can break becomes an outcome, without the server's words."""
        self.phase = phase
        try:
            return await work
        except SMTPResponseException as refusal:
            self._refuse(refusal.code, refusal.message)
        except (SMTPException, OSError, UnicodeError) as fault:
            raise Ended(broken_off(phase, _break(fault))) from None


def _break(fault: Exception) -> Break:
    match fault:
        case ssl.SSLError():
            return Break.TLS
        case TimeoutError():
            return Break.TIMEOUT
        case _ if isinstance(fault.__cause__, ssl.SSLError):
            return Break.TLS
        case ConnectionRefusedError():
            return Break.REFUSED
        case ConnectionError() | OSError():
            return Break.CLOSED
        case _:
            return Break.UNSUPPORTED
