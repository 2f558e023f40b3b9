"""How many parts a text message is sent, counted and paid in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet (3GPP TS 23.038, 6.2.1)."""
EXTENSION: Final = frozenset("\f^{}\\[~]|€")
"""Written as two, behind an escape (6.2.1.1)."""


class Encoding(StrEnum):
    """How the characters travel."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_LENGTHS: Final = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}
"""Units in a message of one part, and in each of several, whose header takes the difference."""


@dataclass(frozen=True, slots=True)
class Parts:
    """`units` are septets of GSM-7 or UTF-16 code units; `strange` are the characters that forced UCS-2."""

    encoding: Encoding
    units: int
    number: int
    strange: frozenset[str] = frozenset()


def parts_of(body: str) -> Parts:
    """The parts of a body; a pair, of an escape or of surrogates, is never torn between two of them."""
    strange = frozenset(body) - GSM - EXTENSION
    encoding = Encoding.UCS2 if strange else Encoding.GSM7
    widths = [_width(sign, encoding) for sign in body]
    whole, each = _LENGTHS[encoding]
    units = sum(widths)
    return Parts(encoding, units, 1 if units <= whole else _packed(widths, each), strange)


def _width(sign: str, encoding: Encoding) -> int:
    if encoding is Encoding.UCS2:
        return 2 if ord(sign) > 0xFFFF else 1
    return 2 if sign in EXTENSION else 1


def _packed(widths: list[int], each: int) -> int:
    """Parts of `each` units that take the widths in their order, none of them torn."""
    number, left = 1, each
    for width in widths:
        if width > left:
            number, left = number + 1, each
        left -= width
    return number
