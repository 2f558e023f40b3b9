"""What became of a submit, decided by pure functions: what is not known is Ambiguous.

    Outcome
     ├─ Accepted      the provider has taken the message
     ├─ NotAccepted   certainly not taken, and may be tried again
     ├─ Rejected      certainly not taken, and this message never will be
     └─ Ambiguous     perhaps taken: never tried again without proof

Every value travels into tables, logs and Temporal, so it holds codes only: never an address, a name or a provider's
words.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class NotAcceptedKind(StrEnum):
    """Why a message may be tried again."""

    UNREACHABLE = "unreachable"  # no route to the provider, or the line broke before the message went over it
    TLS = "tls"  # no encrypted line could be had
    TIMEOUT = "timeout"  # too slow before the message went over
    THROTTLED = "throttled"  # too many, too fast
    DEFERRED = "deferred"  # "not now", in the provider's own judgement
    DENIED = "denied"  # the provider refuses us, not the message: the channel pauses and somebody is told
    PROTOCOL = "protocol"  # a reply that the protocol does not allow, before the message went over


class RejectedKind(StrEnum):
    """What the provider will not take."""

    ADDRESS = "address"  # there is no such address: it is suppressed
    SENDER = "sender"  # we may not write in this name
    CONTENT = "content"  # these words, this size, these headers
    POLICY = "policy"  # anything else, for ever
    OPTED_OUT = "opted_out"  # the provider keeps an opt-out for this address: it is suppressed


class Doubt(StrEnum):
    """Why it is not known whether a message was taken."""

    LOST = "lost"
    TIMEOUT = "timeout"
    UNREADABLE = "unreadable"
    UNEXPECTED_REPLY = "unexpected_reply"


class Phase(StrEnum):
    """How far a submit had come; `body` begins with the first byte that could make a provider take the message."""

    CONNECT = "connect"
    HELLO = "hello"
    STARTTLS = "starttls"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"


class Break(StrEnum):
    """How a conversation ended without a reply."""

    REFUSED = "refused"
    CLOSED = "closed"
    TIMEOUT = "timeout"
    UNREADABLE = "unreadable"
    TLS = "tls"
    UNSUPPORTED = "unsupported"
    FORBIDDEN = "forbidden"  # an address that may not be reached


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the message, under this id of its own."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Certainly not taken; `retry_after` is what the provider asked for, if it did."""

    kind: NotAcceptedKind
    code: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Certainly not taken, whenever it is tried; `code` is the provider's, such as `550 5.1.1`."""

    kind: RejectedKind
    code: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Perhaps taken."""

    phase: Phase
    why: Doubt
    code: str = ""


Outcome = Accepted | NotAccepted | Rejected | Ambiguous

EXPECTED: Final = {
    Phase.CONNECT: frozenset({220}),
    Phase.HELLO: frozenset({250}),
    Phase.STARTTLS: frozenset({220}),
    Phase.LOGIN: frozenset({235}),
    Phase.MAIL: frozenset({250}),
    Phase.RCPT: frozenset({250, 251}),
    Phase.DATA: frozenset({354}),
    Phase.BODY: frozenset({250}),
}
_ABOUT_US: Final = frozenset({Phase.CONNECT, Phase.HELLO, Phase.STARTTLS, Phase.LOGIN})
_LOGIN_WANTED: Final = frozenset({530, 534, 535, 538})
_THROTTLED: Final = frozenset({421, 450, 452})
_NO_SUCH_ADDRESS: Final = frozenset({550, 551, 553})
_BREAKS: Final = {
    Break.REFUSED: NotAcceptedKind.UNREACHABLE,
    Break.CLOSED: NotAcceptedKind.UNREACHABLE,
    Break.TIMEOUT: NotAcceptedKind.TIMEOUT,
    Break.UNREADABLE: NotAcceptedKind.PROTOCOL,
    Break.TLS: NotAcceptedKind.TLS,
    Break.UNSUPPORTED: NotAcceptedKind.DENIED,
    Break.FORBIDDEN: NotAcceptedKind.DENIED,
}
_DOUBTS: Final = {Break.TIMEOUT: Doubt.TIMEOUT, Break.UNREADABLE: Doubt.UNREADABLE}


def smtp_refusal(phase: Phase, reply: int, enhanced: str = "") -> Outcome:
    """The outcome of a reply that `phase` did not hope for (RFC 5321, 4.2; `enhanced` as in RFC 3463, `5.1.1`).

    A reply of the 4xx and 5xx classes is a word given, even after the dot; any other leaves doubt once the body is out.
    """
    code = f"{reply} {enhanced}".rstrip()
    match reply // 100:
        case 4:
            throttled = reply in _THROTTLED or enhanced == "4.7.0"
            return NotAccepted(NotAcceptedKind.THROTTLED if throttled else NotAcceptedKind.DEFERRED, code)
        case 5 if phase in _ABOUT_US or reply in _LOGIN_WANTED:
            return NotAccepted(NotAcceptedKind.DENIED, code)
        case 5:
            return Rejected(_rejected_kind(phase, reply, enhanced), code)
        case _ if phase is Phase.BODY:
            return Ambiguous(phase, Doubt.UNEXPECTED_REPLY, code)
        case _:
            return NotAccepted(NotAcceptedKind.PROTOCOL, code)


def broken_off(phase: Phase, how: Break) -> Outcome:
    """The outcome of a conversation that ended in `phase` without a reply: in doubt from the body's first byte on."""
    if phase is Phase.BODY:
        return Ambiguous(phase, _DOUBTS.get(how, Doubt.LOST))
    return NotAccepted(_BREAKS[how], f"{phase}:{how}")


def _rejected_kind(phase: Phase, reply: int, enhanced: str) -> RejectedKind:
    """An address is called bad only where the reply says so: that suppresses it."""
    match phase:
        case Phase.MAIL:
            return RejectedKind.SENDER
        case Phase.RCPT if enhanced.startswith("5.1.") or enhanced == "5.2.1":
            return RejectedKind.ADDRESS
        case Phase.RCPT if not enhanced and reply in _NO_SUCH_ADDRESS:
            return RejectedKind.ADDRESS
        case Phase.RCPT:
            return RejectedKind.POLICY
        case _:
            return RejectedKind.CONTENT
