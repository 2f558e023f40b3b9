"""Decisions in words: none is without a sentence."""

from pathlib import Path

import pytest

from engine.customer import Customer
from engine.decisions import Decided
from engine.ids import told_id
from engine.language.project import load_release
from engine.words import NotEntered, Withheld
from records.ledger.rates import DEAD
from sojourn.project import load_sound, read_texts
from sojourn.reports.happened import barred, happened, is_for_good
from sojourn.reports.phrases import condition_words
from sojourn.reports.sentences import WHY_NOT_ENTERED, WHY_WITHHELD, sentence, told_delivery, why_not_sent
from sojourn.starter import SHIPPED

SAID = {
    "journey": "trial", "step": "hello", "stage": "onboarding", "left": "awareness", "by": "rule", "why": "no_consent",
    "reason": "finished", "label": "done", "channel": "email", "template": "hello", "until": "2026-03-03T08:00:00Z",
    "item": "timeout", "branch": "if1", "arm": "plain", "attributes": ["plan"], "event": "ended", "starts": "upsell",
    "attribute": "visits", "value": 12.0,
}  # fmt: skip


@pytest.mark.parametrize("decided", list(Decided))
def test_every_decision_has_a_sentence(decided: Decided) -> None:
    assert sentence(decided, SAID).strip()


def test_every_reason_is_put_in_words() -> None:
    assert set(NotEntered) <= set(WHY_NOT_ENTERED)
    assert set(Withheld) <= set(WHY_WITHHELD)


def test_why_and_why_not() -> None:
    assert sentence("not_entered", {"journey": "trial", "why": "not_in_stage"}) == (
        "does not enter trial: she is not in its stage"
    )
    assert sentence("withheld", {**SAID, "why": "no_consent"}) == (
        "trial: email hello is withheld: she has not allowed it"
    )
    capped = {**SAID, "why": "capped", "cap": "sms: 1 per day"}
    assert sentence("withheld", capped) == "trial: email hello is withheld: a cap has no room for it (sms: 1 per day)"
    assert sentence("left", {"journey": "trial", "reason": "finished", "label": ""}) == "leaves trial: finished"


def test_what_keeps_a_message_back_and_until_when() -> None:
    assert sentence("waiting", {**SAID, "what": "cap", "cap": "all: 3 per 7 days"}) == (
        "trial: hello is held back by the cap (all: 3 per 7 days) until 2026-03-03 08:00"
    )
    assert sentence("waiting", {**SAID, "what": "quiet_hours"}) == (
        "trial: hello is held back: quiet hours until 2026-03-03 08:00"
    )
    assert sentence("waiting", {**SAID, "what": "window"}) == "trial: waits at hello until 2026-03-03 08:00"


def test_conditions_are_told_in_the_words_of_the_language() -> None:
    release, _ = load_release(read_texts(SHIPPED))
    assert release is not None
    rules = {stage.name: condition_words(stage.enter) for stage in release.lifecycle.stages if stage.enter}
    assert rules["onboarding"] == "trial_started or purchased"
    assert rules["retention"] == "no session_started for 30 days and no purchased for 30 days"
    assert rules["advocacy"] == "nps at least 9"


def test_what_a_template_lacks_is_told_by_its_name() -> None:
    assert why_not_sent("missing_variable entry.total") == f"{WHY_WITHHELD['missing_variable']}: entry.total"
    assert why_not_sent("throttled 429") == "throttled 429"


def test_a_bounce_for_good_is_told_from_one_that_may_pass() -> None:
    said = {"was": "bounced", "step": "hello", "message": "m1"}
    assert (is_for_good(told_id("m1", DEAD), said), is_for_good(told_id("m1", "bounced"), said)) == (True, False)
    assert told_delivery("email", said, for_good=True) == "email hello: bounced for good: the address is dead"
    assert told_delivery("email", said) == "email hello: bounced, perhaps only this time"


def test_what_the_machinery_tells_is_put_in_words() -> None:
    stop = {"channel": "sms", "everything": False, "reason": "perhaps_stop"}
    assert happened("suppress", stop) == "sms all topics: not to be written to (words that may mean STOP)"
    assert "transactional too" in happened("suppress", {**stop, "everything": True})
    assert happened("suppress", {"channel": "sms", "topic": "tips", "lifted": True}).startswith("sms tips: what stood")
    yes = {"channel": "email", "topic": "tips", "state": True, "wording": "Send me tips", "source": "form"}
    assert happened("consent", yes) == "email tips: she says yes, by form"
    assert happened("consent", {**yes, "state": False, "source": ""}) == "email tips: she says no"
    known = {"email": "ann@post.example", "attributes": {"visits": 3}, "consent": {"sms": ["tips", "offers"]}}
    assert (
        happened("identify", known) == "known as email ann@post.example, visits 3, yes to sms tips, yes to sms offers"
    )
    assert happened("published", {"journeys": []}) == "what was published now holds for her"
    assert happened("published", {"journeys": ["welcome"]}).endswith("; open to whoever is there: welcome")


def test_what_bars_a_journey_is_told_by_each_of_its_ways(folder: Path) -> None:
    journey = load_sound(folder).journeys["welcome"]
    her = Customer("c1", email="c1@post.example")
    assert list(barred(journey, her)) == ["as she is today, email tips: she has not allowed it"]
    her.consents["email", "tips"] = True
    assert list(barred(journey, her)) == ["as she is today, email tips: it may reach her"]


def test_what_a_provider_tells_is_a_line_of_the_story() -> None:
    said = {"step": "welcome", "was": "clicked", "by_machine": True}
    assert told_delivery("email", said) == "email welcome: clicked by a machine"
    assert told_delivery("email", {**said, "was": "accepted"}) == ""
