"""The closed sets of the house: one word for one thing, spelled the same in YAML, history and database."""

from enum import StrEnum


class Channel(StrEnum):
    """What carries a message to a customer."""

    EMAIL = "email"
    SMS = "sms"


class Purpose(StrEnum):
    """Why a message is sent; marketing needs consent, transactional does not."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


class ExitReason(StrEnum):
    """Why an enrollment ended."""

    FINISHED = "finished"
    EXIT = "exit"
    GOAL = "goal"
    STAGE_LEFT = "stage_left"
    RESTARTED = "restarted"
    NO_PERMISSION = "no_permission"
    FORCED = "forced"
    MERGED = "merged"
    ERASED = "erased"
    FAILED = "failed"


class NotEntered(StrEnum):
    """Why a trigger let a customer not in."""

    NOT_IN_STAGE = "not_in_stage"
    CONDITION_FALSE = "condition_false"
    ALREADY_INSIDE = "already_inside"
    AGAIN_TOO_SOON = "again_too_soon"
    GOAL_ALREADY_MET = "goal_already_met"
    EXIT_ALREADY_TRUE = "exit_already_true"
    NO_PERMISSION = "no_permission"
    PAUSED = "paused"
    TOO_OLD = "too_old"
    NO_KEY = "no_key"


class Withheld(StrEnum):
    """Why permission says no to a message."""

    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    HOLDOUT = "holdout"
    PAUSED = "paused"
    ERASED = "erased"
    LEFT = "left"
    CONDITION_FALSE = "condition_false"
    MISSING_VARIABLE = "missing_variable"
    TEMPLATE_FAULTY = "template_faulty"
    EXPIRED = "expired"
    NOT_ALLOWED = "not_allowed"
    CAPPED = "capped"
    NO_OPENING = "no_opening"


class Ruling(StrEnum):
    """What somebody finds that a customer's free words meant."""

    OPT_OUT = "opt-out"
    NOT_AN_OPT_OUT = "not-an-opt-out"


class EventKind(StrEnum):
    """What an event is to the engine; only `track` has a name an author can wait for."""

    TRACK = "track"
    IDENTIFY = "identify"
    CONSENT = "consent"
    SUPPRESS = "suppress"
    UPDATE = "update"
    MOVE = "move"
    START = "start"
    LEFT = "left"
    EXIT = "exit"
    REFUSED = "refused"
    PUBLISHED = "published"
    RESUMED = "resumed"
    DELIVERY = "delivery"


class Reached(StrEnum):
    """How far a message of hers has come, as conditions ask for it; an open proves nothing and is not among it."""

    SENT = "sent"
    DELIVERED = "delivered"
    CLICKED = "clicked"


class Origin(StrEnum):
    """How an event reached us; history is a fact that starts and wakes nothing."""

    LIVE = "live"
    REPLAY = "replay"
    HISTORY = "history"
    EMITTED = "emitted"


class MessageState(StrEnum):
    """Where a message stands in the ledger."""

    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHHELD = "withheld"
    UNCERTAIN = "uncertain"
    EXPIRED = "expired"
