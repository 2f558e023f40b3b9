"""What was measured, beside what it was measured against in the same run."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from sojourn.terminal import table


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much each bench does: enough to be told apart from chance, little enough for two cores."""

    enrollments: int = 500
    rounds: int = 2
    waiting: int = 1_000
    customers: int = 1_000
    journeys: int = 200
    events: int = 20_000
    mails: int = 500
    cdnow: Path | None = None
    postgres: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure, `ours` and the same of the `baseline`, which `against` names; `wanted` is of the ratio."""

    what: str
    unit: str
    ours: float
    baseline: float | None = None
    against: str = ""
    wanted: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to the baseline's."""
        return self.ours / self.baseline if self.baseline else None


def shown(figures: Iterable[Figure]) -> Table:
    """The figures as a person reads them."""
    heads = ("measure", "unit", "Sojourn", "baseline", "ratio", "wanted", "the baseline")
    rows = (
        (one.what, one.unit, _rounded(one.ours), _rounded(one.baseline), _rounded(one.ratio), one.wanted, one.against)
        for one in figures
    )
    return table("What it costs", heads, rows, right=("Sojourn", "baseline", "ratio"))


def write(figures: Sequence[Figure], path: Path) -> None:
    """The figures as a machine reads them."""
    listed = [{**asdict(one), "ratio": one.ratio} for one in figures]
    path.write_text(json.dumps(listed, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _rounded(number: float | None) -> str:
    """Three figures and no more: nothing here is measured better."""
    if number is None:
        return ""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
