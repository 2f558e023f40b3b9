"""What became of a message, as a condition: delivered, clicked, and never opened."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.catalog import Catalog
from engine.customer import Customer
from engine.explain import words
from engine.facts import Event
from engine.simulate import live_through
from engine.words import EventKind
from tests.engine.lives import a_customer, a_release, an_event, at, left, sent

END = at(30)
HEAD = "purpose: marketing\ntopic: tips\nenter: {event: hello}\n"


def lived(rest: str, *news: tuple[float, str], until: datetime = END, machine: bool = False) -> Customer:
    """She lives, and the provider tells so many hours after the start what became of the message `one`."""
    release, her = a_release({"any/j": HEAD + rest}), a_customer()
    catalog = Catalog(release)
    live_through(her, [an_event("hello")], catalog, at())
    message = her.effects.planned[0]
    events = [told(message.enrollment, message.id, was, at(hours=hours), machine=machine) for hours, was in news]
    live_through(her, events, catalog, until)
    return her


def told(enrollment: str, message: str, was: str, when: datetime, *, machine: bool = False, step: str = "one") -> Event:
    said = {"enrollment": enrollment, "step": step, "message": message, "was": was, "by_machine": machine}
    return Event(f"{was} {when.isoformat()} {machine}", EventKind.DELIVERY, "", when, when, said)


BRANCH = (
    "steps: [{email: one}, {wait: 3 days}, "
    "{choose: [{if: CONDITION, then: [{email: two}]}, {otherwise: [{email: three}]}]}]\n"
)


@pytest.mark.parametrize(
    ("news", "condition", "expected"),
    [
        ([(1, "clicked")], "{message: one, was: clicked}", "two"),
        ([(1, "delivered")], "{message: one, was: clicked}", "three"),
        ([(1, "delivered")], "{message: one, was: delivered}", "two"),
        ([(1, "clicked")], "{message: one, was: delivered}", "two"),  # what was clicked has arrived
        ([(1, "opened")], "{any: [{message: one, was: delivered}, {message: one, was: clicked}]}", "three"),
        ([(71, "clicked"), (1, "clicked")], "{message: one, was: clicked, within_last: 2 hours}", "two"),
        ([(1, "clicked")], "{message: one, was: clicked, within_last: 2 hours}", "three"),
        ([], "{message: one, was: sent}", "two"),
    ],
)
def test_a_journey_may_ask_how_far_its_message_has_come(
    news: list[tuple[float, str]], condition: str, expected: str
) -> None:
    assert sent(lived(BRANCH.replace("CONDITION", condition), *news))[-1][1] == expected


WAIT = (
    "steps: [{email: one}, {wait_for: {up_to: 3 days, "
    "first: [{message: one, was: clicked, then: [{email: two}]}], timeout: [{email: three}]}}]\n"
)


def test_a_click_wakes_who_waits_for_it_and_a_delivery_does_not() -> None:
    assert sent(lived(WAIT, (1, "delivered"), (5, "clicked")))[-1] == ("0d 05:00", "two")
    assert sent(lived(WAIT, (1, "delivered")))[-1] == ("3d 00:00", "three")


def test_what_a_machine_clicks_counts_for_nothing() -> None:
    assert sent(lived(WAIT, (1, "clicked"), machine=True))[-1] == ("3d 00:00", "three")


def test_a_click_that_came_before_the_wait_passes_it_at_once() -> None:
    later = WAIT.replace("{email: one}, ", "{email: one}, {wait: 1 day}, ")
    assert sent(lived(later, (1, "clicked")))[-1] == ("1d 00:00", "two")


def test_a_click_is_no_click_on_another_message_nor_of_another_passage() -> None:
    release, her = a_release({"any/j": HEAD + "again: always\n" + WAIT}), a_customer()
    live_through(her, [an_event("hello")], Catalog(release), at())
    one = her.effects.planned[0]
    others = [
        told(one.enrollment, one.id, "clicked", at(hours=1), step="two"),
        told("x", one.id, "clicked", at(hours=2)),
    ]
    live_through(her, others, Catalog(release), at(9))
    assert sent(her)[-1] == ("3d 00:00", "three")


def test_a_click_may_be_the_goal() -> None:
    her = lived(
        "goal: {message: one, was: clicked}\nsteps: [{email: one}, {wait: 9 days}, {email: two}]\n", (7, "clicked")
    )
    assert left(her) == [("0d 07:00", "goal")]


def test_that_it_was_clicked_lately_ends_by_time_alone() -> None:
    lately = "{none: [{message: one, was: clicked, within_last: 2 days}]}"
    rest = f"exit: [{{all: [{{attribute: a, is: 1}}, {lately}]}}]\nsteps: [{{email: one}}, {{wait: 9 days}}]\n"
    release, her = a_release({"any/j": HEAD + rest}), a_customer()
    live_through(her, [an_event("hello")], Catalog(release), at())
    one = her.effects.planned[0]
    set_ = Event("i", EventKind.IDENTIFY, "", at(hours=2), at(hours=2), {"attributes": {"a": 1}})
    live_through(her, [told(one.enrollment, one.id, "clicked", at(hours=1)), set_], Catalog(release), at(9))
    assert left(her) == [("2d 01:00", "exit")]


def test_support_staff_read_what_is_waited_for() -> None:
    her = lived(WAIT, until=at(1))
    one, release = her.enrollments[0], a_release({"any/j": HEAD + WAIT})
    said = words(one, Catalog(release).program(one.version), ZoneInfo("UTC"))
    assert said == "Waiting until Thu 5 Mar 09:00 UTC for one clicked, then: three"


def test_news_may_come_in_any_order() -> None:
    first, again = lived(WAIT, (2, "clicked"), (5, "delivered")), lived(WAIT, (5, "delivered"), (2, "clicked"))
    assert first.enrollments[0].reached == again.enrollments[0].reached
    assert first.enrollments[0].reached["one"]["delivered"] == at() + timedelta(hours=2)
