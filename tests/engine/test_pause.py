"""Paused journeys: nobody enters and nobody is sent; goals and exits work; on resume lengths are made longer."""

from datetime import datetime

from engine.catalog import Catalog
from engine.customer import Customer
from engine.decisions import Decided
from engine.facts import Event
from engine.simulate import live_through
from engine.words import EventKind
from tests.engine.lives import START, a_cause, a_customer, a_release, an_event, at, decided, left, sent

HEAD = "purpose: marketing\ntopic: tips\nenter: {event: hello}\n"


def resumed(when: datetime) -> Event:
    """The end of a pause of j that began at noon of the first day."""
    said = {"journey": "j", "resumed_at": when.isoformat()}
    return Event("resumed", EventKind.RESUMED, "", at(hours=3), at(hours=3), said)


def lived(rest: str, *during: Event, hello: Event | None = None, who: Customer | None = None) -> Customer:
    """Hello at the start; paused from noon of the first day for three days; then on."""
    release, her = a_release({"any/j": HEAD + rest}), who or a_customer()
    live_through(her, [hello or an_event("hello")], Catalog(release), at(hours=3))
    live_through(her, during, Catalog(release, paused=frozenset({"j"})), at(3, hours=3))
    live_through(her, [resumed(at(3, hours=3))], Catalog(release), at(40))
    return her


def test_lengths_are_made_longer_by_the_pause() -> None:
    assert sent(lived("steps: [{wait: 1 day}, {email: one}]\n")) == [("4d 00:00", "one")]
    assert sent(lived("steps: [{wait: 9 days}, {email: one}, {wait: 1 day}, {email: two}]\n")) == [
        ("12d 00:00", "one"),
        ("13d 00:00", "two"),
    ]
    timeout = "steps: [{wait_for: {up_to: 2 days, first: [{event: a}], timeout: [{email: two}]}}]\n"
    assert sent(lived(timeout)) == [("5d 00:00", "two")]


def test_dates_stay_and_those_that_went_by_are_past() -> None:
    later = "steps: [{wait: {until: 2026-03-08 10:00}}, {email: one}]\n"
    assert sent(lived(later)) == [("6d 00:00", "one")]
    for if_past, expected in (("continue", ["one", "two"]), ("skip", ["two"]), ("exit", [])):
        wait = f"{{wait: {{until: entry.when, if_past: {if_past}}}}}"
        steps = f"steps: [{wait}, {{email: one}}, {{wait: 1 day}}, {{email: two}}]\n"
        her = lived(steps, hello=an_event("hello", when="2026-03-04T09:00:00Z"))
        assert [template for _, template in sent(her)] == expected
        assert left(her)[0][0] == ("3d 03:00" if if_past == "exit" else "4d 03:00")


def test_goals_and_exits_work_during_the_pause() -> None:
    rest = "goal: {event: bought}\nexit: [{event: cancelled}, {absent: seen, for: 2 days}]\n"
    rest += "steps: [{wait: 9 days}, {email: one}]\n"
    assert left(lived(rest, an_event("bought", at(1)))) == [("1d 00:00", "goal")]
    assert left(lived(rest, an_event("cancelled", at(1)))) == [("1d 00:00", "exit")]
    assert left(lived(rest, an_event("seen", at(hours=5)))) == [("2d 05:00", "exit")]


def test_what_a_wait_for_waited_for_during_the_pause_ends_it_on_resume() -> None:
    for first in ("{event: a, then: [{email: one}]}", "{attribute: plan, is: pro, then: [{email: one}]}"):
        rest = f"steps: [{{wait_for: {{up_to: 2 days, first: [{first}], timeout: [{{email: two}}]}}}}]\n"
        happened = (an_event("a", at(1)), a_cause(EventKind.IDENTIFY, at(1), attributes={"plan": "pro"}))
        her = lived(rest, *happened)
        assert sent(her) == [("3d 03:00", "one")]
        assert not decided(her, Decided.REFUSED)


def test_an_event_after_the_resume_ends_a_wait_as_ever() -> None:
    rest = "steps: [{wait_for: {up_to: 2 days, first: [{event: a, then: [{email: one}]}], timeout: [{email: two}]}}]\n"
    release, her = a_release({"any/j": HEAD + rest}), lived(rest, who=a_customer())
    assert sent(her) == [("5d 00:00", "two")]
    her = a_customer()
    live_through(her, [an_event("hello")], Catalog(release), at(hours=3))
    live_through(her, [], Catalog(release, paused=frozenset({"j"})), at(3))
    event = resumed(at(3))
    live_through(her, [event, an_event("a", at(4))], Catalog(release), at(40))
    assert sent(her) == [("4d 00:00", "one")]


def test_a_window_that_opened_during_the_pause_is_asked_again_on_resume() -> None:
    window = "window: {from: 15:00, to: 16:00, zone: customer}\n"
    assert sent(lived(window + "steps: [{email: one}]\n")) == [("3d 05:00", "one")]


def test_only_the_journey_that_stood_is_made_longer() -> None:
    release, her = a_release({"any/k": HEAD + "steps: [{wait: 9 days}, {email: one}]\n"}), a_customer()
    event = resumed(at(3))
    live_through(her, [an_event("hello", START), event], Catalog(release), at(40))
    assert sent(her) == [("9d 00:00", "one")]
