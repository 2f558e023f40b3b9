"""Sends one message by the channel in use, outside every journey: how an author sees it in a real inbox."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, assert_never
from uuid import uuid4

from pydantic import ValidationError

from channels.allow import may_write
from channels.outcomes import Accepted, Ambiguous, NotAccepted, Outcome, Rejected
from channels.protocol import Adapter, EmailContent, SmsContent, excess
from channels.registry import UnknownAdapter
from channels.rendering import RenderedEmail, RenderedSms
from engine.release import Policy, Sender
from engine.words import Channel
from sojourn.adapters import Chosen, built, chosen, wrong_options
from sojourn.errors import Mistake
from sojourn.settings import ChannelSettings, Settings

Words: TypeAlias = RenderedEmail | RenderedSms
Content = TypeVar("Content", EmailContent, SmsContent)
PATIENCE: Final = timedelta(seconds=20)


def post(words: Words, to: str, policy: Policy, template: str, settings: Settings, state: Path) -> str:
    """What became of the message, and by whom, in a word. `state` is the folder of the mailbox.

    Raises Mistake where it did not go, or `allow` does not let it.
    """
    sender = policy.senders.get("default", Sender())
    by = chosen(Channel.EMAIL if isinstance(words, RenderedEmail) else Channel.SMS, settings, policy)
    try:
        told = asyncio.run(_submit(words, to, sender, template, settings, by, state))
    except UnknownAdapter as unknown:
        raise Mistake(f"{by.place}: {unknown}") from None
    except ValidationError as error:
        raise Mistake("\n".join(wrong_options(error))) from None
    return f"{told} by {by.name}" + ("; `sojourn mailbox` shows it" if by.is_mailbox else "")


async def _submit(
    words: Words, to: str, sender: Sender, template: str, settings: Settings, by: Chosen, state: Path
) -> str:
    adapter = built(by, settings, state)
    correlation, sent_at = f"preview-{uuid4()}.1", datetime.now(UTC)
    match words:
        case RenderedEmail(subject, html, text):
            email = EmailContent(
                sender.email, to, subject, text, correlation, sent_at, html, sender.name, template=template
            )
            return await _hand_over(adapter, email, settings.channels)
        case RenderedSms(body):
            sms = SmsContent(sender.number, to, body, correlation, sent_at, template)
            return await _hand_over(adapter, sms, settings.channels)


async def _hand_over(adapter: Adapter[Content], content: Content, settings: ChannelSettings) -> str:
    if adapter.capabilities.real and not may_write(content.to, settings.allow, live=settings.live):
        allowed = ", ".join(settings.allow) or "nobody"
        raise Mistake(f"found {content.to}; expected one of `allow` in sojourn.toml ({allowed}), or live = true")
    if more := excess(content, adapter.capabilities):
        raise Mistake(f"the message is too large for the channel: {more}")
    try:
        return _told(await adapter.submit(content, PATIENCE))
    finally:
        await adapter.close()


def _told(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            return "sent"
        case NotAccepted(kind, code):
            raise Mistake(f"the channel did not take it: {kind} {code}".rstrip())
        case Rejected(kind, code):
            raise Mistake(f"the channel refuses it: {kind} {code}".rstrip())
        case Ambiguous(phase, why, code):
            raise Mistake(f"perhaps sent: the connection was lost in {phase}: {why} {code}".rstrip())
        case _:
            assert_never(outcome)
