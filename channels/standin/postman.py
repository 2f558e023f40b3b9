"""Sends the webhooks: signed, late, twice or in the wrong order as told, and again where nobody took them."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from channels.standin.descriptions import FORM, JSON
from channels.standin.sendgrid import events as sendgrid
from channels.standin.sendgrid.events import SendGridEvent
from channels.standin.signing import SendGridKey, sign_for_twilio
from channels.standin.truth import Accepted, Truth
from channels.standin.twilio import events as twilio
from channels.standin.twilio.events import OptOut, TwilioStatus
from channels.standin.webhooks import Post, Posted, Told, Webhooks
from channels.standin.wire import Provider

EVENTS, INBOUND = "/webhooks/sendgrid", "/webhooks/twilio/inbound"
_KEPT: Final = 50_000
_PATIENCE: Final = 10.0  # seconds for an answer, as the providers have it
_PAUSE: Final = 0.25  # seconds before the second try; each further one waits twice as long
_TWILIO_SIGNATURE: Final = "X-Twilio-Signature"
_SIGNATURE: Final = "X-Twilio-Email-Event-Webhook-Signature"
_TIMESTAMP: Final = "X-Twilio-Email-Event-Webhook-Timestamp"


class Postman:
    """Sends webhooks, in the running loop."""

    def __init__(self, truth: Truth, key: SendGridKey, account: str, token: str) -> None:
        self.webhooks = Webhooks()
        self.posted: deque[Posted] = deque(maxlen=_KEPT)
        self._truth = truth
        self._key = key
        self._account = account
        self._token = token
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    @property
    def pending(self) -> int:
        """Messages of which something is still to be told."""
        return len(self._tasks)

    async def stop(self) -> None:
        """Sends no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def accepted(self, accepted: Accepted) -> None:
        """Tells in a while what became of a message."""
        webhooks = self.webhooks
        kinds = webhooks.sendgrid if accepted.provider is Provider.SENDGRID else webhooks.twilio
        task = asyncio.create_task(self._follow(accepted, tuple(kind.value for kind in kinds), webhooks))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def tell(self, accepted: Accepted, told: Told) -> list[int | None]:
        """Sends one event now, and gives the statuses. Raises ValueError for an event that the provider has not."""
        event = self._happen(accepted, told.event, told.more)
        posts = self._posts(accepted, [event], self.webhooks)
        ago = timedelta(seconds=told.signed_ago)
        signed = [replace(post, signed_ago=ago, is_forged=told.forge) for post in posts]
        return [await self._send(post, self.webhooks) for post in signed]

    async def repeat(self) -> list[int | None]:
        """Sends once more everything that was ever told about what was taken, and gives the statuses."""
        everything = [(one, list(self._truth.told(one.provider_id))) for one in self._truth.accepted()]
        posts = [post for one, events in everything for post in self._posts(one, events, self.webhooks)]
        return [await self._send(post, self.webhooks) for post in posts]

    async def receive(self, from_number: str, to_number: str, body: str) -> list[int | None]:
        """A customer writes: Twilio keeps what it asks for, and tells us."""
        match twilio.keyword_of(body):
            case OptOut.STOP:
                self._truth.opted_out.add(from_number)
            case OptOut.START:
                self._truth.opted_out.discard(from_number)
        form = twilio.inbound(self._account, from_number, to_number, body)
        webhooks = self.webhooks
        if not webhooks.url:
            return []
        post = Post(Provider.TWILIO, webhooks.address(INBOUND), (form,), "")
        return [await self._send(post, webhooks) for _ in range(1 + webhooks.duplicate)]

    async def _follow(self, accepted: Accepted, kinds: tuple[str, ...], webhooks: Webhooks) -> None:
        await asyncio.sleep(webhooks.delay)
        events = [self._happen(accepted, kind, {}) for kind in kinds]
        for post in self._posts(accepted, events, webhooks):
            await self._send(post, webhooks)

    def _happen(self, accepted: Accepted, kind: str, more: Mapping[str, Any]) -> Mapping[str, Any]:
        content = self._truth.content(accepted.number) or {}
        if accepted.provider is Provider.SENDGRID:
            event = sendgrid.event(accepted, SendGridEvent(kind), datetime.now(UTC), **more)
        else:
            words = {name: str(value) for name, value in more.items()}
            event = dict(twilio.status(accepted, content, self._account, TwilioStatus(kind), **words))
        self._truth.tell(accepted.provider_id, event)
        return event

    def _posts(self, accepted: Accepted, events: list[Mapping[str, Any]], webhooks: Webhooks) -> list[Post]:
        """The webhooks that tell the events; none where nobody listens."""
        if not webhooks.url or not events:
            return []
        ordered = list(reversed(events)) if webhooks.reorder else events
        copied = [event for event in ordered for _ in range(1 + webhooks.duplicate)]
        if accepted.provider is Provider.TWILIO:
            return [Post(Provider.TWILIO, accepted.callback, (event,), accepted.correlation) for event in copied]
        content = self._truth.content(accepted.number)
        told = [sendgrid.told(event, accepted, content) for event in copied]
        parts = [tuple(told)] if webhooks.batch else [(event,) for event in told]
        url = webhooks.address(EVENTS)
        return [Post(Provider.SENDGRID, url, part, accepted.correlation) for part in parts]

    async def _send(self, post: Post, webhooks: Webhooks) -> int | None:
        """Sends until it is taken or given up; each try is signed anew."""
        status = None
        for number in range(webhooks.tries):
            if number:
                await asyncio.sleep(_PAUSE * 2 ** (number - 1))
            status = await self._try(post, webhooks)
            words = tuple(str(event.get("event") or event.get("SmsStatus")) for event in post.events)
            self.posted.append(Posted(post.provider, post.url, post.correlation, words, status, datetime.now(UTC)))
            if status is not None and status < 500:
                break
        return status

    async def _try(self, post: Post, webhooks: Webhooks) -> int | None:
        body, headers = self._signed(post)
        self._client = self._client or httpx.AsyncClient(timeout=_PATIENCE, trust_env=False)
        try:
            return (await self._client.post(webhooks.reach(post.url), content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return None

    def _signed(self, post: Post) -> tuple[bytes, dict[str, str]]:
        if post.provider is Provider.TWILIO:
            form = dict(post.events[0])
            token = self._token + "forged" * post.is_forged
            headers = {"Content-Type": FORM, _TWILIO_SIGNATURE: sign_for_twilio(token, post.url, form)}
            return urlencode(form).encode(), headers
        body = json.dumps(post.events).encode()
        at = str(int((datetime.now(UTC) - post.signed_ago).timestamp()))
        signature = self._key.sign(at, body + b" " * post.is_forged)
        return body, {"Content-Type": JSON, _SIGNATURE: signature, _TIMESTAMP: at}
