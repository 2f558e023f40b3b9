"""Messages: when they are planned, what stands in their way, and when they are no longer worth sending."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.catalog import Catalog
from engine.customer import Customer
from engine.decisions import Decided
from engine.facts import Event
from engine.settling.claim import objection
from engine.words import EventKind, ExitReason, Withheld
from tests.engine.lives import a_cause, a_customer, a_release, an_event, at, decided, kept_out, live, sent, since

HEAD = "purpose: marketing\ntopic: tips\nenter: {event: hello}\n"


def lived(rest: str, *events: Event, who: Customer | None = None, starts_at: str = "") -> Customer:
    return live(a_release({"any/j": HEAD + rest}), [an_event("hello", starts_at=starts_at), *events], at(30), who)


def withheld(her: Customer) -> list[tuple[str, str]]:
    return [(since(one.at), str(one.detail["why"])) for one in decided(her, Decided.WITHHELD)]


def test_a_wait_counts_from_the_instant_at_which_the_message_was_planned() -> None:
    window = "window: {from: 12:00, to: 13:00, zone: customer}\n"
    her = lived(window + "steps: [{email: one}, {wait: 2 hours}, {update: {a: 1}}, {email: two}]\n")
    assert sent(her) == [("0d 02:00", "one"), ("1d 02:00", "two")]


def test_the_opening_of_a_window_is_inside_and_its_end_outside() -> None:
    for window, planned in (("from: 10:00, to: 11:00", "0d 00:00"), ("from: 09:00, to: 10:00", "0d 23:00")):
        assert sent(lived(f"window: {{{window}, zone: customer}}\nsteps: [{{email: one}}]\n"))[0][0] == planned


def test_a_window_across_midnight_belongs_to_the_day_it_began() -> None:
    rest = "window: {days: [sun], from: 20:00, to: 11:00, zone: customer}\n"
    rest += "steps: [{email: one}, {wait: 1 hour}, {email: two}]\n"
    assert sent(lived(rest)) == [("0d 00:00", "one"), ("6d 10:00", "two")]


def test_at_the_opening_the_message_is_decided_again_with_fresh_facts() -> None:
    rest = (
        "window: {from: 12:00, to: 13:00, zone: customer}\nsteps: [{email: one, if: {attribute: a, exists: false}}]\n"
    )
    assert sent(lived(rest, a_cause(EventKind.IDENTIFY, at(hours=1), attributes={"a": 1}))) == []


def test_a_step_may_have_a_window_purpose_and_topic_of_its_own() -> None:
    rest = (
        "steps:\n  - {email: one, window: {from: 12:00, to: 13:00, zone: customer}}\n  - {email: two, topic: offers}\n"
    )
    her = lived(
        rest + "  - {email: three, purpose: transactional}\n", who=a_customer(consents={("email", "tips"): True})
    )
    assert sent(her) == [("0d 02:00", "one"), ("0d 02:00", "three")]
    assert withheld(her) == [("0d 02:00", "no_consent")]


def test_consent_that_nobody_has_stated_is_no_consent_and_one_of_another_topic_neither() -> None:
    for consents in ({}, {("email", "offers"): True}, {("sms", "tips"): True}, {("email", "tips"): False}):
        assert kept_out(lived("steps: [{email: one}]\n", who=a_customer(consents=consents))) == ["no_permission"]


def test_transactional_messages_need_an_address_and_no_consent() -> None:
    rest = "steps: [{email: one}]\n"
    release = a_release({"any/j": HEAD.replace("marketing", "transactional").replace("topic: tips\n", "") + rest})
    for given, expected in (({"consents": {}}, 1), ({"email": None}, 0), ({"suppressions": {("email", "", False)}}, 1),
                            ({"suppressions": {("email", "", True)}}, 0)):  # fmt: skip
        assert len(sent(live(release, [an_event("hello")], at(1), a_customer(**given)))) == expected


def test_suppression_beats_consent_on_its_topic_or_on_all() -> None:
    for topic, allowed in (("tips", False), ("", False), ("offers", True)):
        her = lived("steps: [{email: one}]\n", who=a_customer(suppressions={("email", topic, False)}))
        assert bool(sent(her)) is allowed


def test_where_neither_can_reach_her_it_is_unreachable_and_the_journey_goes_on() -> None:
    rest = "steps: [{sms: one, fallback: {email: two}}, {email: three, topic: offers}]\n"
    her = lived(rest, who=a_customer(phone=None, consents={("email", "offers"): True}))
    assert (withheld(her), sent(her)) == ([("0d 00:00", "unreachable")], [("0d 00:00", "three")])


@pytest.mark.parametrize(("waits", "planned"), [("", True), (", {wait: 1 day}", True)])
def test_a_refused_message_has_its_fallback_planned_also_after_finishing(waits: str, planned: bool) -> None:
    rest = f"steps: [{{sms: one, fallback: {{email: two}}}}{waits}]\n"
    sent_ = lived(rest).effects.planned[0]
    refused = a_cause(EventKind.REFUSED, at(hours=1), enrollment=sent_.enrollment, step=sent_.step, visit=1)
    her = lived(rest, refused)
    assert sent(her) == [("0d 00:00", "one"), ("0d 01:00", "two")]
    assert her.effects.planned[1].fallback


def test_a_refused_message_of_a_journey_that_was_left_otherwise_has_no_fallback() -> None:
    rest = "exit: [{event: cancelled}]\nsteps: [{sms: one, fallback: {email: two}}, {wait: 1 day}]\n"
    sent_ = lived(rest).effects.planned[0]
    refused = a_cause(EventKind.REFUSED, at(hours=1), enrollment=sent_.enrollment, step=sent_.step, visit=1)
    assert sent(lived(rest, an_event("cancelled", at(minutes=5)), refused)) == [("0d 00:00", "one")]


def test_a_refused_message_whose_fallback_may_not_reach_her_is_unreachable() -> None:
    rest = "steps: [{sms: one, fallback: {email: two}}, {wait: 1 day}]\n"
    sent_ = lived(rest).effects.planned[0]
    refused = a_cause(EventKind.REFUSED, at(hours=1), enrollment=sent_.enrollment, step=sent_.step, visit=1)
    her = lived(rest, refused, who=a_customer(consents={("sms", "tips"): True}))
    assert withheld(her) == [("0d 01:00", "unreachable")]


def test_a_message_expires_counted_from_the_first_moment_at_which_it_was_allowed() -> None:
    window = "window: {from: 12:00, to: 13:00, zone: customer}\nexpires: 2 hours\n"
    message = lived(window + "steps: [{email: one}]\n").effects.planned[0]
    assert (message.planned_at, message.expires_at) == (at(hours=2), at(hours=4))
    assert lived("steps: [{email: one}]\n").effects.planned[0].expires_at == at(2)


def test_an_absolute_expiry_that_has_passed_drops_the_message_and_exactly_at_its_end_it_goes() -> None:
    rest = "steps: [{wait: 2 hours}, {email: one, expires: {at: entry.starts_at}}, {email: two}]\n"
    her = lived(rest, starts_at="2026-03-02T11:00:00Z")
    assert sent(her) == [("0d 02:00", "one"), ("0d 02:00", "two")]
    her = lived(rest, starts_at="2026-03-02T10:59:59Z")
    assert (sent(her), withheld(her)) == ([("0d 02:00", "two")], [("0d 02:00", "expired")])


def test_holdouts_wait_for_windows_and_message_emit_and_start_are_withheld_and_logged() -> None:
    rest = "holdout: 100%\nwindow: {from: 12:00, to: 13:00, zone: customer}\n"
    rest += "steps: [{email: one}, {emit: {event: noted}}, {start: k}, {update: {a: 1}}, {move_to: active}]\n"
    other = "purpose: marketing\ntopic: tips\nenter: {event: noted}\nsteps: [{email: two}]\n"
    her = live(a_release({"any/j": HEAD + rest, "any/k": other}), [an_event("hello")], at(9))
    assert withheld(her) == [("0d 02:00", "holdout")] * 3
    assert (sent(her), her.attributes, her.stage) == ([], {"a": 1}, "active")


def test_messages_are_passed_over_up_to_the_next_wait_even_one_that_is_over_at_once() -> None:
    gone = "{{wait: {{until: {} before entry.starts_at, if_past: {}}}}}"
    steps = f"[{gone.format('3 days', 'skip')}, {{email: one}}, {gone.format('2 days', 'continue')}, {{email: two}}]"
    assert sent(lived(f"steps: {steps}\n", starts_at="2026-03-03T09:00:00Z")) == [("0d 00:00", "two")]


# The claim


def claimed(rest: str, *events: Event, late: bool = False, hours: float = 0, **said: object) -> object:
    """What stands in the way of the first message, so many hours late and with these events stored but not settled."""
    release = a_release({"any/j": HEAD + rest})
    her = live(release, [an_event("hello")], at(hours=0.5))
    for event in events:
        her.inbox.add(event)
    for name, value in said.items():
        setattr(her, name, value)
    message, one = her.effects.planned[0], her.enrollments[0]
    return objection(her, Catalog(release), one, message, message.planned_at + (at(hours=hours) - at()), late=late)


def test_the_claim_believes_every_opt_out_that_is_stored_settled_or_not() -> None:
    assert claimed("steps: [{email: one}]\n") is None
    opt_out = a_cause(EventKind.CONSENT, at(9), channel="email", topic="tips", state=False)
    assert claimed("steps: [{email: one}]\n", opt_out) is Withheld.NO_CONSENT
    bounced = a_cause(EventKind.SUPPRESS, at(9), channel="email", topic="", everything=True)
    assert claimed("steps: [{email: one}]\n", bounced) is Withheld.SUPPRESSED


def test_the_claim_asks_a_messages_if_and_its_expiry_again() -> None:
    rest = "steps: [{email: one, if: {attribute: a, exists: false}, expires: 2 hours}]\n"
    assert claimed(rest, attributes={"a": 1}) is Withheld.CONDITION_FALSE
    assert claimed(rest, hours=2) is None
    assert claimed(rest, hours=2.001) is Withheld.EXPIRED


@pytest.mark.parametrize(
    ("left", "hours", "parting", "told"),
    [
        (ExitReason.FINISHED, 0, False, None),
        (ExitReason.EXIT, 0, False, Withheld.LEFT),
        (ExitReason.EXIT, 1, False, None),
        (ExitReason.GOAL, 0, False, Withheld.LEFT),
        (ExitReason.GOAL, 0, True, None),
    ],
)
def test_the_claim_withholds_what_was_left_meanwhile_unless_it_is_finished_or_parting(
    left: ExitReason, hours: int, parting: bool, told: Withheld | None
) -> None:
    release = a_release({"any/j": HEAD + "steps: [{email: one}, {wait: 1 day}]\n"})
    her = live(release, [an_event("hello")], at(hours=0.5))
    one, message = her.enrollments[0], replace(her.effects.planned[0], parting=parting)
    one.reason, one.left_at = left, message.planned_at + timedelta(hours=hours)
    assert objection(her, Catalog(release), one, message, message.planned_at, late=False) is told


def test_a_late_claim_asks_the_window_and_tries_again_at_its_opening() -> None:
    rest = "window: {from: 10:00, to: 11:00, zone: customer}\nsteps: [{email: one}]\n"
    assert claimed(rest, hours=1, late=False) is None
    assert claimed(rest, hours=1, late=True) == at(1)
