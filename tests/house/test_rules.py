"""The code keeps the house's rules, and each rule does refuse what breaks it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.house import rules
from tests.house.source import HOME, ROOMS, Module, modules

GLOSSARY = rules.read_glossary(HOME / "docs" / "glossary.md")

Rule = Callable[[Module], Iterator[str]]


def foreign_words(module: Module) -> Iterator[str]:
    return rules.foreign_words(module, GLOSSARY)


def none_of(findings: Iterable[str]) -> None:
    """Fails with all that was found, a line each."""
    if found := list(findings):
        pytest.fail("\n".join(found), pytrace=False)


EVERYWHERE: list[Rule] = [
    rules.long_modules,
    rules.long_functions,
    rules.shapeless_names,
    rules.hidden_imports,
    foreign_words,
]

BROKEN: list[tuple[Rule, str, str, str]] = [
    (rules.long_modules, "engine/many.py", "x = 1\n" * 301, "301 lines"),
    (rules.long_functions, "engine/long.py", "def tell():\n" + "    x = 1\n" * 40, "tell has 41 lines"),
    (rules.shapeless_names, "workers/http_utils.py", "", "not utils"),
    (rules.hidden_imports, "workers/late.py", "def load():\n    import json\n", "load imports"),
    (foreign_words, "records/late.py", "def find(user_ids): ...\n", "say customer, not user"),
    (foreign_words, "records/late.py", "class ContactPage: ...\n", "say customer, not contact"),
    (foreign_words, "records/leads.py", "", "say customer, not leads"),
    (foreign_words, "records/late.py", "self.profile = 1\n", "say customer, not profile"),
    (rules.impurities, "engine/chance.py", "import random\n", "must not import random"),
    (rules.impurities, "engine/chance.py", "from time import time\n", "must not import time"),
    (rules.impurities, "engine/wire.py", "import temporalio.workflow\n", "must not import temporalio"),
    (rules.impurities, "engine/wire.py", "from channels.sms import Sms\n", "must not import channels"),
    (rules.impurities, "engine/clock.py", "at = datetime.now(UTC)\n", "now() asks the machine"),
    (rules.impurities, "engine/ids.py", "id = uuid4()\n", "uuid4() asks the machine"),
    (rules.impurities, "engine/switch.py", "on = os.environ['ON']\n", "front door"),
]


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_all_code_keeps_the_rule(rule: Rule) -> None:
    none_of(finding for module in modules(*ROOMS, "tests") for finding in rule(module))


def test_the_engine_is_pure() -> None:
    none_of(finding for module in modules("engine") for finding in rules.impurities(module))


def test_no_room_is_crowded() -> None:
    none_of(rules.crowded_folders(modules(*ROOMS)))


@pytest.mark.parametrize(("rule", "path", "text", "words"), BROKEN)
def test_a_rule_refuses_what_breaks_it(rule: Rule, path: str, text: str, words: str) -> None:
    [finding] = rule(Module(Path(path), text))
    assert finding.startswith(path)
    assert words in finding


def test_a_sixteenth_module_is_refused() -> None:
    room = [Module(Path(f"engine/noun{number}.py"), "") for number in range(15)]
    package = Module(Path("engine/__init__.py"), "")
    assert list(rules.crowded_folders([*room, package])) == []
    [finding] = rules.crowded_folders([*room, package, Module(Path("engine/one_more.py"), "")])
    assert "16 modules" in finding


def test_a_library_may_use_its_own_words() -> None:
    assert list(foreign_words(Module(Path("channels/smtp.py"), "send(recipients=[to], user=login.user)\n"))) == []


def test_the_rules_see_every_room() -> None:
    assert {module.path.parts[0] for module in modules(*ROOMS)} >= {"engine", "channels", "records", "workers"}
