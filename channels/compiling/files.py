"""The files of a template, and their variants for a customer's language: `body.de.html` beside `body.html`."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from channels.protocol import Channel

SUBJECT: Final = "subject.txt"
PREHEADER: Final = "preheader.txt"
HTML: Final = "body.html"
MJML: Final = "body.mjml"
TEXT: Final = "body.txt"
SAMPLE: Final = "sample.yaml"
FILES: Final = dict.fromkeys(Channel, (TEXT, SAMPLE)) | {Channel.EMAIL: (SUBJECT, PREHEADER, HTML, MJML, TEXT, SAMPLE)}
_VARIANT: Final = re.compile(
    r"(?P<stem>[a-z]+)\.(?P<locale>[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\.(?P<kind>txt|html|mjml)"
)


def plain(file: str) -> str:
    """The default that a file is a variant of: `body.html` for `body.de.html`; itself where it is none."""
    found = _VARIANT.fullmatch(file)
    return f"{found['stem']}.{found['kind']}" if found else file


def locale_of(file: str) -> str:
    """The locale of a variant, as `falling_back` gives it; empty for a default."""
    found = _VARIANT.fullmatch(file)
    return _spelled(found["locale"]) if found else ""


def falling_back(locale: str) -> Iterator[str]:
    """The locales to look for, in order: `de-at`, `de`, and the default, which is empty."""
    parts = _spelled(locale).split("-")
    yield from ("-".join(parts[:length]) for length in range(len(parts), 0, -1) if parts[0])
    yield ""


def variants(paths: Iterable[str], folder: str) -> dict[tuple[str, str], str]:
    """The files right in a folder by what they are and for which locale: `("body.html", "de")`."""
    files = (path.removeprefix(f"{folder}/") for path in paths if path.startswith(f"{folder}/"))
    return {(plain(file), locale_of(file)): f"{folder}/{file}" for file in files if "/" not in file}


def _spelled(locale: str) -> str:
    return locale.strip().replace("_", "-").lower()
