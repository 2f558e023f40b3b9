"""What authors write is read as the language says."""

import json
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from engine import conditions
from engine.conditions import AllOf, Count, Fact, Happens, InSegment, Now, Operator, Where
from engine.journey import Again, FactRef, Goal, Journey, Message, OnEvent, Wait, WaitFor, WaitUntil
from engine.language.checking.walking import all_steps
from engine.language.encoding import decode, encode
from engine.language.faults import Fault, Severity, nearest
from engine.language.project import load_release
from engine.moments import Expiry, Length, Moment, Window
from engine.release import Release
from engine.words import Channel, Purpose
from tests.engine.example_project import example_project
from tests.engine.random_journeys import projects

ROOT = Path(__file__).parents[2]


def a_release(**files: str) -> Release:
    """The example project with more files, each by its path with `__` for `/`."""
    more = {f"journeys/{path.replace('__', '/')}.yaml": text for path, text in files.items()}
    release, faults = load_release(example_project() | more)
    assert faults == []
    assert release is not None
    return release


def a_journey(text: str) -> Journey:
    return a_release(onboarding__case=text).journeys["case"]


def steps_of(text: str) -> list[object]:
    head = "enter: {event: signed_up}\npurpose: marketing\ntopic: offers\nsteps:\n"
    return list(a_journey(head + text).steps)


def test_the_example_of_the_language_has_no_fault() -> None:
    trial = a_release().journeys["trial"]
    assert trial.stage == "onboarding"
    assert trial.trigger == OnEvent(
        ("trial_started",), Where((("plan", conditions.Test(Operator.IN, ["trial", "team"])),))
    )
    assert (trial.again, trial.again_after) == (Again.AFTER, timedelta(days=90))
    assert isinstance(trial.goal, Goal)
    assert (trial.goal.until, trial.goal.within) == (Happens("project_created"), timedelta(days=14))
    assert trial.holdout_percent == 10
    assert trial.window == Window(time(9), time(18), frozenset(range(5)), None, "Europe/Berlin")
    assert trial.expires == Expiry(timedelta(days=2))


def test_steps_are_named_after_the_named_step_before_them() -> None:
    assert [step.id for step in all_steps(a_release().journeys["trial"])] == [
        "welcome",
        "welcome.wait_for1",
        "welcome.wait_for1.first1.wait1",
        "welcome.wait_for1.first2.wait1",
        "need_a_hand",
        "need_a_hand",
        "welcome.choose1",
        "welcome.choose1.if1.update1",
        "how_it_works",
        "last_call",
        "trial_ends",
        "trial_ends_offer",
        "last_call.wait1",
        "last_day",
        "last_day.emit1",
        "last_day.move_to1",
        "last_day.start1",
        "last_day.exit1",
        "well_done",
    ]


def test_counting_begins_anew_after_each_named_step_and_in_each_list() -> None:
    steps = steps_of("""\
  - wait: 1 day
  - wait: 2 days
  - email: welcome
  - wait: 1 day
  - choose:
      - if: {segment: power_users}
        then: [{wait: 1 day}, {sms: need_a_hand}, {wait: 1 day}]
  - wait: 2 days
""")
    ids = [getattr(step, "id", None) for step in steps]
    assert ids == ["start.wait1", "start.wait2", "welcome", "welcome.wait1", "welcome.choose1", "welcome.wait2"]


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    trial = example_project()["journeys/onboarding/trial.yaml"]
    read, _ = load_release(
        example_project() | {"journeys/onboarding/trial.yaml": "\ufeff" + trial.replace("\n", "\r\n")}
    )
    assert read is not None
    assert read.journeys["trial"] == a_release().journeys["trial"]


@pytest.mark.parametrize(
    ("wait", "moment"),
    [
        ("{until: 09:00}", Moment(at=time(9))),
        ("{until: tuesday 10:00}", Moment(weekday=1, at=time(10))),
        ("{until: sunday, at: 10:00}", Moment(weekday=6, at=time(10))),
        ("{until: 2026-12-24 09:00}", Moment(on=date(2026, 12, 24), at=time(9))),
        ("{until: 2026-12-24, at: 08:00}", Moment(on=date(2026, 12, 24), at=time(8))),
        (
            "{until: 2 hours after customer.trial_ends, if_past: exit}",
            Moment(fact="customer.trial_ends", offset=Length(exact=timedelta(hours=2))),
        ),
        (
            "{until: 1 month before customer.trial_ends, at: 10:00, if_past: skip}",
            Moment(fact="customer.trial_ends", offset=Length(months=1), sign=-1, at=time(10)),
        ),
    ],
)
def test_a_moment_is_read(wait: str, moment: Moment) -> None:
    (step, _) = steps_of(f"  - wait: {wait}\n  - email: welcome\n")
    assert isinstance(step, WaitUntil)
    assert step.moment == moment


def test_days_weeks_and_months_of_a_wait_are_of_the_calendar_and_hours_are_exact() -> None:
    waits = steps_of("  - wait: 2 weeks\n  - wait: 1 month\n  - wait: 3 days\n  - wait: 48 hours\n  - email: welcome\n")
    lengths = [step.length for step in waits if isinstance(step, Wait)]
    assert lengths == [Length(days=14), Length(months=1), Length(days=3), Length(exact=timedelta(hours=48))]


def test_an_event_is_this_very_cause_in_goals_exits_and_waits_and_a_count_in_an_if() -> None:
    journey = a_journey("""\
enter: {event: signed_up, if: {event: purchased}}
goal: {any: [{event: purchased}, {event: project_created, at_least: 2}], then: continue}
exit: {event: trial_cancelled}
steps:
  - wait_for: {up_to: 1 day, first: [{event: demo_booked}, {event: purchased, within_last: 1 day}], timeout: []}
""")
    assert journey.if_ == Count("purchased")
    assert journey.goal is not None
    assert [type(part) for part in getattr(journey.goal.until, "parts", ())] == [Happens, Count]
    assert journey.exits == (Happens("trial_cancelled"),)
    (wait,) = journey.steps
    assert isinstance(wait, WaitFor)
    assert [type(item.until) for item in wait.first] == [Happens, Count]


def test_at_least_one_is_meant_only_where_at_most_is_not_said() -> None:
    (message,) = steps_of("  - email: welcome\n    if: {event: purchased, at_most: 2}\n")
    assert isinstance(message, Message)
    assert message.if_ == Count("purchased", at_least=None, at_most=2)


def test_two_operators_on_one_fact_must_both_hold() -> None:
    (message,) = steps_of("  - email: welcome\n    if: {attribute: nps, at_least: 3, less_than: 9}\n")
    assert isinstance(message, Message)
    assert message.if_ == AllOf(
        (
            Fact("customer.nps", conditions.Test(Operator.AT_LEAST, 3)),
            Fact("customer.nps", conditions.Test(Operator.LESS_THAN, 9)),
        )
    )


def test_now_is_a_value_of_before_and_after() -> None:
    segment = a_release().segments["active_trials"]
    assert segment == AllOf(
        (
            Fact("customer.plan", conditions.Test(Operator.IS, "trial")),
            Fact("customer.trial_ends", conditions.Test(Operator.AFTER, Now())),
        )
    )


def test_a_message_has_everything_that_its_journey_says_and_its_own_word_wins() -> None:
    first, second = steps_of("""\
  - email: welcome
  - sms: need_a_hand
    purpose: transactional
    expires: {at: customer.trial_ends}
    with: {plan: {fact: customer.plan}}
    fallback: {email: need_a_hand}
""")
    assert isinstance(first, Message)
    assert (first.purpose, first.topic, first.sender) == (Purpose.MARKETING, "offers", "default")
    assert isinstance(second, Message)
    assert second.expires == Expiry(None, Moment(fact="customer.trial_ends"))
    fallback = second.fallback
    assert fallback is not None
    assert (fallback.id, fallback.channel, fallback.purpose) == ("need_a_hand", Channel.EMAIL, Purpose.TRANSACTIONAL)
    assert fallback.with_ == {"plan": FactRef("customer.plan")}


def test_a_fallback_goes_under_the_condition_of_its_step() -> None:
    (message,) = steps_of("  - sms: need_a_hand\n    if: {segment: power_users}\n    fallback: {email: need_a_hand}\n")
    assert isinstance(message, Message)
    assert message.fallback is not None
    assert message.fallback.if_ == message.if_ == InSegment("power_users")


def test_a_key_is_one_property_or_one_by_event() -> None:
    one = a_journey("enter: {event: purchased, key: amount}\nsteps: [{wait: 1 day}]\n")
    each = a_journey("enter: {event: purchased, key: {purchased: amount}}\nsteps: [{wait: 1 day}]\n")
    assert isinstance(one.trigger, OnEvent)
    assert isinstance(each.trigger, OnEvent)
    assert (one.trigger.keys, each.trigger.keys) == ({"": "amount"}, {"purchased": "amount"})


def test_a_version_is_named_by_what_it_says_not_by_how_it_is_written() -> None:
    written = "enter: {event: signed_up}\ndescription: One.\nsteps: [{wait: 1 day}]\n"
    same = "# a comment\nenter:\n  event: 'signed_up'\ndescription: Another.\nsteps:\n  - wait: 1 day\n"
    other = written.replace("1 day", "2 days")
    assert a_journey(written).digest == a_journey(same).digest
    assert a_journey(written).digest != a_journey(other).digest


def test_the_same_words_in_another_file_are_another_version() -> None:
    words = "enter: {event: signed_up}\nsteps: [{wait: 1 day}]\n"
    journeys = a_release(any__one=words, any__two=words).journeys
    assert journeys["one"].digest != journeys["two"].digest


def test_a_release_can_be_loaded_again_from_its_own_texts() -> None:
    release = a_release()
    again, faults = load_release(release.texts)
    assert faults == []
    assert again == release


def test_a_warning_stops_nothing() -> None:
    texts = example_project()
    texts["journeys/any/late.yaml"] = "enter: {api: true}\nsteps: [{wait: {until: 2026-12-24}}]\n"
    release, (warning,) = load_release(texts)
    assert release is not None
    assert warning.severity is Severity.WARNING


def test_without_facts_every_name_may_be() -> None:
    texts = example_project()
    del texts["journeys/facts.yaml"]
    texts["journeys/any/free.yaml"] = "enter: {event: anything}\nsteps: [{update: {a: {fact: entry.b}, c: 1}}]\n"
    assert load_release(texts)[1] == []


def test_a_fault_says_where_what_and_what_instead() -> None:
    assert (
        str(Fault("a.yaml", 10, 9, "3 has no unit", hint="3 days"))
        == "a.yaml:10:9: 3 has no unit; did you mean '3 days'?"
    )


def test_nearest_is_close_or_nothing() -> None:
    assert nearest("Emial", ["email", "sms"]) == "email"
    assert nearest("fax", ["email", "sms"]) == ""


def test_the_shipped_journeys_have_no_fault() -> None:
    files = (file for folder in ("journeys", "templates") for file in (ROOT / folder).rglob("*") if file.is_file())
    texts = {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}
    release, faults = load_release(texts)
    assert [str(fault) for fault in faults] == []
    assert release is not None
    assert len(release.journeys) >= 11
    for journey in release.journeys.values():
        assert decode(json.loads(json.dumps(encode(journey)))) == journey


def test_what_was_no_journey_is_not_decoded() -> None:
    with pytest.raises(TypeError):
        decode({"is": "Length", "months": 1})
    with pytest.raises(KeyError):
        decode({"is": "Path"})


def test_a_field_that_is_missing_in_what_was_stored_takes_its_default() -> None:
    trial = a_release().journeys["trial"]
    stored = encode(trial)
    del stored["grace"]
    assert decode(stored) == trial


@given(projects())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_random_project_loads_and_its_journeys_survive_encoding(texts: dict[str, str]) -> None:
    release, faults = load_release(texts)
    assert [str(fault) for fault in faults if fault.severity is Severity.FAULT] == []
    assert release is not None
    for journey in release.journeys.values():
        assert decode(json.loads(json.dumps(encode(journey)))) == journey
