"""Delivery of one message: claim, write, submit, record. It may be repeated for ever and sends once."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from channels.allow import may_write
from channels.facts import MissingVariable, RenderError
from channels.outcomes import Accepted, Ambiguous, NotAccepted, NotAcceptedKind, Outcome, Rejected, RejectedKind
from channels.parts import parts_of
from channels.protocol import Adapter, EmailContent, SmsContent, excess
from engine.words import Channel, MessageState, Withheld
from records import messages, outbox
from records.errors import RecordsError
from records.ledger import channels
from records.messages import Found, Message
from workers.failpoints import reach
from workers.ledger.claiming import Claim, Claiming, Later
from workers.ledger.meter import Meter
from workers.ledger.refusals import open_fallback, suppress_dead
from workers.ledger.writing import Writer
from workers.moves import Delivered, MessageRef
from workers.pace import Pace

T = TypeVar("T")
FULL: Final = "rate"
"""Why a message has not gone that the channel's rate holds back."""
OVERSLEPT: Final = "overslept"
"""Why a message has not gone whose worker was too slow: by the time it arrives others may have settled the attempt."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outlet:
    """A channel's adapter under the provider's name, and whom a real one may write to before `live`.

    `meter` counts the parts of text messages; None: they go as fast as the server hands them out.
    """

    provider: str
    adapter: Adapter[Any]
    allow: tuple[str, ...] = ()
    live: bool = False
    meter: Meter | None = None

    def may_write(self, address: str) -> bool:
        """Whether anything may go to this address."""
        return not self.adapter.capabilities.real or may_write(address, self.allow, live=self.live)

    def full_until(self) -> datetime | None:
        """When another message may go over it; None: now."""
        return self.meter.full_until() if self.meter else None

    def take(self, content: EmailContent | SmsContent) -> datetime | None:
        """Counts a message that goes now, and answers None; or says when it may."""
        if self.meter is None or isinstance(content, EmailContent):
            return None
        return self.meter.take(parts_of(content.body).number)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The `deliver` activity. Database work runs on `threads`, so that the loop stays free."""

    claiming: Claiming
    outlets: Mapping[Channel, Outlet]
    writer: Writer
    pace: Pace
    threads: Executor

    @activity.defn
    async def deliver(self, message: MessageRef) -> Delivered:
        """Delivers a message, or says what became of it. Fails, to be tried again, while it is not the time."""
        outlet = self.outlets[Channel(message.channel)]
        if (at := outlet.full_until()) is not None:
            raise self._again(FULL, at)
        match await self._in_thread(lambda: self.claiming.claim(message.id, outlet.provider)):
            case Delivered() as delivered:
                return delivered
            case Later(at):
                raise self._again("later", at)
            case Claim() as claim:
                return await self._unbroken(claim)

    async def _unbroken(self, claim: Claim) -> Delivered:
        """Submits and records though the activity be cancelled meanwhile: half a submit is a doubt."""
        sending = asyncio.ensure_future(self._send(claim))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.wait([sending])
            raise

    async def _send(self, claim: Claim) -> Delivered:
        outlet = self.outlets[claim.message.channel]
        content = await self._in_thread(lambda: self._content(claim, outlet))
        if isinstance(content, Found):
            return await self._record(claim, content, None)
        if (at := outlet.take(content)) is not None:
            return await self._record(claim, Found(MessageState.NOT_SENT, FULL, again_at=at), None)
        reach("submit.before_write")
        if self._has_overslept(claim):
            return await self._record(claim, Found(MessageState.NOT_SENT, OVERSLEPT, again_at=self._now()), None)
        outcome = await outlet.adapter.submit(content, self.pace.submit)
        reach("submit.after_write")
        found = found_out(outcome, claim.message.attempt, outlet.provider, self._now(), self.pace)
        reach("submit.after_response")
        return await self._record(claim, replace(found, noted={"rendered": digest_of(content)}), outcome)

    def _has_overslept(self, claim: Claim) -> bool:
        """Might the lease be over before a submit that begins now?"""
        return _is_over(claim.message, self._now() + self.pace.submit)

    def _now(self) -> datetime:
        return self.claiming.real.now()

    def _content(self, claim: Claim, outlet: Outlet) -> EmailContent | SmsContent | Found:
        """The words; or why there are none, and its name or place; or that only the database was in the way."""
        if not outlet.may_write(claim.address):
            return Found(MessageState.WITHHELD, Withheld.NOT_ALLOWED.value)
        try:
            content = self.writer.write(claim)
        except MissingVariable as lack:
            return Found(MessageState.WITHHELD, f"{Withheld.MISSING_VARIABLE} {lack.name}")
        except RenderError as fault:
            return Found(MessageState.WITHHELD, f"{Withheld.TEMPLATE_FAULTY} {fault}")
        except RecordsError as error:
            again_at = self._now() + self.pace.backoff(claim.message.attempt)
            return Found(MessageState.NOT_SENT, f"not_written {error.code}", again_at=again_at)
        if more := excess(content, outlet.adapter.capabilities):
            return Found(MessageState.REJECTED, f"{RejectedKind.CONTENT} too large: {more}", provider=outlet.provider)
        return content

    async def _record(self, claim: Claim, found: Found, outcome: Outcome | None) -> Delivered:
        delivered = await self._in_thread(lambda: self._write(claim, found, outcome))
        if isinstance(outcome, NotAccepted) and outcome.kind is NotAcceptedKind.DENIED:
            log.warning("a channel was paused", channel=claim.message.channel.value, why=found.reason)
        if delivered.state == MessageState.NOT_SENT and found.again_at is not None:
            raise self._again(found.reason, found.again_at)
        return delivered

    def _write(self, claim: Claim, found: Found, outcome: Outcome | None) -> Delivered:
        now, real_now = self.claiming.business.now(), self._now()

        def work(connection: Connection) -> Delivered:
            state, ring = messages.record(connection, claim.message, found, real_now), 0
            match outcome:
                case Rejected():
                    suppress_dead(connection, self.claiming.hashing, claim.message, outcome, now)
                case NotAccepted(NotAcceptedKind.DENIED):
                    channels.deny(connection, claim.message.channel, found.reason, real_now)
            if state is MessageState.REJECTED and claim.asked.falls_back:
                ring = open_fallback(connection, claim.message, now, real_now)
            elif state is MessageState.NOT_SENT and _is_over(claim.message, real_now):
                ring = outbox.ring(connection, claim.message.enrollment_row, real_now)
            reach("record.before_commit")
            return Delivered(state.value, ring)

        delivered = self.claiming.database.write(work, urgent=True)
        reach("record.after_commit")
        return delivered

    def _again(self, code: str, at: datetime) -> ApplicationError:
        delay = max(at - self._now(), self.pace.poll)
        return ApplicationError(code, type="Later", next_retry_delay=delay, category=ApplicationErrorCategory.BENIGN)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


def _is_over(message: Message, now: datetime) -> bool:
    """Is the lease over, so that its run may have been told of a doubt, and waits for news?"""
    return message.lease_until is None or message.lease_until <= now


def digest_of(content: EmailContent | SmsContent) -> str:
    """The sha256 of the words that went over the wire: evidence that holds none of them."""
    match content:
        case EmailContent():
            words = (content.subject, content.text, content.html)
        case SmsContent():
            words = ("", content.body, "")
    return sha256("\0".join(words).encode()).hexdigest()


def found_out(outcome: Outcome, attempt: int, provider: str, now: datetime, pace: Pace) -> Found:
    """What an outcome proves about an attempt, and when to try or to look again."""
    match outcome:
        case Accepted(provider_id):
            return Found(MessageState.ACCEPTED, provider=provider, provider_id=provider_id)
        case NotAccepted(kind, code, retry_after):
            again_at = now + (retry_after or pace.backoff(attempt))
            return Found(MessageState.NOT_SENT, f"{kind} {code}".strip(), provider=provider, again_at=again_at)
        case Rejected(kind, code):
            return Found(MessageState.REJECTED, f"{kind} {code}".strip(), provider=provider)
        case Ambiguous(phase, why, code):
            reason = f"{why} {code}".strip()
            return Found(MessageState.UNKNOWN, reason, phase.value, provider, again_at=now + pace.doubt)
