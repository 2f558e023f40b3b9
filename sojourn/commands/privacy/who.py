"""Whose data it is."""

from datetime import UTC
from typing import Annotated

import typer

from records.privacy import person
from records.privacy.erased import Before, before
from sojourn.doors import hashing_of
from sojourn.errors import Mistake
from sojourn.opened import Opened, by_address_hint

Name = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")]


def known(here: Opened, name: str) -> None:
    """Raises Mistake where nobody is called so."""
    if here.database.read(lambda connection: person.find(connection, name)) is None:
        was = here.database.read(lambda connection: before(connection, hashing_of(here.settings, here.root), name))
        raise nobody(name) if was is None else gone(name, was)


def gone(name: str, was: Before) -> Mistake:
    """That she was erased."""
    return Mistake(
        f"{name} was erased on {was.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, and nobody of this id has come since"
    )


def nobody(name: str) -> Mistake:
    """That there is no such customer, and never was."""
    hint = by_address_hint(name)
    return Mistake(f"found no customer '{name}', and nobody of this id was ever erased here{hint}")
