"""The table that makes an outcome of what an SMTP server said, or did not say."""

import pytest

from channels.outcomes import (
    Ambiguous,
    Break,
    NotAccepted,
    NotAcceptedKind,
    Outcome,
    Phase,
    Rejected,
    RejectedKind,
    broken_off,
    smtp_refusal,
)

BEFORE_THE_BODY = [phase for phase in Phase if phase is not Phase.BODY]
TABLE: list[tuple[Phase, int, str, Outcome]] = [
    (Phase.CONNECT, 421, "", NotAccepted(NotAcceptedKind.THROTTLED, "421")),
    (Phase.CONNECT, 554, "5.7.1", NotAccepted(NotAcceptedKind.DENIED, "554 5.7.1")),
    (Phase.LOGIN, 535, "5.7.8", NotAccepted(NotAcceptedKind.DENIED, "535 5.7.8")),
    (Phase.LOGIN, 454, "4.7.0", NotAccepted(NotAcceptedKind.THROTTLED, "454 4.7.0")),
    (Phase.MAIL, 530, "5.7.0", NotAccepted(NotAcceptedKind.DENIED, "530 5.7.0")),
    (Phase.MAIL, 550, "", Rejected(RejectedKind.SENDER, "550")),
    (Phase.RCPT, 450, "4.2.1", NotAccepted(NotAcceptedKind.THROTTLED, "450 4.2.1")),
    (Phase.RCPT, 550, "5.1.1", Rejected(RejectedKind.ADDRESS, "550 5.1.1")),
    (Phase.RCPT, 550, "5.2.1", Rejected(RejectedKind.ADDRESS, "550 5.2.1")),
    (Phase.RCPT, 552, "5.2.2", Rejected(RejectedKind.POLICY, "552 5.2.2")),
    (Phase.RCPT, 550, "5.7.1", Rejected(RejectedKind.POLICY, "550 5.7.1")),
    (Phase.RCPT, 551, "", Rejected(RejectedKind.ADDRESS, "551")),
    (Phase.RCPT, 554, "", Rejected(RejectedKind.POLICY, "554")),
    (Phase.DATA, 250, "", NotAccepted(NotAcceptedKind.PROTOCOL, "250")),
    (Phase.DATA, 554, "", Rejected(RejectedKind.CONTENT, "554")),
    (Phase.BODY, 451, "4.3.0", NotAccepted(NotAcceptedKind.DEFERRED, "451 4.3.0")),
    (Phase.BODY, 552, "5.3.4", Rejected(RejectedKind.CONTENT, "552 5.3.4")),
]


@pytest.mark.parametrize(("phase", "reply", "enhanced", "outcome"), TABLE)
def test_a_refusal_has_its_outcome(phase: Phase, reply: int, enhanced: str, outcome: Outcome) -> None:
    assert smtp_refusal(phase, reply, enhanced) == outcome


@pytest.mark.parametrize("reply", [200, 251, 299, 300, 354, 399, 600, 999])
def test_a_reply_that_means_nothing_leaves_doubt_once_the_body_is_out(reply: int) -> None:
    assert isinstance(smtp_refusal(Phase.BODY, reply), Ambiguous)


@pytest.mark.parametrize("how", Break)
def test_a_break_is_in_doubt_from_the_body_on_and_certain_before(how: Break) -> None:
    assert isinstance(broken_off(Phase.BODY, how), Ambiguous)
    assert {type(broken_off(phase, how)) for phase in BEFORE_THE_BODY} == {NotAccepted}


@pytest.mark.parametrize("phase", BEFORE_THE_BODY)
def test_nothing_is_in_doubt_before_the_body(phase: Phase) -> None:
    assert not any(isinstance(smtp_refusal(phase, reply), Ambiguous) for reply in range(100, 600))
