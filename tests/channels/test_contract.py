"""What every adapter holds to. A new one needs a stand here, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.mailbox.store import Mailbox
from channels.outbound.conversation import Security, Server
from channels.outbound.mailbox import MailboxEmail, MailboxSms
from channels.outbound.smtp import Smtp
from channels.outcomes import Accepted, Ambiguous, NotAccepted
from channels.protocol import Absent, Adapter, Channel, Found, LookUps, Unavailable
from tests.channels.answering import Provider
from tests.channels.builders import SOON, an_email, an_sms, asked, sendgrid_at, twilio_at, webhook_at
from tests.channels.misbehaving import Manner, Misbehaving

pytestmark = pytest.mark.asyncio


@dataclass(frozen=True)
class Stand:
    """An adapter before a provider that tells the truth about what it has taken."""

    adapter: Adapter[Any]
    a_content: Callable[[str], Any]
    took: Callable[[str], int]


@asynccontextmanager
async def smtp(folder: Path) -> AsyncIterator[Stand]:
    async with Misbehaving(Manner.ACCEPT) as server:
        adapter = Smtp(Server("127.0.0.1", server.port, Security.NONE))
        yield Stand(adapter, an_email, server.took)
        await adapter.close()


@asynccontextmanager
async def mailbox_email(folder: Path) -> AsyncIterator[Stand]:
    mailbox = Mailbox(folder / "mailbox.db")
    adapter = MailboxEmail(mailbox)
    yield Stand(adapter, an_email, lambda correlation: len(mailbox.of(correlation)))
    await adapter.close()
    mailbox.close()


@asynccontextmanager
async def mailbox_sms(folder: Path) -> AsyncIterator[Stand]:
    mailbox = Mailbox(folder / "mailbox.db")
    yield Stand(MailboxSms(mailbox), an_sms, lambda correlation: len(mailbox.of(correlation)))
    mailbox.close()


@asynccontextmanager
async def answered(a_content: Callable[[str], Any], made: Callable[[str], Adapter[Any]]) -> AsyncIterator[Stand]:
    async with Provider() as provider:
        adapter = made(provider.url)
        yield Stand(adapter, a_content, provider.took)
        await adapter.close()


def sendgrid(folder: Path) -> AbstractAsyncContextManager[Stand]:
    return answered(an_email, sendgrid_at)


def twilio(folder: Path) -> AbstractAsyncContextManager[Stand]:
    return answered(an_sms, twilio_at)


def webhook_email(folder: Path) -> AbstractAsyncContextManager[Stand]:
    return answered(an_email, lambda url: webhook_at(url, Channel.EMAIL))


def webhook_sms(folder: Path) -> AbstractAsyncContextManager[Stand]:
    return answered(an_sms, lambda url: webhook_at(url, Channel.SMS))


ADAPTERS = [smtp, mailbox_email, mailbox_sms, sendgrid, twilio, webhook_email, webhook_sms]
every_adapter = pytest.mark.parametrize("stand", ADAPTERS)
Opening = Callable[[Path], AbstractAsyncContextManager[Stand]]


@every_adapter
async def test_what_is_accepted_was_taken_exactly_once(stand: Opening, tmp_path: Path) -> None:
    async with stand(tmp_path) as s:
        outcome = await s.adapter.submit(s.a_content("m1.1"), SOON)
        assert isinstance(outcome, Accepted)
        assert outcome.provider_id
        assert s.took("m1.1") == 1


@every_adapter
async def test_many_at_once_are_each_taken_once(stand: Opening, tmp_path: Path) -> None:
    async with stand(tmp_path) as s:
        names = [f"m{number}.1" for number in range(50)]
        outcomes = await asyncio.gather(*(s.adapter.submit(s.a_content(name), SOON) for name in names))
        assert {type(outcome) for outcome in outcomes} == {Accepted}
        assert [s.took(name) for name in names] == [1] * len(names)


@every_adapter
async def test_an_adapter_does_not_hide_a_double(stand: Opening, tmp_path: Path) -> None:
    async with stand(tmp_path) as s:
        await s.adapter.submit(s.a_content("m1.1"), SOON)
        await s.adapter.submit(s.a_content("m1.1"), SOON)
        assert s.took("m1.1") == 2


@every_adapter
async def test_a_deadline_that_has_passed_is_an_outcome_and_an_honest_one(stand: Opening, tmp_path: Path) -> None:
    async with stand(tmp_path) as s:
        outcome = await s.adapter.submit(s.a_content("m1.1"), timedelta(0))
        assert isinstance(outcome, NotAccepted | Ambiguous)
        assert isinstance(outcome, Ambiguous) or s.took("m1.1") == 0


@every_adapter
async def test_a_cancelled_submit_leaves_the_adapter_usable(stand: Opening, tmp_path: Path) -> None:
    async with stand(tmp_path) as s:
        await s.adapter.submit(s.a_content("m0.1"), SOON)
        cancelled = asyncio.create_task(s.adapter.submit(s.a_content("m1.1"), SOON))
        await asyncio.sleep(0)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert isinstance(await s.adapter.submit(s.a_content("m2.1"), SOON), Accepted)
        assert s.took("m2.1") == 1


@every_adapter
async def test_an_adapter_works_again_after_close(stand: Opening, tmp_path: Path) -> None:
    async with stand(tmp_path) as s:
        await s.adapter.submit(s.a_content("m1.1"), SOON)
        await s.adapter.close()
        assert isinstance(await s.adapter.submit(s.a_content("m2.1"), SOON), Accepted)


@every_adapter
async def test_a_look_up_says_what_the_capabilities_promise(stand: Opening, tmp_path: Path) -> None:
    async with stand(tmp_path) as s:
        await s.adapter.submit(s.a_content("m1.1"), SOON)
        answers = [await s.adapter.look_up(asked("m1.1")), await s.adapter.look_up(asked("m2.1"))]
        if s.adapter.capabilities.look_ups is LookUps.NONE:
            assert answers == [Unavailable(), Unavailable()]
        else:
            assert isinstance(answers[0], Found)
            assert answers[1] == Absent()


@every_adapter
async def test_absence_that_was_called_proof_stays_true(stand: Opening, tmp_path: Path) -> None:
    async with stand(tmp_path) as s:
        if await s.adapter.look_up(asked("m1.1")) != Absent():
            assert s.adapter.capabilities.look_ups is LookUps.NONE
            return
        if s.adapter.capabilities.look_ups is LookUps.PRESENCE:
            return
        outcome = await s.adapter.submit(s.a_content("m1.1"), SOON)
        assert isinstance(outcome, NotAccepted)
        assert s.took("m1.1") == 0
        assert await s.adapter.look_up(asked("m1.1")) == Absent()
        assert isinstance(await s.adapter.submit(s.a_content("m1.2"), SOON), Accepted)
