"""Where a provider's calls are taken: checked, misbehaved at as ordered, carried out, and noted."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from channels.standin.faults import Fault, FaultKind, Faults, Operation
from channels.standin.truth import Accepted, Draft, Requested, Truth
from channels.standin.wire import Call, Finding, Provider, Reply

ELSEWHERE: Final = "/stand-in/elsewhere"
_GARBLED: Final = Reply(200, b"<html>Please wait", {"Content-Type": "text/html"})
_KEY: Final = Finding("Authorization", "expected the account's own key")


class Dialect(Protocol):
    """How one provider reads and answers."""

    @property
    def provider(self) -> Provider: ...
    def knows(self, call: Call) -> bool: ...
    def read(self, call: Call) -> tuple[Draft, list[Finding]]: ...
    def refuses(self, draft: Draft) -> Reply | None: ...
    def new_id(self) -> str: ...
    def taken(self, accepted: Accepted) -> Reply: ...
    def refused(self, findings: Iterable[Finding]) -> Reply: ...
    def rejected(self, kind: FaultKind) -> Reply: ...
    def denied(self) -> Reply: ...
    def throttled(self, retry_after: int) -> Reply: ...
    def broken(self, status: int) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """One provider's desk. `on_accept` is called for each message that is taken. A reply of None closes the line."""

    dialect: Dialect
    truth: Truth
    faults: Faults
    on_accept: Callable[[Accepted], None]

    def submit(self, call: Call) -> Reply | None:
        """Takes a message, or does not."""
        if not self.dialect.knows(call):
            return self._note(call, "", self.dialect.denied(), findings=[_KEY])
        draft, findings = self.dialect.read(call)
        if findings:
            return self._note(call, draft.correlation, self.dialect.refused(findings), findings=findings)
        if refusal := self.dialect.refuses(draft):
            return self._note(call, draft.correlation, refusal)
        fault = self.faults.take(self.dialect.provider, Operation.SUBMIT, draft.correlation)
        reply = self._misbehave(fault, lambda: self._accept(draft, fault))
        return self._note(call, draft.correlation, reply, fault)

    def look_up(
        self, call: Call, find: Callable[[], Reply], findings: Callable[[Call], Sequence[Finding]]
    ) -> Reply | None:
        """Answers what `find` says, or does not."""
        if not self.dialect.knows(call):
            return self._note(call, "", self.dialect.denied(), findings=[_KEY])
        if found := findings(call):
            return self._note(call, "", self.dialect.refused(found), findings=found)
        fault = self.faults.take(self.dialect.provider, Operation.LOOK_UP, "")
        return self._note(call, "", self._misbehave(fault, find), fault)

    def _accept(self, draft: Draft, fault: Fault | None) -> Reply:
        name = fault.kind.value if fault else ""
        accepted = self.truth.accept(self.dialect.provider, self.dialect.new_id(), draft, name)
        self.on_accept(accepted)
        return self.dialect.taken(accepted)

    def _misbehave(self, fault: Fault | None, carry_out: Callable[[], Reply]) -> Reply | None:
        """What is answered under a fault, which also says whether and when the call is carried out."""
        if fault is None:
            return carry_out()
        match fault.kind:
            case FaultKind.ACCEPT_AND_LOSE:
                carry_out()
                return None
            case FaultKind.ACCEPT_LATE:
                asyncio.get_running_loop().call_later(fault.seconds, carry_out)
                return None
            case FaultKind.ACCEPT_THEN_ERROR:
                carry_out()
                return self.dialect.broken(fault.status)
            case FaultKind.GARBLE:
                carry_out()
                return _GARBLED
            case FaultKind.ACCEPT_SLOWLY:
                return replace(carry_out(), before_head=fault.seconds)
            case FaultKind.SLOW_BODY:
                return replace(carry_out(), before_body=fault.seconds)
            case _:
                return self._refuse(fault)

    def _refuse(self, fault: Fault) -> Reply | None:
        match fault.kind:
            case FaultKind.ERROR:
                return self.dialect.broken(fault.status)
            case FaultKind.THROTTLE:
                return self.dialect.throttled(fault.retry_after)
            case FaultKind.DENY:
                return self.dialect.denied()
            case FaultKind.REDIRECT:
                return Reply(302, b"", {"Location": ELSEWHERE})
            case FaultKind.OPTED_OUT | FaultKind.BAD_NUMBER:
                return self.dialect.rejected(fault.kind)
            case _:
                return None

    def _note(
        self,
        call: Call,
        correlation: str,
        reply: Reply | None,
        fault: Fault | None = None,
        findings: Iterable[Finding] = (),
    ) -> Reply | None:
        status, kind = reply.status if reply else None, fault.kind.value if fault else ""
        words = tuple(map(str, findings))
        noted = (self.dialect.provider, call.method, call.path, correlation, status, kind, words, datetime.now(UTC))
        self.truth.requests.append(Requested(*noted))
        return reply
