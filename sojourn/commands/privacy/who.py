"""Whose data it is."""

from typing import Annotated

import typer

from records.privacy import person
from sojourn.errors import Mistake
from sojourn.opened import Opened, by_address_hint, gone

Name = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")]


def known(here: Opened, name: str) -> None:
    """Raises Mistake where nobody is called so."""
    if here.database.read(lambda connection: person.find(connection, name)) is None:
        was = here.erased(name)
        raise nobody(name) if was is None else gone(name, was)


def nobody(name: str) -> Mistake:
    """That there is no such customer, and never was."""
    hint = by_address_hint(name)
    return Mistake(f"found no customer '{name}', and nobody of this id was ever erased here{hint}")
