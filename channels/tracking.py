"""Links led through another address, and told where they were clicked: pure functions over one message's words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import urlencode

Short: TypeAlias = Callable[[str], str]
"""Gives the short address that a click goes through, for one message and the address it leads to."""

_WEB: Final = ("https://", "http://")
_IN_TEXT: Final = re.compile(r"(?i:https?)://[^\s<>\"]+")
_STOPS: Final = ".,;:!?'*_"
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}


Said: TypeAlias = tuple[tuple[str, str], ...]
"""What links say of where they were clicked: each word that follows `utm_`, and its value."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """How one message's links are led; those that begin with a `spared` one stay as they are.

    `picture` is the address of what tells that a page was opened; empty: it does not tell.
    """

    utm: Said = ()
    short: Short | None = None
    spared: tuple[str, ...] = ()
    picture: str = ""

    @property
    def is_idle(self) -> bool:
        """Whether every link stays as it is."""
        return not self.utm and self.short is None

    def link(self, address: str) -> str:
        """Where the link for this address leads; the address itself where it is spared, or is none of the web."""
        if not address[:8].lower().startswith(_WEB) or address.startswith(self.spared):
            return address
        told = with_utm(address, self.utm)
        return self.short(told) if self.short else told

    def text(self, words: str, kept: frozenset[str] = frozenset()) -> str:
        """The text with all its links led, but for those in `kept`."""
        return words if self.is_idle else _IN_TEXT.sub(lambda found: self._in_text(found.group(), kept), words)

    def _in_text(self, found: str, kept: frozenset[str]) -> str:
        address = _without_full_stop(found)
        return found if address in kept else self.link(address) + found[len(address) :]


AS_WRITTEN: Final = Tracking()
"""Every link as its author wrote it."""


@lru_cache(maxsize=4096)
def with_utm(address: str, utm: Said) -> str:
    """The address with each `utm_` word that it does not say itself; nothing else of it changes."""
    page, hash_, place = address.partition("#")
    said = {word.partition("=")[0].lower() for word in page.partition("?")[2].split("&")}
    more = urlencode([(f"utm_{name}", value) for name, value in utm if f"utm_{name}" not in said])
    if not more:
        return address
    between = "?" if "?" not in page else "" if page.endswith(("?", "&")) else "&"
    return f"{page}{between}{more}{hash_}{place}"


def _without_full_stop(address: str) -> str:
    """The address without what ends the sentence, or the bracket, that it stands in."""
    end, unpaired = len(address), {shut: address.count(shut) - address.count(open_) for shut, open_ in _PAIRS.items()}
    while (last := address[end - 1]) in _STOPS or unpaired.get(last, 0) > 0:
        end -= 1
        if last in unpaired:
            unpaired[last] -= 1
    return address[:end]
