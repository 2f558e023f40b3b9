"""The engine's errors.

EngineError
├── Faulty            journeys cannot be loaded; carries every fault
├── WindowNeverOpens  a window has no days
└── Unsettled         a customer cannot be settled; carries a code, never personal data
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.language.faults import Fault


class EngineError(Exception):
    """Something the engine cannot do."""


class Faulty(EngineError):
    """Journeys that cannot be loaded, with all their faults."""

    def __init__(self, faults: "Sequence[Fault]") -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


class WindowNeverOpens(EngineError):
    """A window without days: no message could ever go."""


class Unsettled(EngineError):
    """A customer whose causes cannot be applied; `code` says why, without personal data."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)
