"""What the pages say, in the languages there are: `words/<language>.yaml`, each with the same words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from markupsafe import Markup, escape

_FILES: Final = Path(__file__).parent / "words"
_SHOWN: Final = Markup('<span class="address">{}</span>')
ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language, by page; `language` is its code as HTML wants it."""

    language: str
    words: Mapping[str, Any]


LANGUAGES: Final[Mapping[str, Wording]] = {
    file.stem: Wording(file.stem, yaml.safe_load(file.read_text("utf-8"))) for file in sorted(_FILES.glob("*.yaml"))
}


def wording(locale: object, accepted: str = "") -> Wording:
    """The wording for a customer's `locale`, else for what her browser asks for, else the English one."""
    own = [locale] if isinstance(locale, str) else []
    languages = (tag.strip().lower().replace("_", "-").partition("-")[0] for tag in (*own, *_preferred(accepted)))
    return next((LANGUAGES[one] for one in languages if one in LANGUAGES), LANGUAGES[ENGLISH])


def said(words: str, **parts: object) -> Markup:
    """A sentence with its parts in it, safe to stand in a page; an address is marked as one."""
    shown = {name: _SHOWN.format(part) if name == "address" else part for name, part in parts.items()}
    return escape(words).format(**shown)


def _preferred(accepted: str) -> Iterator[str]:
    """The language tags of an Accept-Language header, the most wanted first (RFC 9110, 12.5.4)."""
    weighed = [(_weight(weight), tag) for tag, _, weight in (one.partition(";") for one in accepted.split(","))]
    yield from (tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0)


def _weight(said: str) -> float:
    """`q=0.8`; 1 where nothing is said, 0 where it cannot be read."""
    name, _, value = said.strip().partition("=")
    try:
        return float(value) if name == "q" else float(not name)
    except ValueError:
        return 0.0
