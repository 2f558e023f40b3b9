"""What the records cannot do. Codes only: no parameter and no row ever stands in one.

RecordsError
├── Locked            somebody else has the database or the row; try again
├── DeadlinePassed    it was not begun, or was taken back, because its time is over
├── Unreachable       there is no database to talk to; try again later
├── Refused           the database says no to the statement or to a value; a fault of ours
├── Unstorable        a value that no database can hold, such as text with a NUL
├── Unreadable        what is live was published by another Sojourn and no longer loads; publish it anew
└── Unknown           there is no such customer, enrollment, journey or version, or the schema is not one of ours
"""


class RecordsError(Exception):
    """Something the records cannot do; `code` says what, without personal data."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Locked(RecordsError):
    """Somebody else has the database or the row; nothing was changed, and trying again is right."""


class DeadlinePassed(RecordsError):
    """The work was not begun, or was taken back, because its time is over."""


class Unreachable(RecordsError):
    """There is no database to talk to; trying again later is right."""


class Refused(RecordsError):
    """The database says no to a statement or to a value; trying again changes nothing."""


class Unstorable(RecordsError):
    """A value that no database can hold: text with a NUL or half a surrogate pair, or a number that is none."""


class Unreadable(RecordsError):
    """The live release no longer loads; nobody can be settled until it is published anew."""


class Unknown(RecordsError):
    """There is no such customer, enrollment, journey or version, or the schema is not one of ours."""
