"""The author's guide is a project: its blocks, put into a folder, load without a fault."""

import re
from typing import Final

import pytest
import yaml

from channels.checking import faults as shelf_faults
from channels.protocol import Channel
from channels.templates import TemplateSet
from engine.language.project import load_release
from tests.content import shipped

GUIDE: Final = (shipped.ROOT / "docs" / "journey-language.md").read_text(encoding="utf-8")
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED: Final = re.compile(r"(?:# |<!-- )((?:journeys|templates)/\S+)(?: -->)?\n")
BODY: Final = "Words, and {{ links.unsubscribe }}.\n"
STUBS: Final = {
    "email": {"subject.txt": "Words\n", "body.html": BODY, "body.txt": BODY, "sample.yaml": "{}\n"},
    "sms": {"body.txt": "Words\n", "sample.yaml": "{}\n"},
}


def files() -> dict[str, str]:
    """Every block that begins with a path, by that path."""
    named = ((match, block) for _, block in BLOCK.findall(GUIDE) if (match := NAMED.match(block)))
    return {match[1]: block[match.end() :] for match, block in named}


def with_stub_templates(texts: dict[str, str]) -> dict[str, str]:
    """The project with plain words for every message whose words the guide does not show."""
    journeys = [yaml.load(text, yaml.BaseLoader) for file, text in texts.items() if file.startswith("journeys/")]  # noqa: S506
    sent = {message for journey in journeys for message in shipped.messages(journey)}
    stubs = {f"templates/{kind}/{name}/{part}": words for kind, name in sent for part, words in STUBS[kind].items()}
    return stubs | texts


def test_the_guide_as_a_project_has_neither_fault_nor_warning() -> None:
    assert faults_of(with_stub_templates(files())) == []


def test_every_yaml_block_is_a_whole_file_and_no_file_is_there_twice() -> None:
    blocks = [block for kind, block in BLOCK.findall(GUIDE) if kind == "yaml"]
    assert all(NAMED.match(block) for block in blocks)
    assert len(files()) == sum(bool(NAMED.match(block)) for _, block in BLOCK.findall(GUIDE))


def test_every_link_of_the_guide_leads_to_a_heading() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", GUIDE, re.M)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", GUIDE)) <= headings


@pytest.mark.parametrize("word", sorted({"grace", "any_key", "while_inside", "survives_stage", "if_past", "holdout"}))
def test_the_guide_tells_of_every_word(word: str) -> None:
    assert word in GUIDE


def test_the_shipped_content_loads_without_fault_or_warning() -> None:
    assert faults_of(shipped.texts()) == []


def faults_of(texts: dict[str, str]) -> list[str]:
    """What a check says, the names that templates need included."""
    words = {file.removeprefix("templates/"): text for file, text in texts.items() if file.startswith("templates/")}
    shelf = TemplateSet.from_texts(words)
    needs = {
        f"{channel}/{name}": frozenset(need.name for need in shelf.needs(channel, name))
        for channel in Channel
        for name in shelf.names(channel)
    }
    _, faults = load_release(texts, needs)
    return [str(fault) for fault in (*shelf_faults(shelf), *faults)]
