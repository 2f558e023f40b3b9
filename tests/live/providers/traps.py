"""Fail points that lie in wait: every process knows them all, and one goes off once for every time it is set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

POINTS: Final = (
    "claim.before_commit", "claim.after_commit",
    "submit.before_write", "submit.after_write", "submit.after_response",
    "record.before_commit", "record.after_commit",
    "webhook.before_commit", "webhook.after_commit",
    "sweep.before_commit", "sweep.after_commit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Traps:
    """`action` is what becomes of whoever comes to a point that is set. A marker in the folder: it has gone off."""

    folder: Path
    action: str

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.disarm()

    @property
    def setting(self) -> str:
        """What SOJOURN_FAIL says."""
        return ",".join(f"{point}:{self.action}@{self.folder / point}" for point in POINTS)

    def arm(self, point: str) -> None:
        """The next one is met."""
        (self.folder / point).unlink(missing_ok=True)

    def went_off(self, point: str) -> bool:
        """Whether somebody was met since it was armed."""
        return (self.folder / point).exists()

    def disarm(self) -> None:
        """Nobody is met any more."""
        for point in POINTS:
            (self.folder / point).touch()
