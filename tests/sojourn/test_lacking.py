"""What an adapter lacks is told with the place where to say it."""

from pathlib import Path

import pytest

from sojourn.doors import doors_of
from sojourn.posting import lacking, options
from sojourn.settings import load_settings
from tests.sojourn.calling import call

ACCOUNT = "AC" + "0" * 32
KEY = "SK" + "2" * 32
TWILIO = f'[channels]\nsms = "twilio"\n[channels.twilio]\naccount_sid = "{ACCOUNT}"\n'


def lacks(folder: Path, text: str) -> list[str]:
    (folder / "sojourn.toml").write_text(text)
    return [str(one) for one in lacking(load_settings(folder), folder)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[channels]\nemail = "mailbox"', []),
        (
            '[channels]\nemail = "sendgrid"',
            ["SOJOURN_CHANNELS_SENDGRID_API_KEY: is missing; expected it in the environment"],
        ),
        ('[channels]\nemail = "smtp"', ["sojourn.toml: [channels.smtp]: host: is missing"]),
        ('[channels]\nsms = "twilio"', ["sojourn.toml: [channels.twilio]: account_sid: is missing"]),
        (
            TWILIO,
            ["SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN: is missing; expected it in the environment"],
        ),
        (
            f'{TWILIO}api_key_sid = "{KEY}"',
            ["SOJOURN_CHANNELS_TWILIO_API_KEY_SECRET: is missing; expected it in the environment"],
        ),
        (
            '[channels]\nemail = "sendgrd"',
            [
                "sojourn.toml: [channels]: found email = 'sendgrd'; expected one of mailbox, sendgrid, smtp, webhook"
                "; did you mean 'sendgrid'?"
            ],
        ),
        ('[channels]\nsms = "webhook"', ["sojourn.toml: [channels.webhook]: url: is missing"]),
    ],
)
def test_what_is_missing_is_told_with_its_place(tmp_path: Path, text: str, told: list[str]) -> None:
    assert lacks(tmp_path, text) == told


def test_what_is_there_but_wrong_is_told_without_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_WEBHOOK_SECRET", "too short")
    [short] = lacks(tmp_path, '[channels]\nsms = "webhook"\n[channels.webhook]\nurl = "https://acme.example/"')
    assert short.startswith("SOJOURN_CHANNELS_WEBHOOK_SECRET: ")
    assert "too short" not in short
    monkeypatch.setenv("SOJOURN_CHANNELS_WEBHOOK_SECRET", "long enough for anybody")
    [plain] = lacks(tmp_path, '[channels]\nsms = "webhook"\n[channels.webhook]\nurl = "http://acme.example/"')
    assert plain == "sojourn.toml: [channels.webhook]: url: found http; expected https, or private = true"


def test_an_adapter_that_lacks_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_SENDGRID_API_KEY", "SG.key")
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN", "token")
    chosen = '[channels]\nemail = "sendgrid"\nsms = "twilio"\n'
    assert lacks(tmp_path, f'{chosen}[channels.twilio]\naccount_sid = "{ACCOUNT}"') == []


def test_the_public_url_reaches_twilio_unless_it_has_one_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "sojourn.toml").write_text('public_url = "https://mail.acme.example"')
    assert options(load_settings(tmp_path), "twilio", tmp_path)["public_url"] == "https://mail.acme.example"
    (tmp_path / "sojourn.toml").write_text('public_url = "https://a"\n[channels.twilio]\npublic_url = "https://b"')
    assert options(load_settings(tmp_path), "twilio", tmp_path)["public_url"] == "https://b"


def test_doctor_tells_what_the_adapters_in_use_lack(folder: Path) -> None:
    (folder / "sojourn.toml").write_text('[channels]\nemail = "sendgrid"\nsms = "twilio"\n')
    said = call("doctor", "--json")
    found = {one["found"]: one["grade"] for one in said.json}
    assert said.status == 1
    assert found["SOJOURN_CHANNELS_SENDGRID_API_KEY: is missing; expected it in the environment"] == "wrong"
    assert found["sojourn.toml: [channels.twilio]: account_sid: is missing"] == "wrong"
    assert found["no webhook_key"] == "note"
    assert found["no public_url"] == "note"


def test_a_key_sends_alone_but_twilio_is_not_believed_without_the_accounts_own_token(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sojourn.toml").write_text(f'public_url = "https://a.example"\n{TWILIO}api_key_sid = "{KEY}"')
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_API_KEY_SECRET", "of its key")
    assert list(lacking(load_settings(folder), folder)) == []
    assert doors_of(load_settings(folder)).twilio is None
    found = {one["found"]: one["grade"] for one in call("doctor", "--json").json}
    assert found["no auth_token: webhooks are not believed"] == "wrong"
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN", "of the account")
    assert doors_of(load_settings(folder)).twilio is not None
    assert "no auth_token: webhooks are not believed" not in {one["found"] for one in call("doctor", "--json").json}
