"""Sends one message by the channel in use, outside every journey: how an author sees it in a real inbox."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, assert_never
from uuid import uuid4

from pydantic import ValidationError

from channels.allow import may_write
from channels.outcomes import Accepted, Ambiguous, NotAccepted, Outcome, Rejected
from channels.protocol import Adapter, EmailContent, Options, SmsContent
from channels.registry import MAILBOX, UnknownAdapter, email_adapter, sms_adapter
from channels.rendering import RenderedEmail, RenderedSms
from engine.release import Sender
from sojourn.errors import Mistake
from sojourn.settings import FILE, SECRETS, ChannelSettings, Settings

Words: TypeAlias = RenderedEmail | RenderedSms
Content = TypeVar("Content", EmailContent, SmsContent)
PATIENCE: Final = timedelta(seconds=20)


def post(words: Words, to: str, sender: Sender, template: str, settings: Settings, state: Path) -> str:
    """What became of the message, in a word. `state` is the folder of the mailbox.

    Raises Mistake where it did not go, or `allow` does not let it.
    """
    try:
        return asyncio.run(_submit(words, to, sender, template, settings, state))
    except UnknownAdapter as unknown:
        raise Mistake(f"sojourn.toml: [channels]: {unknown}") from None
    except ValidationError as error:
        raise wrong_options(error) from None


def wrong_options(error: ValidationError) -> Mistake:
    """What is wrong with an adapter's own options, or missing, and where to say it; never what a secret holds."""
    wrong = error.errors(include_url=False, include_input=False)[0]
    name, words = ".".join(map(str, wrong["loc"])), wrong["msg"].removeprefix("Value error, ")
    if name in SECRETS:
        name = f"SOJOURN_CHANNELS_{error.title}_{name}".upper()
        return Mistake(
            f"{name}: {'is missing; expected it in the environment' if wrong['type'] == 'missing' else words}"
        )
    if wrong["type"] == "missing":
        words = "is missing"
    return Mistake(": ".join(part for part in (f"{FILE}: [channels.{error.title}]", name, words) if part))


def options(settings: Settings, adapter: str, state: Path) -> Options:
    """What the adapter of this name is built from."""
    channels = settings.channels
    reached = {"public_url": settings.public_url} if settings.public_url else {}
    own: dict[str, Options] = {
        "smtp": channels.smtp,
        "sendgrid": channels.sendgrid,
        "twilio": {**reached, **channels.twilio},
        "webhook": channels.webhook,
    }
    return own.get(adapter, {"state": str(state)})


def lacking(settings: Settings, state: Path) -> Iterator[Mistake]:
    """What the adapters in use lack before they can be built; the mailbox lacks nothing."""
    used = ((email_adapter, settings.channels.email), (sms_adapter, settings.channels.sms))
    for build, adapter in used:
        try:
            if adapter != MAILBOX:
                build(adapter, options(settings, adapter, state))
        except UnknownAdapter as unknown:
            yield Mistake(f"{FILE}: [channels]: {unknown}")
        except ValidationError as error:
            yield wrong_options(error)


async def _submit(words: Words, to: str, sender: Sender, template: str, settings: Settings, state: Path) -> str:
    channels = settings.channels
    correlation, sent_at = f"preview-{uuid4()}.1", datetime.now(UTC)
    match words:
        case RenderedEmail(subject, html, text):
            email = EmailContent(
                sender.email, to, subject, text, correlation, sent_at, html, sender.name, template=template
            )
            by_email = email_adapter(channels.email, options(settings, channels.email, state))
            return await _hand_over(by_email, email, channels)
        case RenderedSms(body):
            sms = SmsContent(sender.number, to, body, correlation, sent_at, template)
            by_sms = sms_adapter(channels.sms, options(settings, channels.sms, state))
            return await _hand_over(by_sms, sms, channels)


async def _hand_over(adapter: Adapter[Content], content: Content, settings: ChannelSettings) -> str:
    if adapter.capabilities.real and not may_write(content.to, settings.allow, live=settings.live):
        allowed = ", ".join(settings.allow) or "nobody"
        raise Mistake(f"found {content.to}; expected one of `allow` in sojourn.toml ({allowed}), or live = true")
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
