"""Groups of commands of which only the one that is called is imported."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

Listed = Mapping[str, tuple[str, str, str]]
"""By the name that is typed: its module in `sojourn.commands`, its panel in the help, and one line of help."""


def imported(name: str) -> Any:
    """A module of `sojourn.commands` that only this call wants."""
    return import_module(f"sojourn.commands.{name}")


class LazyGroup(TyperGroup):
    """A group whose list is known without importing any command of `LISTED`."""

    LISTED: ClassVar[Listed] = {}

    def __init__(self, **settings: Any) -> None:
        listed = {
            name: TyperCommand(name, help=words, rich_help_panel=panel or None)
            for name, (_, panel, words) in self.LISTED.items()
        }
        super().__init__(**{**settings, "commands": {**(settings.get("commands") or {}), **listed}})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that was typed, imported."""
        name, found, rest = super().resolve_command(ctx, args)
        if name is None or found is None or name not in self.LISTED:
            return name, found, rest
        return name, get_command(imported(self.LISTED[name][0]).app), rest
