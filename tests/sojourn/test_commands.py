"""The commands among each other: every one explains itself, and none is slower than it must be."""

import subprocess
import sys

import pytest

from sojourn.cli import COMMANDS
from tests.sojourn.calling import call

ALONE = sorted(COMMANDS)
INNER = ["import customers", "import events", "customer show", "customer exit", "consent set", "journey show",
         "journey start", "journey pause", "journey resume", "journey list"]  # fmt: skip


@pytest.mark.parametrize("command", ALONE + INNER)
def test_a_command_explains_itself(command: str) -> None:
    said = call(*command.split(), "--help")
    assert said.status == 0
    assert "Usage: " in said.out


GROUPS = {"import", "consent", "customer", "journey", "message", "channel"}


@pytest.mark.parametrize("command", [*(set(ALONE) - GROUPS), *INNER[:7]])
def test_the_help_of_a_command_has_an_example(command: str) -> None:
    assert f"sojourn {command}" in call(*command.split(), "--help").out.split("Usage: ")[1]


def test_the_list_of_commands_imports_none_of_them() -> None:
    assert imported("--help") == {"sojourn.commands.lazily"}


@pytest.mark.parametrize("command", ["check", "simulate", "preview", "init", "mailbox"])
def test_what_needs_no_database_does_not_wait_for_it(command: str) -> None:
    assert not {"sqlmodel", "sqlalchemy", "temporalio"} & imported(command, "--help")


def test_a_command_that_is_mistyped_is_a_wrong_usage_with_a_hint() -> None:
    said = call("simulat")
    assert said.status == 2
    assert "Did you mean 'simulate'" in said.err


def imported(*words: str) -> set[str]:
    """The command modules and heavy packages that a process has loaded when it has answered."""
    heavy = "('sqlmodel', 'sqlalchemy', 'temporalio', 'jinja2', 'sojourn.commands.')"
    script = (
        "import sys\nfrom sojourn.cli import app\n"
        f"try:\n    app({list(words)!r})\nexcept SystemExit:\n    pass\n"
        f"print(*(name for name in sys.modules if name.startswith({heavy})), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {
        name.partition(".")[0] if "." in name and not name.startswith("sojourn") else name
        for name in ended.stderr.split()
    }


def test_the_command_says_which_it_is() -> None:
    assert call("--version").out.startswith("sojourn 0.")
