"""E-mail through an SMTP server, over a few connections that are kept."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from channels.mime import UnsafeHeader, UnwritableAddress, compose, wire_address
from channels.outbound.conversation import Conversation, Ended, Security, Server
from channels.outcomes import Break, NotAccepted, Outcome, Phase, Rejected, RejectedKind, broken_off
from channels.protocol import Asked, Capabilities, Channel, EmailContent, LookUp, Options, Unavailable

REST = timedelta(seconds=20)
"""A connection that has rested longer is not trusted again: servers hang up quietly."""


class SmtpOptions(BaseModel):
    """What `[channels.smtp]` may say."""

    model_config = ConfigDict(title="smtp", frozen=True, extra="forbid")

    host: str
    port: int = Field(587, ge=1, le=65535)
    security: Security = Security.STARTTLS
    username: str = ""
    password: SecretStr = SecretStr("")
    connections: int = Field(4, ge=1, le=64)


@dataclass(frozen=True, slots=True)
class _Letter:
    sender: str
    to: str
    message: bytes
    correlation: str


class Smtp:
    """The adapter of any SMTP server."""

    def __init__(self, server: Server, *, connections: int = 4, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._tls = tls if tls or server.security is Security.NONE else ssl.create_default_context()
        self._places = asyncio.Semaphore(connections)
        self._resting: list[Conversation] = []

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(Channel.EMAIL, real=True)

    async def submit(self, content: EmailContent, deadline: timedelta) -> Outcome:
        """Hands one e-mail over; see Adapter.submit."""
        ends_at = _clock() + deadline.total_seconds()
        try:
            sender, to = wire_address(content.from_address), wire_address(content.to)
            letter = _Letter(sender, to, compose(content), content.correlation)
        except UnwritableAddress:
            return Rejected(RejectedKind.ADDRESS, "syntax")
        except UnsafeHeader as fault:
            return Rejected(RejectedKind.CONTENT, f"header:{fault.header}")
        return await self._in_turn(letter, ends_at)

    async def look_up(self, asked: Asked) -> LookUp:
        """SMTP servers cannot be asked."""
        return Unavailable()

    async def close(self) -> None:
        """Says good-bye on every resting connection."""
        resting, self._resting = self._resting, []
        await asyncio.gather(*(conversation.quit() for conversation in resting))

    async def _in_turn(self, letter: _Letter, ends_at: float) -> Outcome:
        """Waits for a place among the connections, which counts against the deadline."""
        try:
            async with asyncio.timeout_at(ends_at):
                await self._places.acquire()
        except TimeoutError:
            return broken_off(Phase.CONNECT, Break.TIMEOUT)
        try:
            return await self._carry(letter, ends_at)
        finally:
            self._places.release()

    async def _carry(self, letter: _Letter, ends_at: float) -> Outcome:
        """Uses a resting connection; where that turns out to be dead before the customer was named, a fresh one."""
        while (rested := self._rested()) is not None:
            outcome = await self._converse(rested, letter, ends_at)
            if not (isinstance(outcome, NotAccepted) and rested.phase is Phase.MAIL):
                return outcome
        return await self._converse(Conversation(self._server, self._tls), letter, ends_at)

    def _rested(self) -> Conversation | None:
        while self._resting:
            conversation = self._resting.pop()
            if conversation.is_open and _clock() - conversation.rests_since < REST.total_seconds():
                return conversation
            conversation.close()
        return None

    async def _converse(self, conversation: Conversation, letter: _Letter, ends_at: float) -> Outcome:
        """One conversation, kept when the message was accepted, hung up in every other case."""
        accepted = False
        try:
            async with asyncio.timeout_at(ends_at):
                if not conversation.is_open:
                    await conversation.open()
                await conversation.address(letter.sender, letter.to)
                outcome = await conversation.hand_over(letter.message, letter.correlation)
                accepted = True
                return outcome
        except Ended as end:
            return end.outcome
        except TimeoutError:
            return broken_off(conversation.phase, Break.TIMEOUT)
        finally:
            self._rest(conversation) if accepted else conversation.close()

    def _rest(self, conversation: Conversation) -> None:
        conversation.rests_since = _clock()
        self._resting.append(conversation)


def build(options: Options) -> Smtp:
    """The adapter that `[channels.smtp]` describes. Raises pydantic's ValidationError."""
    said = SmtpOptions.model_validate(options)
    server = Server(said.host, said.port, said.security, said.username, said.password.get_secret_value())
    return Smtp(server, connections=said.connections)


def _clock() -> float:
    return asyncio.get_running_loop().time()
