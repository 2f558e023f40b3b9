"""`sojourn preview` and `sojourn mailbox`."""

from datetime import UTC, datetime
from pathlib import Path

from engine.words import Channel
from records.ledger.addresses import Scope, suppress
from sojourn.opened import hashing_of, opened
from tests.sojourn.calling import call


def test_a_template_is_shown_as_its_sample_makes_it(folder: Path) -> None:
    said = call("preview", "receipt")
    assert said.status == 0
    assert said.out == "Subject: Thank you\n\nYou paid 12\n"
    assert (folder / ".sojourn/preview/receipt.html").read_text() == "<p>You paid 12</p>"


def test_a_text_message_is_shown_too(folder: Path) -> None:
    assert call("preview", "sms/hello").out == "Hello from Acme\n"


def test_a_text_message_is_counted_in_parts(folder: Path) -> None:
    assert "1 part: 15 units of GSM7" in call("preview", "sms/hello").err
    (folder / "templates/sms/hello/body.txt").write_text("Привет " * 11)
    said = call("preview", "sms/hello")
    assert "2 parts: 76 units of UCS2, for it has П в е и р т" in said.err
    assert call("preview", "sms/hello", "--json").json["parts"] == 2


def test_a_template_is_shown_in_any_of_its_languages(folder: Path) -> None:
    (folder / "templates/email/receipt/subject.de.txt").write_text("Danke")
    (folder / "templates/email/receipt/body.de.txt").write_text("Bezahlt: {{ entry.amount }}")
    assert call("preview", "receipt", "--locale", "de-AT").out == "Subject: Danke\n\nBezahlt: 12\n"
    assert call("preview", "receipt", "--locale", "fr").out == "Subject: Thank you\n\nYou paid 12\n"


def test_the_postal_address_is_that_of_the_policy(folder: Path) -> None:
    (folder / "templates/email/receipt/body.txt").write_text("{{ postal_address }}")
    assert "Acme GmbH, Hauptstr. 1, 10115 Berlin" in call("preview", "receipt").out


def test_marketing_ends_with_the_postal_address_and_a_receipt_does_not(folder: Path) -> None:
    address = "Acme GmbH, Hauptstr. 1, 10115 Berlin"
    assert address not in call("preview", "receipt").out
    assert call("preview", "reminder").out.endswith(f"\n\n{address}\n")


def test_a_page_that_gmail_clips_is_told(folder: Path) -> None:
    (folder / "templates/email/receipt/body.html").write_text("{% for x in range(200) %}" + "x" * 1000 + "{% endfor %}")
    assert "195 KB of HTML" in call("preview", "receipt").err


def test_it_is_sent_by_the_channel_in_use_and_read_in_the_mailbox(folder: Path) -> None:
    assert call("preview", "receipt", "--to", "ada@acme.example").status == 0
    assert call("preview", "sms/hello", "--to", "+4915112345678").status == 0
    listed = call("mailbox", "--json").json
    assert [(one["channel"], one["to"]) for one in listed] == [("sms", "+4915112345678"), ("email", "ada@acme.example")]
    opened = call("mailbox", listed[1]["number"], "--html", "receipt.html")
    assert "Subject: Thank you" in opened.out
    assert "You paid 12" in opened.out
    assert "You paid 12" in (folder / "receipt.html").read_text()


def test_the_mailbox_is_asked_for_one_address(folder: Path) -> None:
    for address in ("ada@acme.example", "bo@acme.example"):
        call("preview", "receipt", "--to", address)
    assert [one["to"] for one in call("mailbox", "--to", "bo@acme.example", "--json").json] == ["bo@acme.example"]


def test_an_empty_mailbox_and_a_message_that_is_not_there(folder: Path) -> None:
    assert call("mailbox").status == 0
    said = call("mailbox", "7")
    assert said.status == 2
    assert "found no message 7" in said.err


def test_a_template_that_is_not_there_or_not_the_only_one_is_a_mistake(folder: Path) -> None:
    assert "did you mean 'receipt'?" in call("preview", "recept").err
    said = call("preview", "hello")
    assert said.status == 2
    assert "email/hello or sms/hello" in said.err


def test_a_real_channel_writes_only_to_whom_it_is_allowed(folder: Path) -> None:
    (folder / "sojourn.toml").write_text(
        '[channels]\nemail = "smtp"\nallow = ["*@acme.example"]\n[channels.smtp]\nhost = "127.0.0.1"'
    )
    said = call("preview", "receipt", "--to", "ada@post.example")
    assert said.status == 2
    assert "found ada@post.example; expected one of `allow` in sojourn.toml (*@acme.example)" in said.err


def test_nothing_is_sent_for_a_look_to_an_address_that_something_stands_against(folder: Path) -> None:
    assert call("publish").status == 0
    with opened(folder) as here:
        hashed = hashing_of(here.settings, folder).of(Channel.EMAIL, "ada@acme.example")
        dead = Scope(Channel.EMAIL, everything=True)
        here.database.write(lambda connection: suppress(connection, hashed, dead, "dead", datetime.now(UTC)))
    said = call("preview", "receipt", "--to", "ADA@acme.example")
    assert (said.status, said.err.splitlines()[-1]) == (
        2, "sojourn: found ADA@acme.example; nothing is written there: the address is dead"
    )  # fmt: skip
    assert call("preview", "receipt", "--to", "eve@acme.example").status == 0


def test_a_server_that_is_down_is_told_in_a_sentence(folder: Path) -> None:
    (folder / "sojourn.toml").write_text(
        '[channels]\nemail = "smtp"\nlive = true\n[channels.smtp]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"'
    )
    said = call("preview", "receipt", "--to", "ada@post.example")
    assert said.status == 2
    assert "the channel did not take it: unreachable" in said.err


def test_a_channel_that_does_not_exist_is_told_with_those_that_do(folder: Path) -> None:
    (folder / "sojourn.toml").write_text('[channels]\nemail = "mailbx"\n')
    said = call("preview", "receipt", "--to", "ada@post.example")
    assert said.status == 2
    assert "did you mean 'mailbox'?" in said.err
