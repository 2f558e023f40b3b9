"""The SMTP adapter against a real server that misbehaves."""

import asyncio
import logging
import shutil
import ssl
import subprocess
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from channels.outbound.conversation import Security, Server
from channels.outbound.smtp import Smtp, build
from channels.outcomes import (
    Accepted,
    Ambiguous,
    Doubt,
    NotAccepted,
    NotAcceptedKind,
    Outcome,
    Phase,
    Rejected,
    RejectedKind,
)
from channels.protocol import EmailContent, Options, one_click
from tests.channels.builders import SOON, an_email
from tests.channels.misbehaving import OPENING_HOURS, Manner, Misbehaving

pytestmark = pytest.mark.asyncio
OPENSSL = shutil.which("openssl")
SELF_SIGNED = (
    *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
    *("-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "certificate.pem"),
)
SHORT = timedelta(seconds=0.5)

CASES: dict[Manner, Outcome] = {
    Manner.ACCEPT: Accepted("4XyZ"),
    Manner.DEFER_RCPT: NotAccepted(NotAcceptedKind.DEFERRED, "451 4.2.0"),
    Manner.NO_SUCH_ADDRESS: Rejected(RejectedKind.ADDRESS, "550 5.1.1"),
    Manner.BARE_550: Rejected(RejectedKind.ADDRESS, "550"),
    Manner.REFUSE_BY_POLICY: Rejected(RejectedKind.POLICY, "550 5.7.1"),
    Manner.REFUSE_SENDER: Rejected(RejectedKind.SENDER, "550 5.7.1"),
    Manner.BUSY: NotAccepted(NotAcceptedKind.THROTTLED, "421 4.7.0"),
    Manner.DROP_AT_RCPT: NotAccepted(NotAcceptedKind.UNREACHABLE, "rcpt:closed"),
    Manner.SLOW_AT_RCPT: NotAccepted(NotAcceptedKind.TIMEOUT, "rcpt:timeout"),
    Manner.DEFER_BODY: NotAccepted(NotAcceptedKind.DEFERRED, "451 4.3.0"),
    Manner.REFUSE_BODY: Rejected(RejectedKind.CONTENT, "554 5.6.0"),
    Manner.TAKE_AND_DROP: Ambiguous(Phase.BODY, Doubt.LOST),
    Manner.TAKE_AND_STALL: Ambiguous(Phase.BODY, Doubt.TIMEOUT),
    Manner.TAKE_AND_MUMBLE: Ambiguous(Phase.BODY, Doubt.UNREADABLE),
    Manner.TAKE_AND_SAY_252: Ambiguous(Phase.BODY, Doubt.UNEXPECTED_REPLY, "252"),
}


def plainly(server: Misbehaving) -> Smtp:
    return Smtp(Server("127.0.0.1", server.port, Security.NONE))


async def test_a_server_that_does_not_answer_good_bye_is_hung_up_on() -> None:
    async with Misbehaving(Manner.STALL_AT_QUIT) as server:
        adapter = plainly(server)
        assert await adapter.submit(an_email(), SOON) == Accepted("4XyZ")
        async with asyncio.timeout(OPENING_HOURS / 2):
            await adapter.close()


async def submitted(manner: Manner, content: EmailContent, deadline: timedelta = SOON) -> tuple[Outcome, Misbehaving]:
    async with Misbehaving(manner) as server:
        adapter = plainly(server)
        outcome = await adapter.submit(content, deadline)
        await adapter.close()
        return outcome, server


@pytest.mark.parametrize("manner", CASES)
async def test_each_misbehaviour_has_its_outcome_and_none_denies_what_was_taken(manner: Manner) -> None:
    slow = manner in (Manner.SLOW_AT_RCPT, Manner.TAKE_AND_STALL)
    outcome, server = await submitted(manner, an_email(), SHORT if slow else SOON)
    assert outcome == CASES[manner]
    assert bool(server.took("m1.1")) == isinstance(outcome, Accepted | Ambiguous)
    assert "ada@" not in repr(outcome)


async def test_a_port_that_nobody_listens_on_is_not_accepted() -> None:
    async with Misbehaving(Manner.ACCEPT) as server:
        port = server.port
    outcome = await Smtp(Server("127.0.0.1", port, Security.NONE)).submit(an_email(), SOON)
    assert isinstance(outcome, NotAccepted)
    assert outcome.kind is NotAcceptedKind.UNREACHABLE


async def test_a_host_without_an_address_is_not_accepted() -> None:
    outcome = await Smtp(Server("nowhere.invalid", 25, Security.NONE)).submit(an_email(), SOON)
    assert isinstance(outcome, NotAccepted)


async def test_a_connection_that_died_at_rest_is_replaced_and_nothing_goes_twice() -> None:
    async with Misbehaving(Manner.HANG_UP_ON_SECOND) as server:
        adapter = plainly(server)
        outcomes = [await adapter.submit(an_email(f"m{number}.1"), SOON) for number in range(3)]
        assert {type(outcome) for outcome in outcomes} == {Accepted}
        assert [server.took(f"m{number}.1") for number in range(3)] == [1, 1, 1]
        await adapter.close()


async def test_connections_are_kept() -> None:
    async with Misbehaving(Manner.ACCEPT) as server:
        adapter = plainly(server)
        await asyncio.gather(*(adapter.submit(an_email(f"m{number}.1"), SOON) for number in range(40)))
        assert server.connections <= 4
        await adapter.close()


async def test_a_server_that_offers_no_encryption_gets_no_message_from_a_channel_that_asks_for_it() -> None:
    async with Misbehaving(Manner.ACCEPT) as server:
        outcome = await Smtp(Server("127.0.0.1", server.port, Security.STARTTLS)).submit(an_email(), SOON)
        assert outcome == NotAccepted(NotAcceptedKind.DENIED, "starttls:unsupported")
        assert server.took("m1.1") == 0


@pytest.mark.skipif(OPENSSL is None, reason="needs the openssl command to make a certificate")
async def test_encryption_works_and_a_certificate_of_nobody_is_refused(tmp_path: Path) -> None:
    subprocess.run([OPENSSL or "", *SELF_SIGNED], cwd=tmp_path, check=True, capture_output=True)
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    async with Misbehaving(Manner.ACCEPT, tls=ours) as server:
        address = Server("localhost", server.port, Security.STARTTLS)
        trusted = Smtp(address, tls=trusting)
        assert isinstance(await trusted.submit(an_email("m1.1"), SOON), Accepted)
        await trusted.close()
        refused = await Smtp(address).submit(an_email("m2.1"), SOON)
        assert isinstance(refused, NotAccepted)
        assert refused.kind is NotAcceptedKind.TLS
        assert server.took("m2.1") == 0


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server's word to its operator
@pytest.mark.parametrize(("said", "kind"), [("right", Accepted), ("wrong", NotAccepted)])
async def test_a_wrong_password_is_about_the_channel_and_not_about_the_message(said: str, kind: type[Outcome]) -> None:
    async with Misbehaving(Manner.ACCEPT, password="right") as server:
        adapter = Smtp(Server("127.0.0.1", server.port, Security.NONE, "acme", said))
        outcome = await adapter.submit(an_email(), SOON)
        assert isinstance(outcome, kind)
        assert not isinstance(outcome, NotAccepted) or outcome.kind is NotAcceptedKind.DENIED
        await adapter.close()


async def test_no_password_shows_in_any_representation_or_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the server's own log
    options: Options = {"host": "127.0.0.1", "port": 1, "security": "none", "username": "acme", "password": "hunter-2"}
    adapter = build(options)
    outcome = await adapter.submit(an_email(), SOON)
    assert "hunter-2" not in repr(Server("h", 1, Security.TLS, "acme", "hunter-2")) + repr(outcome) + caplog.text


async def test_headers_that_programs_read_arrive_whole_on_one_line() -> None:
    url = "https://acme.example/unsubscribe/" + "a" * 300
    headers = {
        **one_click(url),
        "Feedback-ID": "welcome:onboarding:acme:" + "b" * 100,
        "List-Id": "<" + "c" * 90 + ".acme>",
    }
    _, server = await submitted(Manner.ACCEPT, an_email("0b9f2c1e-77aa-4c7e-9a51-0d3f8f1a2b3c.12", headers=headers))
    lines = server.taken[0].split(b"\r\n")
    for name, value in headers.items():
        assert f"{name}: {value}".encode() in lines
    assert b"Message-ID: <0b9f2c1e-77aa-4c7e-9a51-0d3f8f1a2b3c.12@acme.example>" in lines


async def test_words_of_every_script_arrive_as_they_were_written() -> None:
    words = {
        "subject": "Grüße, 世界 🌍 " * 12,
        "text": "Zeile eins\n.\n..zwei\n🌍 " + "lang " * 400 + "\n",
        "html": "<p>Ä</p>\n",
    }
    _, server = await submitted(Manner.ACCEPT, an_email(from_name='Büro "Süd", Köln', **words))
    message = message_from_bytes(server.taken[0], policy=policy.default)
    assert str(message["Subject"]).rstrip() == words["subject"].rstrip()
    assert message["From"].addresses[0].display_name == 'Büro "Süd", Köln'
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == words["text"]
    assert html.get_content().replace("\r\n", "\n") == words["html"]
    assert max(map(len, server.taken[0].split(b"\r\n"))) < 100


async def test_a_domain_of_another_script_is_written_in_ascii() -> None:
    outcome, server = await submitted(Manner.ACCEPT, an_email(to="ada@müller.example"))
    assert isinstance(outcome, Accepted)
    assert b"To: ada@xn--mller-kva.example\r\n" in server.taken[0]


@pytest.mark.parametrize(
    "said",
    [
        {"subject": "Hi\r\nBcc: eve@evil.example"},
        {"subject": "Hi\nBcc: eve@evil.example"},
        {"from_name": "Acme\r\nBcc: eve@evil.example"},
        {"headers": {"List-Id": "<a>\r\n Bcc: eve@evil.example"}},
        {"headers": {"X-A\r\nBcc": "eve@evil.example"}},
        {"headers": {"Bcc": "eve@evil.example"}},
        {"headers": {"Content-Type": "text/html"}},
        {"correlation": "m1@x>\r\nBcc: eve"},
        {"to": "ada@example.org\r\nBcc: eve@evil.example"},
        {"to": "ada@example.org>\r\nRCPT TO:<eve@evil.example"},
        {"to": "ada@example.org, eve@evil.example"},
        {"to": "ada@example.org> ORCPT=x"},
        {"to": "ada"},
        {"to": ""},
        {"to": "ädä@example.org"},
        {"to": f"ada@{'ä' * 70}.example"},
    ],
)
async def test_nothing_in_a_content_can_write_a_header_or_an_envelope_of_its_own(said: dict[str, Any]) -> None:
    outcome, server = await submitted(Manner.ACCEPT, an_email(**said))
    assert isinstance(outcome, Rejected)
    assert not server.taken
    assert "eve" not in outcome.code
