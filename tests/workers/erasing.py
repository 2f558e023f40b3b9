"""Zoe, who is to be erased, beside others; providers that can be asked; and the command in a process of its own."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from channels.standin.server import StandIn
from engine.words import Channel, EventKind
from tests.channels.standing import SECRETS, SERVICE
from tests.workers.whole import Whole, until
from workers.devserver import DevServer
from workers.erasure.report import Report
from workers.failpoints import SETTING
from workers.wiring import Carrier, Options, parts

PATIENCE = timedelta(seconds=20)
ZOE, NUMBER = "zoe.marker@customers.example", "+491700000042"


def known(name: str, number: str, id_: str = ZOE) -> tuple[str, EventKind, str, dict[str, Any]]:
    """Who a customer is, and that she allows everything."""
    consent = {"email": ["tips"], "sms": ["tips"]}
    facts = {"email": f"{name}@customers.example", "phone": number, "attributes": {"first_name": name.title()}}
    return id_, EventKind.IDENTIFY, "", {**facts, "consent": consent}


async def erase(it: Whole, name: str = ZOE, *, go_on: bool = False) -> Report:
    """As the command does it, beside the engine that runs."""
    made = parts(it.running.parts.options)
    try:
        return await made.erasing(it.running.client, PATIENCE).erase(name, go_on=go_on)
    finally:
        await made.close()


async def live(it: Whole, *names: str) -> None:
    """Zoe signs up, and others beside her; all wait in the middle of the course."""
    await it.tell(known("zoe.marker", NUMBER))
    await it.track(ZOE, "signed_up", street="Elmstreet 12")
    for at, name in enumerate(names):
        await it.tell(known(name, f"+4917600000{at:02}", name))
        await it.track(name, "signed_up")
    await until(lambda: it.states() == ["accepted"] * 2 * (1 + len(names)))


def provided(options: Options, stand_in: StandIn) -> Options:
    """Both providers, who are the stand-in."""
    mail = {"api_key": SECRETS.sendgrid_key, "host": stand_in.url}
    text = {
        "account_sid": SECRETS.twilio_account,
        "auth_token": SECRETS.twilio_token,
        "messaging_service_sid": SERVICE,
        "host": stand_in.url,
        "public_url": "https://acme.example",
    }
    carriers = {Channel.EMAIL: Carrier("sendgrid", mail), Channel.SMS: Carrier("twilio", text)}
    return replace(options, carriers=carriers, live=True, public_url="https://acme.example")


def write(folder: Path, files: dict[str, str]) -> None:
    """An author's folder."""
    for name, words in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(words)


async def command(folder: Path, server: DevServer | None, name: str, failing: str = "") -> tuple[int, str, str]:
    """`sojourn customer erase` in a process of its own."""
    words = ["customer", "erase", name, "--yes", "--json", "--folder", str(folder)]
    words += ["--address", server.address] if server else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from sojourn.cli import main; main()", *words,
        env={**os.environ, SETTING: failing}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()
