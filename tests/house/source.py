"""The code as the house's rules see it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HOME = Path(__file__).parents[2]
ROOMS = ("engine", "channels", "records", "workers", "api", "sojourn")


@dataclass(frozen=True)
class Module:
    """One file of Python; `path` is relative to the checkout."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """What the file says, as Python reads it."""
        return ast.parse(self.text, str(self.path))

    @property
    def is_migration(self) -> bool:
        """Whether this is a step of the database's history, which is as long as the tables it makes."""
        return "versions" in self.path.parts

    def at(self, line: int, words: str) -> str:
        """A finding, in the form that editors jump to."""
        return f"{self.path}:{line}: {words}"


def modules(*folders: str) -> list[Module]:
    """Every module under the folders."""
    return [Module(path.relative_to(HOME), path.read_text()) for folder in folders for path in python_files(folder)]


def python_files(folder: str) -> Iterator[Path]:
    """The Python files under a folder of the checkout, in order."""
    yield from sorted((HOME / folder).rglob("*.py"))
