"""E-mails rendered and handed to the mailbox one after the other, against plain Jinja and smtplib."""

import asyncio
import smtplib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from jinja2 import Environment

from channels.mailbox.sink import LOOPBACK, Sink
from channels.mailbox.store import Mailbox
from channels.outbound.mailbox import build_email
from channels.outcomes import Accepted
from channels.protocol import EmailContent
from channels.rendering import render_email
from channels.templates import TemplateSet
from tests.bench import cast
from tests.bench.figures import Figure, Sizes
from tests.bench.machine import Watch

PATIENCE = timedelta(seconds=20)


async def measure(sizes: Sizes, folder: Path) -> list[Figure]:
    """To the same kind of sink, over one connection each."""
    watch = Watch()
    await _ours(sizes.mails, folder / "ours")
    ours = watch.rate(sizes.mails)
    mailbox = Mailbox(folder / "bare" / "mailbox.db")
    async with Sink(mailbox) as sink:
        watch = Watch()
        await asyncio.to_thread(_bare, sizes.mails, sink.port)
        bare = watch.rate(sizes.mails)
    mailbox.close()
    return [Figure("e-mails rendered and submitted", "/s", ours, bare, "Jinja and smtplib, same sink")]


async def _ours(number: int, folder: Path) -> None:
    templates = TemplateSet.from_texts({"email/hello/subject.txt": cast.SUBJECT, "email/hello/body.txt": cast.BODY})
    adapter = build_email({"state": str(folder)})
    for one in range(number):
        words = render_email(templates, "hello", _facts(one))
        content = EmailContent(
            cast.FROM, cast.address(one), words.subject, words.text, f"m{one}.1", datetime.now(UTC), template="hello"
        )
        outcome = await adapter.submit(content, PATIENCE)
        if not isinstance(outcome, Accepted):
            raise TypeError(outcome)
    await adapter.close()


def _bare(number: int, port: int) -> None:
    environment = Environment(autoescape=False)  # noqa: S701  plain text
    subject, body = environment.from_string(cast.SUBJECT), environment.from_string(cast.BODY)
    with smtplib.SMTP(LOOPBACK, port) as connection:
        for one in range(number):
            message = EmailMessage()
            message["From"], message["To"], message["Message-ID"] = cast.FROM, cast.address(one), f"<m{one}.1@acme>"
            message["Subject"] = subject.render(_facts(one))
            message.set_content(body.render(_facts(one)))
            connection.send_message(message)


def _facts(number: int) -> Mapping[str, Any]:
    customer = {"first_name": f"Ada {number}", "plan": "plus"}
    return {"customer": customer, "links": {"unsubscribe": f"http://127.0.0.1/unsubscribe/{number}"}}
