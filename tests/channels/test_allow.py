"""Whom a real channel may write to before it is live, and which adapters there are."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from channels.allow import may_write
from channels.protocol import Channel, Options
from channels.registry import ADAPTERS, UnknownAdapter, adapter


@pytest.mark.parametrize("address", ["ada@acme.example", "Ada@ACME.example", "a.b+c@acme.example"])
def test_a_pattern_lets_its_addresses_through(address: str) -> None:
    assert may_write(address, ["*@acme.example"], live=False)


@pytest.mark.parametrize(
    "address",
    [
        "ada@evil.example",
        "ada@sub.acme.example",
        "ada@acme.example.evil.example",
        "eve@evil.example,ada@acme.example",
        "eve@evil.example>\r\n<ada@acme.example",
        "eve@evil.example ada@acme.example",
        "ada@acme.example\n",
        "",
    ],
)
def test_nobody_slips_through_beside_a_pattern(address: str) -> None:
    assert not may_write(address, ["*@acme.example"], live=False)


def test_an_empty_list_lets_nobody_through_and_live_everybody() -> None:
    assert not may_write("ada@acme.example", [], live=False)
    assert may_write("ada@acme.example", [], live=True)


def test_numbers_have_patterns_too_and_other_signs_mean_themselves() -> None:
    assert may_write("+4915112345678", ["+4915*"], live=False)
    assert not may_write("4915112345678", ["+4915*"], live=False)
    assert not may_write("a@acme.example", ["[a]@acme.example"], live=False)
    assert not may_write("ada@acmeXexample", ["*@acme.example"], live=False)


def test_an_unknown_adapter_is_named_with_what_there_is() -> None:
    with pytest.raises(
        UnknownAdapter,
        match="found email = 'mailbx'; expected one of mailbox, sendgrid, smtp, webhook; did you mean 'mailbox'",
    ):
        adapter(Channel.EMAIL, "mailbx", {})
    with pytest.raises(UnknownAdapter):
        adapter(Channel.SMS, "smtp", {})


def test_every_adapter_carries_the_channel_it_is_listed_under(tmp_path: Path) -> None:
    options: dict[str, Options] = {
        "mailbox": {"state": str(tmp_path)},
        "smtp": {"host": "127.0.0.1"},
        "sendgrid": {"api_key": "key"},
        "twilio": {"account_sid": "AC" + "0" * 32, "auth_token": "token"},
        "webhook": {"url": "https://acme.example/", "secret": "a secret of some length"},
    }
    for channel, named in ADAPTERS.items():
        assert {adapter(channel, name, options[name]).capabilities.channel for name in named} == {channel}


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError):
        adapter(Channel.EMAIL, "smtp", {"host": "127.0.0.1", "prot": 25})
