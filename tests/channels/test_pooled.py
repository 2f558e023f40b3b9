"""The transport under the SDKs: one try, one deadline, and the truth about how far it came."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from channels.outbound.answers import Answer, Broken, Evidence
from channels.outbound.lines import Forbidden
from channels.outbound.pooled import MAX_ANSWER, Transport
from channels.outbound.reaching import is_public, public_address
from channels.outcomes import Break, Phase
from tests.channels.answering import Answering, Provider, Reply, always, yes
from tests.channels.builders import SOON

pytestmark = pytest.mark.asyncio

BRIEFLY = timedelta(seconds=0.3)
LONG = 30.0
"""Seconds: longer than any deadline of a test."""


@asynccontextmanager
async def a_line(answering: Answering = yes, connections: int = 4) -> AsyncIterator[tuple[Provider, Transport]]:
    async with Provider(answering) as provider:
        transport = Transport(connections=connections)
        yield provider, transport
        await transport.close()


async def post(transport: Transport, url: str, deadline: timedelta = SOON, **headers: str) -> Evidence:
    def work() -> None:
        transport.exchange("POST", f"{url}/messages", headers={"Sojourn-Message": "m1.1", **headers}, body=b"{}")

    return await transport.ask(work, deadline)


async def test_connections_are_kept(tmp_path: Path) -> None:
    async with a_line() as (provider, transport):
        for _ in range(5):
            assert isinstance(await post(transport, provider.url), Answer)
        assert (len(provider.heard), provider.lines) == (5, 1)


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with a_line(always(302, {"Location": "/elsewhere"})) as (provider, transport):
        evidence = await post(transport, provider.url)
        assert isinstance(evidence, Answer)
        assert (evidence.status, len(provider.heard)) == (302, 1)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_nothing_is_tried_again(status: int) -> None:
    async with a_line(always(status, {"Retry-After": "0"})) as (provider, transport):
        assert isinstance(await post(transport, provider.url), Answer)
        assert len(provider.heard) == 1


async def test_a_line_that_is_cut_after_the_request_is_in_doubt_and_not_tried_again() -> None:
    async with a_line(always(0)) as (provider, transport):
        assert await post(transport, provider.url) == Broken(Phase.BODY, Break.CLOSED)
        assert len(provider.heard) == 1


async def test_a_kept_line_that_the_server_has_closed_is_not_used() -> None:
    replies = [Reply(200, {"Connection": "keep-alive"}, cut=False), Reply(0), Reply(200)]
    async with a_line(lambda provider, heard: replies[min(len(provider.heard), 2)]) as (provider, transport):
        await post(transport, provider.url)
        await post(transport, provider.url)
        assert isinstance(await post(transport, provider.url), Answer)
        assert provider.lines == 2


async def test_nobody_who_listens_means_that_nothing_went_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    transport = Transport(connections=1)
    assert await post(transport, f"http://127.0.0.1:{port}") == Broken(Phase.CONNECT, Break.CLOSED)
    assert await post(transport, "http://no-such-host.invalid") == Broken(Phase.CONNECT, Break.CLOSED)
    await transport.close()


async def test_a_server_without_tls_gets_nothing_of_an_encrypted_request() -> None:
    async with a_line() as (provider, transport):
        evidence = await post(transport, provider.url.replace("http", "https"), BRIEFLY)
        assert isinstance(evidence, Broken)
        assert evidence.phase is Phase.CONNECT
        assert provider.heard == []


async def test_silence_ends_at_the_deadline_and_is_in_doubt() -> None:
    async with a_line(always(200, first_after=LONG)) as (provider, transport):
        assert await post(transport, provider.url, BRIEFLY) == Broken(Phase.BODY, Break.TIMEOUT)


async def test_a_body_that_drips_ends_at_the_deadline_too_and_the_status_stands() -> None:
    async with a_line(always(400, rest_after=LONG, body=b"{}")) as (provider, transport):
        evidence = await post(transport, provider.url, BRIEFLY)
        assert isinstance(evidence, Answer)
        assert (evidence.status, evidence.body) == (400, None)


async def test_headers_that_drip_end_at_the_deadline() -> None:
    """Each byte comes well within any timeout of one read."""
    hung_up = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.05)
        except OSError:
            writer.close()
            hung_up.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    transport = Transport(connections=1)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert isinstance(await post(transport, url, BRIEFLY), Broken)
    await transport.close()
    await hung_up.wait()
    server.close()
    await server.wait_closed()


async def test_a_body_that_is_cut_or_too_long_is_unreadable() -> None:
    for reply in (always(200, body=b'{"id"', cut=True), always(200, body=b"x" * (MAX_ANSWER + 1))):
        async with a_line(reply) as (provider, transport):
            evidence = await post(transport, provider.url)
            assert isinstance(evidence, Answer)
            assert evidence.body is None


async def test_who_gives_up_while_waiting_for_a_thread_is_certain_that_nothing_went_out() -> None:
    async with a_line(lambda p, h: Reply(200, first_after=0.6), connections=1) as (provider, transport):
        first = asyncio.create_task(post(transport, provider.url))
        while not provider.lines:
            await asyncio.sleep(0.01)
        assert await post(transport, provider.url, BRIEFLY) == Broken(Phase.CONNECT, Break.TIMEOUT)
        assert isinstance(await first, Answer)
        await transport.close()
        assert len(provider.heard) == 1


async def test_a_call_that_was_given_up_while_connecting_never_goes_out() -> None:
    """The promise behind "not accepted": the thread that still connects finds that nobody waits."""
    async with Provider() as provider:

        def slow(host: str, port: int) -> str:
            time.sleep(0.6)
            return host

        transport = Transport(connections=1, reach=slow)
        assert await post(transport, provider.url, BRIEFLY) == Broken(Phase.CONNECT, Break.TIMEOUT)
        await transport.close()
        assert provider.heard == []


async def test_credentials_of_a_netrc_file_do_not_replace_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login eve password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with a_line() as (provider, transport):
        await post(transport, provider.url, Authorization="Bearer ours")
        assert provider.heard[0].headers["authorization"] == "Bearer ours"


async def test_cookies_are_not_kept() -> None:
    async with a_line(always(200, {"Set-Cookie": "a=b; Path=/"})) as (provider, transport):
        for _ in range(2):
            await post(transport, provider.url)
        assert "cookie" not in provider.heard[1].headers


async def test_headers_of_one_request_are_not_in_the_next() -> None:
    async with a_line() as (provider, transport):
        await post(transport, provider.url, Extra="once")
        await post(transport, provider.url)
        assert "extra" not in provider.heard[1].headers


async def test_a_host_inside_is_refused_before_a_connection_is_made() -> None:
    async with Provider() as provider:
        transport = Transport(connections=1, reach=public_address)
        for url in (provider.url, provider.url.replace("127.0.0.1", "localhost")):
            assert await post(transport, url) == Broken(Phase.CONNECT, Break.FORBIDDEN)
        await transport.close()
        assert provider.lines == 0


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "2002:a00:1::", "2001:db8::1", "fec0::1",
    ],
)  # fmt: skip
async def test_an_address_inside_or_one_in_disguise_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
async def test_an_address_in_the_open_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "017700000001", "localhost", "[::1]", "::1"])
async def test_no_way_of_writing_a_loopback_address_gets_by(host: str) -> None:
    with pytest.raises((Forbidden, OSError)):
        public_address(host, 443)
