"""The development mailbox: what arrived, who may look, and many writers at once."""

import asyncio
import multiprocessing
import smtplib
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from channels.mailbox.page import Pages, local_links
from channels.mailbox.sink import Sink
from channels.mailbox.store import Mailbox, Sealed
from channels.mime import compose
from channels.outbound.mailbox import MailboxEmail
from channels.protocol import Absent, Channel, Found
from tests.channels.builders import NOON, SOON, an_email, an_sms


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    opened = Mailbox(tmp_path / "deeper" / "mailbox.db")
    yield opened
    opened.close()


def keep(mailbox: Mailbox, correlation: str = "m1.1", **said: str) -> int:
    content = an_email(correlation, **said)
    return mailbox.keep_email(compose(content), content.from_address, content.to)


def test_what_arrived_is_listed_latest_first_by_channel_and_customer(mailbox: Mailbox) -> None:
    keep(mailbox, "m1.1")
    mailbox.keep_sms(an_sms("m2.1"))
    keep(mailbox, "m3.1", to="bob@example.org")
    assert [arrival.correlation for arrival in mailbox.arrivals()] == ["m3.1", "m2.1", "m1.1"]
    assert [arrival.correlation for arrival in mailbox.arrivals(Channel.EMAIL)] == ["m3.1", "m1.1"]
    assert [arrival.correlation for arrival in mailbox.arrivals(to="ada@example.org")] == ["m1.1"]
    assert [arrival.correlation for arrival in mailbox.arrivals(limit=1)] == ["m3.1"]


def test_an_email_opens_with_its_words_and_the_senders_clock(mailbox: Mailbox) -> None:
    opened = mailbox.open(keep(mailbox, subject="Grüße 🌍"))
    assert opened is not None
    assert (opened.arrival.subject, opened.arrival.sent_at) == ("Grüße 🌍", NOON)
    assert opened.text.strip() == "Good morning, Ada."
    assert "<p>Good morning, Ada.</p>" in opened.html


def test_a_text_message_opens_with_its_words(mailbox: Mailbox) -> None:
    opened = mailbox.open(mailbox.keep_sms(an_sms(body="Grüße 🌍")))
    assert opened is not None
    assert (opened.text, opened.arrival.sent_at, opened.arrival.to) == ("Grüße 🌍", NOON, "+4915112345678")


def test_there_is_nothing_under_an_id_that_never_was(mailbox: Mailbox) -> None:
    assert mailbox.open(7) is None


def test_a_double_lies_there_twice(mailbox: Mailbox) -> None:
    keep(mailbox)
    keep(mailbox)
    assert len(mailbox.of("m1.1")) == 2


def test_what_was_looked_up_in_vain_cannot_arrive_later(mailbox: Mailbox) -> None:
    assert mailbox.look_up("m1.1") == Absent()
    with pytest.raises(Sealed):
        keep(mailbox)
    assert mailbox.look_up("m1.1") == Absent()
    keep(mailbox, "m1.2")
    assert isinstance(mailbox.look_up("m1.2"), Found)


@pytest.mark.parametrize("attempt", [1, 4, 99])
def test_of_a_message_that_is_to_be_forgotten_no_attempt_arrives_any_more(mailbox: Mailbox, attempt: int) -> None:
    mailbox.forget((), {"m1"})
    with pytest.raises(Sealed):
        keep(mailbox, f"m1.{attempt}")
    keep(mailbox, "m10.1")


def test_a_mailbox_survives_being_closed_and_opened(tmp_path: Path) -> None:
    first = Mailbox(tmp_path / "mailbox.db")
    keep(first)
    first.close()
    second = Mailbox(tmp_path / "mailbox.db")
    assert len(second.arrivals()) == 1
    second.close()


def test_what_another_program_sends_is_kept_too(mailbox: Mailbox) -> None:
    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.sendmail("a@acme.example", ["b@example.org", "c@example.org"], "Subject: Hi\r\n\r\nThere\r\n")

    async def main() -> None:
        async with Sink(mailbox) as sink:
            await asyncio.to_thread(send, sink.port)

    asyncio.run(main())
    assert [arrival.to for arrival in mailbox.arrivals()] == ["c@example.org", "b@example.org"]


def _write(path: Path, writer: int) -> None:
    async def main() -> None:
        mailbox = Mailbox(path)
        adapter = MailboxEmail(mailbox)
        await asyncio.gather(*(adapter.submit(an_email(f"w{writer}m{number}.1"), SOON) for number in range(25)))
        await adapter.close()
        mailbox.close()

    asyncio.run(main())


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mailbox.db"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(path, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    mailbox = Mailbox(path)
    assert mailbox.counts() == {(Channel.EMAIL, "welcome"): 75}
    mailbox.close()


@pytest.fixture
def pages(mailbox: Mailbox) -> Iterator[Pages]:
    with Pages(mailbox) as running:
        yield running


def get(pages: Pages, target: str, host: str = "") -> tuple[int, str, str]:
    """Status, policy and page."""
    address = pages.url.removeprefix("http://")
    connection = HTTPConnection(address)
    connection.request("GET", target, headers={"Host": host or address})
    response = connection.getresponse()
    page = response.read().decode()
    connection.close()
    return response.status, response.getheader("Content-Security-Policy", ""), page


def test_the_pages_list_and_open_what_arrived(mailbox: Mailbox, pages: Pages) -> None:
    number = keep(mailbox, subject="Hello <Ada>")
    mailbox.keep_sms(an_sms())
    assert "Hello &lt;Ada&gt;" in get(pages, "/")[2]
    assert "Hello" not in get(pages, "/?to=nobody%40example.org")[2]
    assert "Good morning, Ada." in get(pages, f"/message/{number}")[2]
    assert get(pages, "/message/99")[0] == 404
    assert get(pages, "/nowhere")[0] == 404


def test_a_messages_html_runs_no_script(mailbox: Mailbox, pages: Pages) -> None:
    number = keep(mailbox, html="<script>alert(1)</script>")
    status, policy, page = get(pages, f"/message/{number}/html")
    assert (status, page.strip()) == (200, "<script>alert(1)</script>")
    assert policy.endswith("; sandbox")
    assert "default-src 'none'" in policy
    assert "<script>" not in get(pages, f"/message/{number}")[2]


@pytest.mark.parametrize("link", ["unsubscribe", "preferences", "confirm"])
def test_a_messages_links_lead_to_a_page_that_explains(pages: Pages, link: str) -> None:
    target = local_links(pages.url, "m1.1")[link].removeprefix(pages.url)
    status, _, page = get(pages, target)
    assert status == 200
    assert link in page


def test_the_pages_answer_to_this_machines_name_alone(pages: Pages) -> None:
    assert get(pages, "/", host="evil.example:80")[0] == 421
    assert pages.url.startswith("http://127.0.0.1:")
