"""What is wrong with a file, said so that its author can mend it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Severity(StrEnum):
    """A fault stops `check` and `publish`; a warning does not."""

    FAULT = "fault"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong at one place; sorts by place. Lines and columns count from 1.

    Example: `journeys/onboarding/welcome.yaml:10:9: 3 has no unit; did you mean '3 days'?`
    """

    file: str
    line: int
    column: int
    found: str
    expected: str = ""
    hint: str = ""
    severity: Severity = Severity.FAULT

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: "
        mark = "warning: " if self.severity is Severity.WARNING else ""
        hint = f"did you mean '{self.hint}'?" if self.hint else ""
        return place + mark + "; ".join(part for part in (self.found, self.expected, hint) if part)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that `word` was probably meant to be, or ""."""
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.65)
    return by_lower[close[0]] if close else ""


def listed(words: Sequence[str], most: int = 16) -> str:
    """`a, b or c`; what goes beyond `most` is cut to `…`."""
    if len(words) > most:
        return ", ".join(words[:most]) + ", …"
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def worst(faults: Iterable[Fault]) -> Severity | None:
    """FAULT where there is one, else WARNING, else None."""
    found = {fault.severity for fault in faults}
    return next((severity for severity in Severity if severity in found), None)
