"""An HTTP server that speaks as SendGrid, Twilio and an author's own webhook do, and misbehaves on command."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "AC" + "0" * 32


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def correlation(self) -> str:
        """Under which this message was submitted, whoever is spoken to."""
        if "sojourn-message" in self.headers:
            return self.headers["sojourn-message"]
        if self.target == "/v3/mail/send":
            correlation: str = self.json["personalizations"][0]["custom_args"]["sojourn_id"]
            return correlation
        return parse_qs(urlsplit(self.form["StatusCallback"]).query)["sojourn_id"][0]


@dataclass(frozen=True)
class Reply:
    """What is answered: `status` 0 hangs up instead; `first_after` and `rest_after` wait, in seconds."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    first_after: float = 0
    rest_after: float = 0
    cut: bool = False


Answering = Callable[["Provider", Heard], Reply]


def yes(provider: "Provider", heard: Heard) -> Reply:
    """As the provider does on a good day."""
    name = f"id{len(provider.heard)}"
    if heard.target == "/v3/mail/send":
        return Reply(202, {"X-Message-Id": name})
    if heard.target.startswith("/v3/logs"):
        return _logs(provider, heard)
    if heard.target.startswith("/2010-04-01/"):
        return Reply(201, {}, json.dumps({"sid": f"SM{name}", "status": "queued"}).encode())
    return Reply(200, {}, json.dumps({"id": name}).encode())


def _logs(provider: "Provider", heard: Heard) -> Reply:
    sent = [one for one in provider.heard if one.target == "/v3/mail/send"]
    if heard.method == "POST":
        listed = [{"sg_message_id": f"id{number}.filter.0"} for number, _ in enumerate(sent)]
        return Reply(200, {}, json.dumps({"messages": listed}).encode())
    number = int(heard.target.removeprefix("/v3/logs/id").partition(".")[0])
    args = sent[number].json["personalizations"][0]["custom_args"]
    return Reply(200, {}, json.dumps({"custom_args": args}).encode())


def always(*words: Any, **more: Any) -> Answering:
    """The same reply to everything."""
    reply = Reply(*words, **more)
    return lambda provider, heard: reply


class Provider:
    """Listens on 127.0.0.1; `heard` is what it was asked, `lines` how many connections were opened."""

    def __init__(self, answering: Answering = yes) -> None:
        self.answering = answering
        self.heard: list[Heard] = []
        self.lines = 0
        self._serving: asyncio.Server | None = None
        self._open: set[asyncio.Task[None] | None] = set()

    @property
    def url(self) -> str:
        assert self._serving is not None
        return f"http://127.0.0.1:{self._serving.sockets[0].getsockname()[1]}"

    def took(self, correlation: str) -> int:
        """How often a message was handed over under this correlation."""
        posts = [one for one in self.heard if one.method == "POST" and one.target != "/v3/logs"]
        return sum(one.correlation == correlation for one in posts)

    async def __aenter__(self) -> "Provider":
        self._serving = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._serving is not None
        await _turns()  # what has just been accepted is opened: asyncio leaves it half made where the server is closed
        self._serving.close()
        for task in self._open:
            assert task is not None
            task.cancel()
        await _turns()  # and closed again
        await self._serving.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        self._open.add(asyncio.current_task())
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(asyncio.current_task())
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        named = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in named}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        heard = Heard(method, target, headers, body)
        reply = self.answering(self, heard)
        self.heard.append(heard)
        return await self._reply(writer, reply)

    async def _reply(self, writer: asyncio.StreamWriter, reply: Reply) -> bool:
        await asyncio.sleep(reply.first_after)
        if not reply.status:
            return False
        length = len(reply.body) + (100 if reply.cut else 0)
        head = {"Content-Length": str(length), **reply.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"HTTP/1.1 {reply.status} So\r\n{lines}\r\n".encode("latin-1"))
        await writer.drain()
        await asyncio.sleep(reply.rest_after)
        writer.write(reply.body)
        await writer.drain()
        return not reply.cut


async def _turns() -> None:
    """Lets the loop go round a few times."""
    for _ in range(10):
        await asyncio.sleep(0)
