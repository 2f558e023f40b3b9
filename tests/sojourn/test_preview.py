"""`sojourn preview` and `sojourn mailbox`."""

from pathlib import Path

from tests.sojourn.calling import call


def test_a_template_is_shown_as_its_sample_makes_it(folder: Path) -> None:
    said = call("preview", "receipt")
    assert said.status == 0
    assert said.out == "Subject: Thank you\n\nYou paid 12\n"
    assert (folder / ".sojourn/preview/receipt.html").read_text() == "<p>You paid 12</p>"


def test_a_text_message_is_shown_too(folder: Path) -> None:
    assert call("preview", "sms/hello").out == "Hello from Acme\n"


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
