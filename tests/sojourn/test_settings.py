"""Settings: a file, the environment above it, and secrets only there."""

from pathlib import Path

import pytest

from engine.words import Channel
from sojourn.errors import Mistake
from sojourn.settings import load_settings


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.database == f"sqlite:///{tmp_path}/.sojourn/sojourn.db"
    assert (settings.temporal, settings.channels.adapter(Channel.EMAIL), settings.channels.live) == (None, None, False)


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sojourn.toml").write_text(
        'temporal = "file:7233"\n[channels]\nemail = "smtp"\nallow = ["*@a.example"]'
    )
    monkeypatch.setenv("SOJOURN_TEMPORAL", "environment:7233")
    monkeypatch.setenv("SOJOURN_CHANNELS_ALLOW", "*@b.example, +4915*")
    monkeypatch.setenv("SOJOURN_CHANNELS_SMTP_PASSWORD", "of_smtp")
    settings = load_settings(tmp_path)
    assert settings.temporal == "environment:7233"
    assert settings.channels.adapter(Channel.EMAIL) == "smtp"
    assert settings.channels.allow == ("*@b.example", "+4915*")
    assert settings.channels.own("smtp") == {"password": "of_smtp"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("databse = 1", "sojourn.toml: databse: is no setting; .* did you mean database?"),
        ("[channels]\nliv = true", "sojourn.toml: channels.liv: is no setting; .* did you mean live?"),
        ('[channels]\nlive = "maybe"', "sojourn.toml: channels.live: found 'maybe'; expected true or false"),
        ('[channels.smtp]\npassword = "x"', "found a secret; expected it in .* SOJOURN_CHANNELS_SMTP_PASSWORD"),
        ('[channels.sendgrid]\napi_key = "x"', "found a secret; .* SOJOURN_CHANNELS_SENDGRID_API_KEY"),
        ('[channels.twilio]\nauth_token = "x"', "found a secret; .* SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN"),
        ('[channels.twilio]\napi_key_secret = "x"', "found a secret; .* SOJOURN_CHANNELS_TWILIO_API_KEY_SECRET"),
        ('[channels.webhook]\nsecret = "x"', "found a secret; .* SOJOURN_CHANNELS_WEBHOOK_SECRET"),
        ("ui_port = 99999", "sojourn.toml: ui_port: found 99999"),
        ('write_key = "0123456789abcdef"', "write_key: found a secret; expected it in .* as SOJOURN_WRITE_KEY"),
        ('public_url = "acme"', "public_url: found 'acme'; expected where customers and providers reach the API"),
        ('public_url = "https://a.example/?x=1"', "public_url: found .*; expected where customers"),
        ("a =", "sojourn.toml: cannot be read: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "sojourn.toml").write_text(text)
    with pytest.raises(Mistake, match=told):
        load_settings(tmp_path)


def test_what_is_wrong_in_the_environment_is_told_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_LIVE", "perhaps")
    with pytest.raises(Mistake, match="SOJOURN_CHANNELS_LIVE: found 'perhaps'"):
        load_settings(tmp_path)


def test_what_the_environment_says_wrong_is_not_laid_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sojourn.toml").write_text("[channels]\nlive = false")
    monkeypatch.setenv("SOJOURN_CHANNELS_LIVE", "maybe")
    with pytest.raises(Mistake, match=r"^SOJOURN_CHANNELS_LIVE: found 'maybe'; expected true or false"):
        load_settings(tmp_path)


def test_a_variable_that_nothing_reads_is_told_with_what_it_may_have_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("SOJOURN_PUBLIK_URL", "SOJOURN_CHANEL_LIVE", "SOJOURN_FOLDER", "SOJOURN_STAND_IN_TWILIO_TOKEN"):
        monkeypatch.setenv(name, "x")
    load_settings(tmp_path)
    assert capsys.readouterr().err.splitlines() == [
        "SOJOURN_CHANEL_LIVE: is no setting, and nothing reads it; did you mean SOJOURN_CHANNELS_LIVE?",
        "SOJOURN_PUBLIK_URL: is no setting, and nothing reads it; did you mean SOJOURN_PUBLIC_URL?",
    ]


@pytest.mark.parametrize("said", ["*@b.example, +4915*", '["*@b.example", "+4915*"]'])
def test_allow_stands_in_the_environment_as_words_or_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_ALLOW", said)
    assert load_settings(tmp_path).channels.allow == ("*@b.example", "+4915*")


@pytest.mark.parametrize("wrong", ["acme.example", "@acme.example", "", "+49 151 *", "0151*", "*", "*@*", "+*"])
def test_an_entry_of_allow_that_names_nobody_is_told(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "sojourn.toml").write_text(f'[channels]\nallow = ["*@acme.example", "{wrong}"]')
    with pytest.raises(Mistake) as told:
        load_settings(tmp_path)
    assert f"; {wrong!r} names nobody; expected addresses, *@acme.example, numbers" in str(told.value)


def test_secrets_of_every_adapter_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_SENDGRID_API_KEY", "of_sendgrid")
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN", "of_twilio")
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_API_KEY_SECRET", "of_its_key")
    monkeypatch.setenv("SOJOURN_CHANNELS_WEBHOOK_SECRET", "of_webhook")
    monkeypatch.setenv("SOJOURN_PUBLIC_URL", "https://mail.acme.example")
    settings = load_settings(tmp_path)
    assert settings.channels.own("sendgrid") == {"api_key": "of_sendgrid"}
    assert settings.channels.own("twilio") == {"auth_token": "of_twilio", "api_key_secret": "of_its_key"}
    assert settings.channels.own("webhook") == {"secret": "of_webhook"}
    assert settings.public_url == "https://mail.acme.example"


@pytest.mark.parametrize("name", ["SOJOURN_SECRET", "SOJOURN_WRITE_KEY"])
def test_a_secret_that_is_too_short_is_told_without_its_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "hunter2")
    with pytest.raises(Mistake, match=f"{name}: found something else; expected at least 16") as told:
        load_settings(tmp_path)
    assert "hunter2" not in str(told.value)


def test_the_public_url_ends_without_a_slash(tmp_path: Path) -> None:
    (tmp_path / "sojourn.toml").write_text('public_url = "https://a.example/mail/"')
    assert load_settings(tmp_path).public_url == "https://a.example/mail"
