"""What an erasure has done, where it has looked, and what it could not do: without anything of hers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from records.privacy.erased import Before
from records.privacy.traces import Trace


@dataclass(frozen=True, slots=True)
class Runs:
    """Temporal's part: runs that were there, and how many of them had to be ended from outside."""

    found: int = 0
    terminated: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a provider was asked to forget.

    `left` are its own ids of what is still there, each with the code of why; `unknown` counts messages that it perhaps
    has and has told no id of. `can` says whether it can be asked by Sojourn at all.
    """

    provider: str
    can: bool
    done: int = 0
    left: tuple[tuple[str, str], ...] = ()
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """Where was looked, how much there was, and what was found: nothing, if all is well.

    `for_` counts what was looked for, by kind; `without` are kinds that could not be looked for, a number too short to
    mean anybody.
    """

    for_: Mapping[str, int] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    tables: int = 0
    columns: int = 0
    files: int = 0
    runs: int = 0
    events: int = 0
    temporal: bool = True
    traces: tuple[Trace, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The whole erasure. `before` is the one that was, where she was erased already.

    `earlier` is what is left of whoever was erased under her id before, in words that name nobody. `halted`: a provider
    has not forgotten her, so that her rows stay until it is asked again; nothing was looked for.
    """

    before: Before | None = None
    enrollments: int = 0
    removed: Mapping[str, int] = field(default_factory=dict)
    arrivals: int = 0
    runs: Runs = Runs()
    asked: tuple[Asked, ...] = ()
    proof: Proof = Proof()
    earlier: tuple[str, ...] = ()
    halted: bool = False

    @property
    def is_whole(self) -> bool:
        """Nothing was found, no provider that was asked has left something, and neither has an erasure before."""
        return self.left == ()

    @property
    def left(self) -> tuple[str, ...] | None:
        """What is left of her, in words that name nobody; None: it was cut off before, and nobody can tell."""
        if self.before is not None and self.before.left is None:
            return None
        here = [f"{one.kind} in {one.where}" for one in self.proof.traces]
        there = [f"{what} at {asked.provider} ({why})" for asked in self.asked for what, why in asked.left]
        return tuple(sorted({*here, *there, *self.earlier, *(self.before.left or () if self.before else ())}))
