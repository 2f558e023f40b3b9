"""The author's guide is a project: its blocks, put into a folder, load without a fault."""

import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from engine.language.project import load_release
from tests.content import shipped

GUIDE: Final = (shipped.ROOT / "docs" / "journey-language.md").read_text(encoding="utf-8")
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED: Final = re.compile(r"(?:# |<!-- )((?:journeys|templates)/\S+)(?: -->)?\n")


def files() -> dict[str, str]:
    """Every block that begins with a path, by that path."""
    named = ((match, block) for _, block in BLOCK.findall(GUIDE) if (match := NAMED.match(block)))
    return {match[1]: block[match.end() :] for match, block in named}


def with_stub_templates(texts: dict[str, str]) -> dict[str, str]:
    """The project with plain words for every message whose words the guide does not show."""
    journeys = [yaml.load(text, yaml.BaseLoader) for file, text in texts.items() if file.startswith("journeys/")]  # noqa: S506
    sent = {message for journey in journeys for message in shipped.messages(journey)}
    parts = {"email": ("subject.txt", "body.html", "body.txt", "sample.yaml"), "sms": ("body.txt", "sample.yaml")}
    stubs = {f"templates/{kind}/{name}/{part}": "{}\n" for kind, name in sent for part in parts[kind]}
    return stubs | texts


def test_the_guide_as_a_project_has_neither_fault_nor_warning() -> None:
    release, faults = load_release(with_stub_templates(files()))
    assert [str(fault) for fault in faults] == []
    assert release is not None


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
    folders = (shipped.JOURNEYS, shipped.TEMPLATES)
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if is_content(path)]
    texts = {path.relative_to(shipped.ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    release, faults = load_release(texts)
    assert [str(fault) for fault in faults] == []
    assert release is not None


def is_content(path: Path) -> bool:
    return path.is_file() and path.suffix in {".yaml", ".txt", ".html"}
