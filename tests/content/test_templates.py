"""The shipped words: every message has its template and every template its message; all render, strictly."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from channels.checking import faults
from channels.compiling.files import FILES
from channels.filters import ALLOWED
from channels.protocol import Channel
from channels.rendering import SAMPLE_FACTS, render_email, render_sms
from channels.templates import TemplateSet
from tests.content import shipped

GUIDE = (shipped.ROOT / "docs" / "templates.md").read_text("utf-8")
SHELF = TemplateSet.from_folder(shipped.TEMPLATES)
POSTAL = shipped.setting("policy")["postal_address"]
GSM_7 = re.compile(r"[A-Za-z0-9 \n@£$¥!\"#%&'()*+,\-./:;<=>?]*")
EMAILS = SHELF.names(Channel.EMAIL)
TEXTS = SHELF.names(Channel.SMS)
GIVEN = {"customer", "entry", "journey", "links", "postal_address"}


def facts(channel: Channel, name: str) -> Mapping[str, Any]:
    return {**SAMPLE_FACTS, "postal_address": POSTAL, **SHELF.sample(channel, name)}


@cache
def sent_as(channel: Channel, name: str) -> list[tuple[shipped.Node, shipped.Node]]:
    return list(shipped.sent_as(name, channel))


def is_marketing(channel: Channel, name: str) -> bool:
    purposes = {step.get("purpose", journey["purpose"]) for journey, step in sent_as(channel, name)}
    assert len(purposes) == 1, f"{name} is sent for two purposes"
    return purposes == {"marketing"}


def names_of(prefix: str, needed: set[str]) -> set[str]:
    return {name.removeprefix(prefix) for name in needed if name.startswith(prefix)}


def properties_of_entry(journey: shipped.Node) -> Iterator[set[str]]:
    """What each way into a journey carries along."""
    events = journey["enter"].get("event", [])
    for event in [events] if isinstance(events, str) else events:
        yield set(shipped.setting("facts")["events"][event])


def test_the_templates_have_no_fault_and_render_their_samples() -> None:
    assert [str(fault) for fault in faults(SHELF)] == []


def test_every_message_has_its_template_and_every_template_its_message() -> None:
    sent = {message for path in shipped.journey_files() for message in shipped.messages(shipped.read(path))}
    assert {("email", name) for name in EMAILS} | {("sms", name) for name in TEXTS} == sent


@pytest.mark.parametrize("name", EMAILS)
def test_a_mail_has_a_text_part_of_its_own(name: str) -> None:
    files = {path.rpartition("/")[2] for path in SHELF.texts if path.startswith(f"email/{name}/")}
    assert files == {"subject.txt", "body.html", "body.txt", "sample.yaml"}


@pytest.mark.parametrize("name", EMAILS)
def test_a_mail_does_without_the_attributes_of_the_customer(name: str) -> None:
    mail = render_email(SHELF, name, {**facts(Channel.EMAIL, name), "customer": {}})
    assert "Hello there," in mail.html
    assert "Hello there," in mail.text


@pytest.mark.parametrize("name", EMAILS)
def test_a_subject_is_short(name: str) -> None:
    assert len(render_email(SHELF, name, facts(Channel.EMAIL, name)).subject) <= 60


@pytest.mark.parametrize("name", EMAILS)
def test_a_mail_says_where_we_are_and_marketing_how_to_stop_it(name: str) -> None:
    mail = render_email(SHELF, name, facts(Channel.EMAIL, name))
    for body in (mail.html, mail.text):
        assert POSTAL in body
        stops = all(SAMPLE_FACTS["links"][link] in body for link in ("unsubscribe", "preferences"))
        assert stops == is_marketing(Channel.EMAIL, name)


@pytest.mark.parametrize("name", EMAILS)
def test_a_mail_is_small_has_a_preheader_and_is_safe_in_the_dark(name: str) -> None:
    html = render_email(SHELF, name, facts(Channel.EMAIL, name)).html
    assert len(html) < 20_000
    assert re.search(r'<div style="display:none[^>]*>[^<]+</div>', html)
    assert "prefers-color-scheme: dark" in html
    assert "<img" not in html


@pytest.mark.parametrize("name", EMAILS)
def test_the_two_bodies_of_a_mail_lead_to_the_same_pages(name: str) -> None:
    mail = render_email(SHELF, name, facts(Channel.EMAIL, name))
    assert set(re.findall(r'href="([^"]+)"', mail.html)) == set(re.findall(r"https://\S+", mail.text))


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_fits_one_part_and_says_who_writes_and_how_to_stop_it(name: str) -> None:
    text = render_sms(SHELF, name, facts(Channel.SMS, name)).body
    assert len(text) <= 160
    assert GSM_7.fullmatch(text)
    assert text.startswith("Juniper Lane: ")
    assert ("Reply STOP" in text) == is_marketing(Channel.SMS, name)


@pytest.mark.parametrize(("channel", "name"), [(c, n) for c in Channel for n in SHELF.names(c)])
def test_a_template_asks_for_nothing_that_its_journeys_do_not_have(channel: Channel, name: str) -> None:
    needed = {need.name for need in SHELF.needs(channel, name)}
    assert names_of("customer.", needed) <= set(shipped.setting("facts")["attributes"])
    for journey, step in sent_as(channel, name):
        captured = {node["as"] for node in shipped.nodes(journey) if "as" in node}
        assert {one.partition(".")[0] for one in needed} <= GIVEN | captured | set(step.get("with", {}))
        for properties in properties_of_entry(journey):
            assert names_of("entry.", needed) <= properties


@pytest.mark.parametrize("word", sorted({*ALLOWED, *(file for files in FILES.values() for file in files), "utm"}))
def test_the_page_on_templates_tells_of_every_filter_and_every_file(word: str) -> None:
    assert re.search(rf"[`(/]{re.escape(word)}[`:(]", GUIDE)
