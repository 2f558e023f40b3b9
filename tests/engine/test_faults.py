"""Every broken project in tests/faults gives exactly the text beside it.

A case is a journey (`NNN-name.yaml`, read as journeys/onboarding/case.yaml) or a folder of files that are laid over the
example project; `FILE.removed` takes a file away. The expected text stands in `NNN-name.txt`.
"""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.project import load_release
from tests.engine.example_project import example_project

CASES = sorted(path for path in (Path(__file__).parents[1] / "faults").iterdir() if path.suffix != ".txt")

TEMPLATES = {
    "templates/email/days/subject.txt": "{{ days_left }} days",
    "templates/email/days/body.txt": "{{ links.unsubscribe }}",
    "templates/email/receipt/subject.txt": "{{ entry.total }}",
    "templates/email/receipt/body.txt": "{{ customer.contry }} {{ entry.plan }} {{ links.unsubscribe }}",
    "templates/email/bare/subject.txt": "Hello",
    "templates/email/bare/body.txt": "Hello",
}


ADAPTERS = {"email": {"mailbox", "sendgrid", "smtp"}, "sms": {"mailbox", "twilio"}}


def names_in(texts: dict[str, str]) -> dict[str, frozenset[str]]:
    """The names that each template needs, as the simplest of templates show them."""
    found: dict[str, set[str]] = {}
    for file, text in texts.items():
        if file.startswith("templates/"):
            _, channel, name, _ = file.split("/")
            found.setdefault(f"{channel}/{name}", set()).update(re.findall(r"{{ ([\w.]+) }}", text))
    return {name: frozenset(names) for name, names in found.items()}


JUNK = (
    "", " ", "\n", "\n  - ", ":", ": ", ",", "'", '"', "{", "}", "[", "]", "{}", "[]", "- ", "#", "&a ", "*a", "!x ",
    "|", "?", "\t", "\x00", "null", "true", "3", "-1", "x", "now", "3 days", "09:00", "10%", "customer.plan", "entry.x",
    "[x]", "{x: 1}", "{fact: 1}", "{event: purchased}", "{all: []}", "{until: x.y}", "[{exit: x}]", "{email: welcome}",
    "event", "if", "then",
)  # fmt: skip


def project_of(case: Path) -> dict[str, str]:
    texts = example_project() | TEMPLATES
    if case.is_file():
        return texts | {"journeys/onboarding/case.yaml": case.read_text(encoding="utf-8")}
    for path in (path for path in sorted(case.rglob("*")) if path.is_file()):
        file = path.relative_to(case).as_posix()
        if file.endswith(".removed"):
            del texts[file.removesuffix(".removed")]
        else:
            texts[file] = path.read_text(encoding="utf-8")
    return texts


def found_in(case: Path) -> str:
    texts = project_of(case)
    release, faults = load_release(texts, names_in(texts), ADAPTERS)
    only_warnings = all(": warning: " in str(fault) for fault in faults)
    assert (release is not None) == only_warnings
    return "".join(f"{fault}\n" for fault in faults)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_broken_project_gives_exactly_the_text_beside_it(case: Path) -> None:
    expected = case.with_suffix(".txt").read_text(encoding="utf-8")
    assert expected
    assert found_in(case) == expected


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_gets_an_answer(data: st.DataObject) -> None:
    texts = example_project()
    file = data.draw(st.sampled_from([file for file in texts if file.endswith(".yaml")]))
    words = re.split(r"(\W)", texts[file])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(words)))
        words[at : at + data.draw(st.integers(0, 3))] = [data.draw(st.sampled_from(JUNK))]
    release, faults = load_release(texts | {file: "".join(words)}, {})
    assert release is not None or faults
