"""What an adapter lacks is told with the place where to say it."""

import re
from pathlib import Path

import pytest

from engine.release import Policy
from engine.words import Channel
from sojourn.adapters import chosen, lacking, options
from sojourn.doors import doors_of
from sojourn.settings import load_settings
from tests.sojourn.calling import POLICY, call, write_folder

ACCOUNT = "AC" + "0" * 32
KEY = "SK" + "2" * 32
TWILIO = f'[channels]\nsms = "twilio"\n[channels.twilio]\naccount_sid = "{ACCOUNT}"\n'


NOTHING = Policy()
WANTED = Policy(channels={Channel.EMAIL: "sendgrid"})


def lacks(folder: Path, text: str, policy: Policy = NOTHING) -> list[str]:
    (folder / "sojourn.toml").write_text(text)
    return [str(one) for one in lacking(load_settings(folder), policy, folder)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[channels]\nemail = "mailbox"', []),
        (
            '[channels]\nemail = "sendgrid"',
            ["SOJOURN_CHANNELS_SENDGRID_API_KEY: is missing; expected it in the environment"],
        ),
        ('[channels]\nemail = "smtp"', ["sojourn.toml: [channels.smtp]: host: is missing"]),
        (
            '[channels]\nsms = "twilio"\n[channels.twilio]\nvalidity_minutes = 900\nsid = 1',
            [
                "sojourn.toml: [channels.twilio]: account_sid: is missing",
                "SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN: is missing; expected it in the environment",
                "sojourn.toml: [channels.twilio]: validity_minutes: expected at most 600",
                "sojourn.toml: [channels.twilio]: sid: is no setting; known are account_sid, api_key_sid,"
                " api_key_secret, auth_token, messaging_service_sid, validity_minutes, public_url, host, connections",
            ],
        ),
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
        (
            '[channels]\nsms = "webhook"',
            [
                "sojourn.toml: [channels.webhook]: url: is missing",
                "SOJOURN_CHANNELS_WEBHOOK_SECRET: is missing; expected it in the environment",
            ],
        ),
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


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SENDGRID_API_KEY", "  ", "is missing; expected it in the environment"),
        ("SENDGRID_WEBHOOK_KEY", "MFkw...", "found no public key; expected it as SendGrid's page .* shows it"),
        ("SENDGRID_CLICKS", "perhaps", "expected true or false"),
        ("TWILIO_AUTH_TOKEN", "  ", "is missing; expected it in the environment"),
        ("TWILIO_ACCOUNT_SID", "AC1", "expected AC and 32 hexadecimal digits"),
        ("TWILIO_VALIDITY_MINUTES", "0", "expected at least 1"),
    ],
)
def test_what_the_environment_says_wrong_is_told_by_the_name_it_has_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_SENDGRID_API_KEY", "SG.key")
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN", "token")
    monkeypatch.setenv(f"SOJOURN_CHANNELS_{variable}", value)
    [wrong] = lacks(tmp_path, TWILIO.replace("[channels]\n", '[channels]\nemail = "sendgrid"\n'))
    assert re.fullmatch(f"SOJOURN_CHANNELS_{variable}: {told}", wrong)


def test_an_adapter_that_lacks_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_SENDGRID_API_KEY", "SG.key")
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN", "token")
    chosen = '[channels]\nemail = "sendgrid"\nsms = "twilio"\n'
    assert lacks(tmp_path, f'{chosen}[channels.twilio]\naccount_sid = "{ACCOUNT}"') == []


def test_what_policy_wants_holds_where_the_machine_says_nothing(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert chosen(Channel.EMAIL, settings, WANTED).name == "sendgrid"
    assert chosen(Channel.SMS, settings, WANTED).name == "mailbox"


def test_the_machine_wins_over_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOJOURN_CHANNELS_EMAIL", "mailbox")
    assert chosen(Channel.EMAIL, load_settings(tmp_path), WANTED).name == "mailbox"
    assert lacks(tmp_path, '[channels]\nemail = "smtp"', WANTED) == []


def test_a_machine_without_the_key_that_policy_needs_is_told_both_ways_on(tmp_path: Path) -> None:
    [told] = lacks(tmp_path, "", WANTED)
    assert told == (
        "SOJOURN_CHANNELS_SENDGRID_API_KEY: is missing; expected it in the environment"
        "; or SOJOURN_CHANNELS_EMAIL=mailbox, for journeys/policy.yaml wants sendgrid"
    )


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


def test_doctor_and_run_tell_what_the_policy_needs_and_this_machine_lacks(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, policy=f"{POLICY}channels: {{email: sendgrid}}\n")
    assert call("publish", "-C", folder).status == 0
    told = "SOJOURN_CHANNELS_SENDGRID_API_KEY: is missing; expected it in the environment; or SOJOURN_CHANNELS_EMAIL="
    found = {one["found"]: one["grade"] for one in call("doctor", "--json", "-C", folder).json}
    assert found["email by sendgrid, as policy.yaml says, sms by mailbox"] == "well"
    assert found["sendgrid, to nobody: `allow` is empty, `live` is false, at api.sendgrid.com"] == "wrong"
    assert any(one.startswith(told) and grade == "wrong" for one, grade in found.items())
    run = call("run", "-C", folder)
    assert (run.status, told in run.err) == (2, True)


def test_check_tells_of_an_adapter_that_nobody_has_registered(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, policy=f"{POLICY}channels: {{sms: twillio}}\n")
    said = call("check", "--format", "concise", folder)
    told = "unknown adapter 'twillio'; sms has mailbox, twilio or webhook; did you mean 'twilio'?"
    assert (said.status, f"journeys/policy.yaml:5:17: {told}" in said.out) == (1, True)


def test_a_key_sends_alone_but_twilio_is_not_believed_without_the_accounts_own_token(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sojourn.toml").write_text(f'public_url = "https://a.example"\n{TWILIO}api_key_sid = "{KEY}"')
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_API_KEY_SECRET", "of its key")
    assert list(lacking(load_settings(folder), NOTHING, folder)) == []
    assert doors_of(load_settings(folder)).twilio is None
    found = {one["found"]: one["grade"] for one in call("doctor", "--json").json}
    assert found["no auth_token: webhooks are not believed"] == "wrong"
    monkeypatch.setenv("SOJOURN_CHANNELS_TWILIO_AUTH_TOKEN", "of the account")
    assert doors_of(load_settings(folder)).twilio is not None
    assert "no auth_token: webhooks are not believed" not in {one["found"] for one in call("doctor", "--json").json}
