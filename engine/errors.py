"""The engine's errors.

EngineError
├── WindowNeverOpens  a window has no days
└── Unsettled         a customer cannot be settled; carries a code, never personal data
"""


class EngineError(Exception):
    """Something the engine cannot do."""


class WindowNeverOpens(EngineError):
    """A window without days: no message could ever go."""


class Unsettled(EngineError):
    """A customer whose causes cannot be applied; `code` says why, without personal data."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)
