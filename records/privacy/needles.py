"""What is looked for after an erasure, and how it may be spelled where it lies."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from sqlalchemy import ColumnElement, or_

from records.ledger.addresses import set_apart, small
from records.privacy.person import Person

LONG: Final = 8
"""An id of so many characters is nobody else's by chance."""


class Kind(StrEnum):
    """What a needle is of a customer."""

    ID = "id"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Needle:
    """One value that must not be found.

    One that is `telling` is hers wherever it stands. Any other, a first name or the id 7, may be another customer's
    too: it is looked for where nothing belongs to another customer.
    """

    kind: Kind
    value: str
    telling: bool

    @property
    def faint(self) -> bool:
        """Is it a number so short that it stands everywhere? To look for it would prove nothing."""
        return self.kind is Kind.ID and self.value.isdecimal() and not self.telling

    @property
    def spellings(self) -> tuple[str, ...]:
        """How it may be written, as it is, in JSON, in a link; in small letters as Python and databases make them."""
        if self.kind is Kind.PHONE:
            return ("".join(filter(str.isdecimal, self.value)),)
        plain = (self.value.lower(), small(self.value))
        written = (form for one in plain for form in (one, json.dumps(one)[1:-1].lower(), quote(one, safe="").lower()))
        return tuple(dict.fromkeys(written))

    def like(self, words: ColumnElement[str]) -> ColumnElement[bool]:
        """May it be in a text of the database? `words` are in small letters."""
        if self.kind is Kind.PHONE:
            return words.regexp_match(set_apart(self.spellings[0]))
        return or_(*(words.contains(one, autoescape=True) for one in self.spellings))

    def stands_in(self, words: str) -> bool:
        """Is it there? An address anywhere, an id or a name as a word of its own. `words` are in small letters."""
        if self.kind is Kind.EMAIL:
            return any(one in words for one in self.spellings)
        if self.kind is Kind.PHONE:
            return re.search(set_apart(self.spellings[0]), words) is not None
        return any(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", words) for one in self.spellings)


def needles_of(her: Person, shared: frozenset[str]) -> tuple[Needle, ...]:
    """What to look for. An address that another customer is reached by is not telling."""
    found = [Needle(Kind.ID, her.id, "@" in her.id or len(her.id) >= LONG)]
    found += [Needle(Kind.EMAIL, one, one not in shared) for one in sorted(her.emails)]
    found += [Needle(Kind.PHONE, one, one not in shared) for one in sorted(her.phones)]
    return (*found, *(Needle(Kind.NAME, one, telling=False) for one in sorted(her.names)))
