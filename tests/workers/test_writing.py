"""What a claimed message becomes, down to the bytes that a mail server is handed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from channels.outbound.conversation import Security, Server
from channels.outbound.smtp import Smtp
from channels.outcomes import Accepted
from channels.protocol import EmailContent, SmsContent
from engine.release import Policy, Sender
from engine.words import Channel, MessageState, Purpose
from records.messages import Message
from tests.channels.builders import SOON
from tests.channels.misbehaving import Manner, Misbehaving
from workers.ledger.claiming import Asked, Claim
from workers.ledger.writing import Writer

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGES = "https://mail.acme.example/" + "long/" * 40
SHOP = "https://shop.acme.example/" + "page/" * 60
TEXTS = {
    "templates/email/hello/subject.txt": "Hello {{ customer.first_name }}",
    "templates/email/hello/body.html": f"<p>Hi {{{{ customer.first_name }}}} <a href='{SHOP}'>shop</a>"
    " <a href='{{ links.unsubscribe }}'>stop</a></p>",
    "templates/email/hello/body.txt": f"Hi {{{{ customer.first_name }}}}\n{SHOP}\n{{{{ links.unsubscribe }}}}\n",
    "templates/email/hello/subject.de.txt": "Hallo",
    "templates/email/hello/body.de.txt": "Hallo {{ links.unsubscribe }}",
    "templates/sms/hello/body.txt": "Hi https://shop.acme.example/now",
}
MESSAGE = Message(
    row=1,
    id="0b9f2c1e-77aa-4c7e-9a51-0d3f8f1a2b3c",
    enrollment="e1",
    enrollment_row=1,
    customer="c1",
    customer_row=1,
    journey="welcome_tour",
    left=None,
    step="hello",
    visit=0,
    channel=Channel.EMAIL,
    template="hello",
    purpose=Purpose.MARKETING,
    topic="product_tips",
    sender="default",
    planned_at=NOON,
    expires_at=NOON,
    planned_real_at=NOON,
    facts={},
    fallback=False,
    parting=False,
    state=MessageState.SENDING,
    reason="",
    attempt=1,
    doubts=0,
    epoch=1,
    changed_at=NOON,
    not_before=None,
    lease_until=None,
    possible_duplicate=False,
    provider=None,
    journey_paused=False,
    channel_paused=False,
)
ADDRESS = "Büro Acme, Hauptstr. 1, 10115 Berlin"


class Plain:
    """Pages by their names; no click is seen."""

    def of(self, message_id: str) -> Mapping[str, str]:
        return {name: f"{PAGES}/{name}/{message_id}" for name in ("unsubscribe", "preferences", "confirm")}

    def click(self, message_id: str, url: str) -> str:
        return url

    def opened(self, message_id: str) -> str:
        return f"{PAGES}/o/{message_id}.gif"


@dataclass
class Shortened:
    """Pages by their names, short addresses by number, and what these were made for."""

    made: list[tuple[str, str]] = field(default_factory=list)

    def of(self, message_id: str) -> Mapping[str, str]:
        return Plain().of(message_id)

    def click(self, message_id: str, url: str) -> str:
        if (message_id, url) not in self.made:
            self.made.append((message_id, url))
        return f"https://acme.example/c/{self.made.index((message_id, url))}"

    def opened(self, message_id: str) -> str:
        return Plain().opened(message_id)


def a_claim(
    utm: dict[str, str] | None = None,
    domain: str = "acme.example",
    locale: str = "",
    opens: Collection[Purpose] = (),
    **said: Any,
) -> Claim:
    return Claim(
        asked=Asked(replace(MESSAGE, **said), NOON, falls_back=False),
        address="ada@example.org",
        sender=Sender("Büro Acme", f"hello@{domain}", "+15005550006"),
        policy=Policy(postal_address=ADDRESS, utm=utm or {}, opens=frozenset(opens)),
        facts={"customer": {"first_name": "Ada", "locale": locale}, "journey": {"name": "welcome_tour"}},
        texts=TEXTS,
        release="r1",
        good_until=NOON + 3 * HOUR,
    )


def an_email(claim: Claim, writer: Writer | None = None) -> EmailContent:
    content = (writer or Writer(Plain())).write(claim)
    assert isinstance(content, EmailContent)
    return content


@pytest.mark.asyncio
@pytest.mark.parametrize("domain", ["acme.example", "mail.büro-acme.example"])
async def test_what_programs_read_of_marketing_arrives_unfolded_and_unencoded(domain: str) -> None:
    async with Misbehaving(Manner.ACCEPT) as server:
        adapter = Smtp(Server("127.0.0.1", server.port, Security.NONE))
        assert isinstance(await adapter.submit(an_email(a_claim(domain=domain)), SOON), Accepted)
        await adapter.close()
    lines = server.taken[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
    wire = domain.encode("idna")
    assert f"List-Unsubscribe: <{PAGES}/unsubscribe/{MESSAGE.id}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert b"List-Id: <product_tips.%b>" % wire in lines
    [feedback] = [line for line in lines if line.startswith(b"Feedback-ID: ")]
    *named, sender = feedback.removeprefix(b"Feedback-ID: ").split(b":")
    assert named == [b"hello", b"welcome_tour", b"product_tips"]
    assert 5 <= len(sender) <= 15
    assert b"Message-ID: <%b.1@%b>" % (MESSAGE.id.encode(), wire) in lines
    assert not any(line.startswith((b" ", b"\t")) for line in lines)


@pytest.mark.asyncio
async def test_marketing_arrives_with_its_way_out_and_its_address_in_both_bodies() -> None:
    async with Misbehaving(Manner.ACCEPT) as server:
        adapter = Smtp(Server("127.0.0.1", server.port, Security.NONE))
        await adapter.submit(an_email(a_claim()), SOON)
        await adapter.close()
    message = message_from_bytes(server.taken[0], policy=policy.default)
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        words = part.get_content()
        assert ADDRESS in words
        assert f"{PAGES}/unsubscribe/{MESSAGE.id}" in words
        assert SHOP in words


@pytest.mark.asyncio
async def test_the_picture_that_tells_of_an_opening_is_the_last_thing_on_the_wire() -> None:
    async with Misbehaving(Manner.ACCEPT) as server:
        adapter = Smtp(Server("127.0.0.1", server.port, Security.NONE))
        await adapter.submit(an_email(a_claim(opens=[Purpose.MARKETING])), SOON)
        await adapter.close()
    raw = server.taken[0].replace(b"=\r\n", b"")  # quoted-printable's soft line breaks
    picture = f'<img src=3D"{PAGES}/o/{MESSAGE.id}.gif" alt=3D"" width=3D"1" height=3D"1" style=3D"border:0">'
    assert raw.count(b"<img") == 1
    assert picture.encode() in raw
    page = raw.partition(b"Content-Type: text/html")[2].partition(b"\r\n--")[0]
    assert page.rstrip().endswith(picture.encode())


@pytest.mark.parametrize("opens", [[], [Purpose.TRANSACTIONAL]])
def test_no_picture_is_placed_where_the_policy_does_not_ask_for_it(opens: list[Purpose]) -> None:
    assert "<img" not in an_email(a_claim(opens=opens)).html


def test_what_is_owed_has_a_picture_only_where_it_is_asked_for_by_name() -> None:
    owed = Purpose.TRANSACTIONAL
    assert "<img" not in an_email(a_claim(opens=[Purpose.MARKETING], purpose=owed)).html
    assert "<img" in an_email(a_claim(opens=[*Purpose], purpose=owed)).html


def test_what_is_owed_carries_neither_list_nor_way_out_in_its_headers() -> None:
    content = an_email(a_claim(purpose=Purpose.TRANSACTIONAL))
    assert content.headers == {}
    assert ADDRESS not in content.text + content.html


def test_a_word_that_no_header_can_carry_is_dashed_in_it() -> None:
    headers = an_email(a_claim(topic="Neues: für\r\nalle", template="hello")).headers
    assert headers["List-Id"] == "<Neues-f-r-alle.acme.example>"
    assert headers["Feedback-ID"] == "hello:welcome_tour:Neues-f-r-alle:acmeexample"


def test_a_sender_without_an_address_is_left_to_the_adapter() -> None:
    claim = replace(a_claim(), sender=Sender("Acme", ""))
    assert an_email(claim).headers == {}


def test_links_stay_without_a_clicks_and_a_policy_that_asks_for_more() -> None:
    assert SHOP in an_email(a_claim()).html
    assert SHOP in an_email(a_claim()).text


def test_links_say_where_they_were_clicked_as_the_policy_asks() -> None:
    said = "utm_medium=email&amp;utm_campaign=welcome_tour&amp;utm_source=acme"
    assert f"{SHOP}?{said}" in an_email(a_claim({"source": "acme"})).html
    own = a_claim({"source": "acme", "medium": "letter", "campaign": "spring"})
    assert f"{SHOP}?utm_medium=letter&utm_campaign=spring&utm_source=acme\n" in an_email(own).text


def test_a_click_is_seen_by_message_and_never_on_a_way_out() -> None:
    shortened = Shortened()
    content = an_email(a_claim(), Writer(shortened))
    assert shortened.made == [(MESSAGE.id, SHOP)]
    for body in (content.html, content.text):
        assert "https://acme.example/c/0" in body
        assert SHOP not in body
        assert f"{PAGES}/unsubscribe/{MESSAGE.id}" in body


def test_text_messages_go_with_short_links_too() -> None:
    content = Writer(Shortened()).write(a_claim(channel=Channel.SMS))
    assert isinstance(content, SmsContent)
    assert content.body == "Hi https://acme.example/c/0"


def test_what_a_text_message_is_good_for_counts_from_when_it_is_sent_lateness_and_all() -> None:
    late = Asked(replace(MESSAGE, channel=Channel.SMS), NOON + HOUR, falls_back=False)
    content = Writer(Plain()).write(replace(a_claim(), asked=late))
    assert isinstance(content, SmsContent)
    assert content.good_for == 2 * HOUR


def test_a_customer_is_written_to_in_her_language() -> None:
    assert an_email(a_claim(locale="de-AT")).subject == "Hallo"
    assert an_email(a_claim(locale="fr")).subject == "Hello Ada"
