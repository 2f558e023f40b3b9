"""The development mailbox as a channel: e-mail over a real SMTP connection to a sink, text messages into a pocket."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from channels.mailbox.sink import LOOPBACK, Sink
from channels.mailbox.store import TEMPLATE_HEADER, Mailbox, Sealed
from channels.outbound.conversation import Security, Server
from channels.outbound.smtp import Smtp
from channels.outcomes import Accepted, Ambiguous, Doubt, NotAccepted, NotAcceptedKind, Outcome, Phase
from channels.protocol import (
    Asked,
    Capabilities,
    Channel,
    EmailContent,
    LookUp,
    LookUps,
    Options,
    SmsContent,
    Unavailable,
)

FILE: Final = "mailbox.db"


class MailboxEmail:
    """E-mail into the mailbox; the sink starts with the first message."""

    def __init__(self, mailbox: Mailbox, *, connections: int = 4) -> None:
        self._mailbox = mailbox
        self._sink = Sink(mailbox)
        self._connections = connections
        self._starting = asyncio.Lock()
        self._smtp: Smtp | None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(Channel.EMAIL, real=False, look_ups=LookUps.AUTHORITATIVE)

    async def submit(self, content: EmailContent, deadline: timedelta) -> Outcome:
        """Hands one e-mail to the sink; see Adapter.submit."""
        smtp = self._smtp or await self._start()
        named = {TEMPLATE_HEADER: content.template} if content.template else {}
        return await smtp.submit(replace(content, headers={**content.headers, **named}), deadline)

    async def look_up(self, asked: Asked) -> LookUp:
        """Whether the e-mail arrived; an absent one stays absent."""
        return await _look_up(self._mailbox, asked)

    async def close(self) -> None:
        """Hangs up and stops the sink."""
        if self._smtp is not None:
            await self._smtp.close()
            self._smtp = None
        await self._sink.stop()

    async def _start(self) -> Smtp:
        async with self._starting:
            if self._smtp is None:
                await self._sink.start()
                server = Server(LOOPBACK, self._sink.port, Security.NONE)
                self._smtp = Smtp(server, connections=self._connections)
            return self._smtp


class MailboxSms:
    """Text messages into the mailbox, and whatever else is text to a number."""

    def __init__(self, mailbox: Mailbox, channel: Channel = Channel.SMS) -> None:
        self._mailbox = mailbox
        self._channel = channel

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self._channel, real=False, look_ups=LookUps.AUTHORITATIVE)

    async def submit(self, content: SmsContent, deadline: timedelta) -> Outcome:
        """Puts one text message into the pocket; see Adapter.submit."""
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                return Accepted(str(await asyncio.to_thread(self._mailbox.keep_sms, content)))
        except TimeoutError:
            return Ambiguous(Phase.BODY, Doubt.TIMEOUT)
        except Sealed:
            return NotAccepted(NotAcceptedKind.DEFERRED, "sealed")
        except sqlite3.OperationalError:
            return NotAccepted(NotAcceptedKind.UNREACHABLE, "locked")

    async def look_up(self, asked: Asked) -> LookUp:
        """Whether the text message arrived; an absent one stays absent."""
        return await _look_up(self._mailbox, asked)

    async def close(self) -> None:
        """Nothing to give back."""


def build_email(options: Options) -> MailboxEmail:
    """The e-mail side of the mailbox in the folder that `state` names."""
    return MailboxEmail(_mailbox(options))


def build_sms(options: Options, channel: Channel = Channel.SMS) -> MailboxSms:
    """The text-message side of the mailbox in the folder that `state` names."""
    return MailboxSms(_mailbox(options), channel)


def _mailbox(options: Options) -> Mailbox:
    return Mailbox(Path(str(options.get("state", ".sojourn"))) / FILE)


async def _look_up(mailbox: Mailbox, asked: Asked) -> LookUp:
    try:
        return await asyncio.to_thread(mailbox.look_up, asked.correlation)
    except sqlite3.OperationalError:
        return Unavailable()
