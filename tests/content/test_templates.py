"""The shipped words: every message has its template and every template its message; all render, strictly."""

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.content import shipped

PARTS = {"email": {"subject.txt", "body.html", "body.txt", "sample.yaml"}, "sms": {"body.txt", "sample.yaml"}}
POSTAL = shipped.setting("policy")["postal_address"]
GSM_7 = re.compile(r"[A-Za-z0-9 \n@£$¥!\"#%&'()*+,\-./:;<=>?]*")
FOLDERS = sorted(shipped.TEMPLATES.glob("*/*"))
EMAILS = [folder for folder in FOLDERS if folder.parent.name == "email"]
TEXTS = [folder for folder in FOLDERS if folder.parent.name == "sms"]


def sample(folder: Path) -> dict[str, Any]:
    facts = yaml.safe_load((folder / "sample.yaml").read_text(encoding="utf-8"))
    assert isinstance(facts, dict)
    return facts


def rendered(folder: Path, part: str, facts: dict[str, Any]) -> str:
    shelf = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=part.endswith(".html"))
    return shelf.from_string((folder / part).read_text(encoding="utf-8")).render(facts)


def is_marketing(folder: Path) -> bool:
    purposes = {
        step.get("purpose", journey["purpose"]) for journey, step in shipped.sent_as(folder.name, folder.parent.name)
    }
    assert len(purposes) == 1, f"{folder.name} is sent for two purposes"
    return purposes == {"marketing"}


def named(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def test_every_message_has_its_template_and_every_template_its_message() -> None:
    sent = {message for path in shipped.journey_files() for message in shipped.messages(shipped.read(path))}
    assert {(folder.parent.name, folder.name) for folder in FOLDERS} == sent


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_a_template_has_all_its_parts(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == PARTS[folder.parent.name]


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_a_template_renders_its_sample_with_nothing_missing(folder: Path) -> None:
    for part in PARTS[folder.parent.name] - {"sample.yaml"}:
        words = rendered(folder, part, sample(folder))
        assert words.strip()
        assert "{{" not in words


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_a_template_does_without_the_attributes_of_the_customer(folder: Path) -> None:
    for part in PARTS[folder.parent.name] - {"sample.yaml"}:
        assert rendered(folder, part, {**sample(folder), "customer": {}}).strip()


@pytest.mark.parametrize("folder", EMAILS, ids=named)
def test_a_subject_is_one_short_line(folder: Path) -> None:
    subject = rendered(folder, "subject.txt", sample(folder)).strip()
    assert "\n" not in subject
    assert len(subject) <= 60


@pytest.mark.parametrize("folder", EMAILS, ids=named)
def test_a_mail_says_where_we_are_and_marketing_how_to_stop_it(folder: Path) -> None:
    for part in ("body.html", "body.txt"):
        source = (folder / part).read_text(encoding="utf-8")
        assert POSTAL in source
        assert ("links.unsubscribe" in source and "links.preferences" in source) == is_marketing(folder)


@pytest.mark.parametrize("folder", EMAILS, ids=named)
def test_a_mail_is_small_has_a_preheader_and_is_safe_in_the_dark(folder: Path) -> None:
    source = (folder / "body.html").read_text(encoding="utf-8")
    assert len(source) < 20_000
    assert "display:none" in source
    assert "prefers-color-scheme: dark" in source
    assert "<img" not in source


@pytest.mark.parametrize("folder", TEXTS, ids=named)
def test_a_text_fits_one_part_and_says_who_writes_and_how_to_stop_it(folder: Path) -> None:
    text = rendered(folder, "body.txt", sample(folder)).strip()
    assert len(text) <= 160
    assert GSM_7.fullmatch(text)
    assert text.startswith("Juniper Lane: ")
    assert ("Reply STOP" in text) == is_marketing(folder)
