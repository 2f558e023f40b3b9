"""Caps: how much marketing a customer gets, and what becomes of the message that there is no room for."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalog import Catalog
from engine.customer import Customer, Waiting
from engine.decisions import Decided
from engine.explain import words
from engine.facts import Event
from engine.release import Cap, Release
from engine.simulate import live_through
from engine.timing.caps import full, spelled
from engine.timing.reservations import MemoryReserved, Reservation
from engine.words import Channel, EventKind, Purpose
from tests.engine.lives import POLICY, a_cause, a_customer, a_release, an_event, at, decided, live, sent, since

BERLIN = ZoneInfo("Europe/Berlin")
HEAD = "purpose: marketing\ntopic: tips\nenter: {event: hello}\n"


def capped(caps: str, *journeys: str) -> Release:
    """Journeys under these caps."""
    texts = {f"any/j{number}": HEAD + rest for number, rest in enumerate(journeys)}
    return a_release(texts, policy=f"{POLICY}caps: {caps}\n")


def lived(caps: str, *journeys: str, events: Sequence[Event] = (), who: Customer | None = None) -> Customer:
    return live(capped(caps, *journeys), [an_event("hello"), *events], at(30), who)


def withheld(her: Customer) -> list[tuple[str, str, object]]:
    found = decided(her, Decided.WITHHELD)
    return [(since(one.at), str(one.detail["why"]), one.detail.get("cap")) for one in found]


def test_a_message_that_a_cap_has_no_room_for_waits_until_it_has() -> None:
    her = lived("{all: 2 per 3 days}", "steps: [{email: one}, {wait: 1 hour}, {email: two}, {email: three}]\n")
    assert sent(her) == [("0d 00:00", "one"), ("0d 01:00", "two"), ("3d 00:00", "three")]


def test_per_day_is_the_calendar_day_on_her_own_clock_and_per_1_day_any_24_hours() -> None:
    steps = "steps: [{email: one}, {email: two}]\n"
    assert sent(lived("{all: 1 per day}", steps))[1] == ("0d 14:00", "two")  # midnight in Berlin
    assert sent(lived("{all: 1 per day}", steps, who=a_customer(zone="Asia/Tokyo")))[1] == ("0d 06:00", "two")
    assert sent(lived("{all: 1 per 1 day}", steps))[1] == ("1d 00:00", "two")


def test_a_cap_counts_its_channel_or_its_topic_alone_and_several_hold_at_once() -> None:
    steps = "steps: [{email: one}, {sms: one, id: s1}, {sms: two, id: s2}, {email: two, topic: offers}]\n"
    assert sent(lived("{sms: 1 per 2 days}", steps)) == [
        ("0d 00:00", "one"),
        ("0d 00:00", "one"),
        ("2d 00:00", "two"),
        ("2d 00:00", "two"),
    ]
    her = lived("{topics: {tips: 1 per 5 hours}}", steps)
    assert [when for when, _ in sent(her)] == ["0d 00:00", "0d 05:00", "0d 10:00", "0d 10:00"]
    her = lived("{all: [1 per 1 hour, 2 per 4 hours]}", steps)
    assert [when for when, _ in sent(her)] == ["0d 00:00", "0d 01:00", "0d 04:00", "0d 05:00"]


def test_transactional_messages_neither_count_nor_wait() -> None:
    steps = "steps: [{email: one, purpose: transactional}, {email: two}, {email: three, purpose: transactional}]\n"
    assert [when for when, _ in sent(lived("{all: 1 per 7 days}", steps))] == ["0d 00:00"] * 3


def test_who_skips_caps_goes_on_without_the_message_and_says_so() -> None:
    steps = "steps: [{email: one}, {email: two}, {email: three, when_capped: wait}]\n"
    her = lived("{all: 1 per 7 days}", f"when_capped: skip\n{steps}")
    assert sent(her) == [("0d 00:00", "one"), ("7d 00:00", "three")]
    assert withheld(her) == [("0d 00:00", "capped", "all: 1 per 7 days")]


def test_who_skips_caps_still_waits_for_the_window_and_is_asked_then() -> None:
    steps = "when_capped: skip\nsteps: [{email: one, window: {from: 12:00, to: 13:00}}]\n"
    taken = "steps: [{wait: 1 hour}, {email: two}]\n"
    assert withheld(lived("{all: 1 per 3 hours}", steps, taken)) == [("0d 02:00", "capped", "all: 1 per 3 hours")]
    assert sent(lived("{all: 1 per 1 hour}", steps, taken)) == [("0d 01:00", "two"), ("0d 02:00", "one")]


def test_cap_and_window_are_both_open_when_it_goes() -> None:
    steps = "window: {days: [mon, thu], from: 09:00, to: 11:00}\nsteps: [{email: one}, {email: two}]\n"
    assert sent(lived("{all: 1 per 2 days}", steps)) == [("0d 00:00", "one"), ("2d 23:00", "two")]


def test_there_is_no_fallback_for_a_full_cap() -> None:
    her = lived("{sms: 1 per 7 days}", "steps: [{sms: one}, {sms: two, fallback: {email: two}}]\n")
    assert [(one.channel, since(one.planned_at)) for one in her.effects.planned] == [
        ("sms", "0d 00:00"),
        ("sms", "7d 00:00"),
    ]


def test_it_decides_again_with_fresh_facts_when_the_cap_has_room() -> None:
    steps = "steps: [{email: one}, {email: two, if: {attribute: a, exists: false}}]\n"
    assert (
        sent(lived("{all: 1 per 2 days}", steps, events=[a_cause(EventKind.IDENTIFY, at(1), attributes={"a": 1})]))[1:]
        == []
    )


def test_of_several_that_a_cap_holds_back_the_oldest_goes_first() -> None:
    others = ["steps: [{email: two}]\n", "steps: [{email: three}]\n"]
    her = lived("{all: 1 per 1 day}", "steps: [{email: one}]\n", *others)
    assert sent(her) == [("0d 00:00", "one"), ("1d 00:00", "two"), ("2d 00:00", "three")]


def test_a_message_that_was_not_sent_after_all_gives_its_place_back() -> None:
    refused = "steps: [{sms: one, fallback: {email: two}}, {wait: 1 day}, {email: three}]\n"
    first = lived("{all: 1 per 2 days}", refused).effects.planned[0]
    no = a_cause(EventKind.REFUSED, at(hours=1), enrollment=first.enrollment, step=first.step, visit=1)
    her = lived("{all: 1 per 2 days}", refused, events=[no])
    assert sent(her) == [("0d 00:00", "one"), ("0d 01:00", "two"), ("2d 01:00", "three")]


def test_the_fallback_of_a_refused_message_does_not_wait_for_a_cap() -> None:
    refused = "steps: [{sms: one, fallback: {email: two}}, {email: three}, {wait: 1 day}]\n"
    first = lived("{email: 1 per 2 days}", refused).effects.planned[0]
    no = a_cause(EventKind.REFUSED, at(hours=1), enrollment=first.enrollment, step=first.step, visit=1)
    her = lived("{email: 1 per 2 days}", refused, events=[no])
    assert withheld(her) == [("0d 01:00", "capped", "email: 1 per 2 days")]


def test_what_a_journey_planned_at_the_instant_at_which_it_is_left_takes_no_place() -> None:
    left = "exit: [{attribute: a, is: 1}]\nsteps: [{email: one}, {update: {a: 1}}, {wait: 1 day}]\n"
    assert sent(lived("{all: 1 per 9 days}", left, "steps: [{wait: 1 hour}, {email: two}]\n")) == [("0d 01:00", "two")]


def test_holdouts_wait_for_caps_like_everybody_and_take_no_place() -> None:
    her = lived(
        "{all: 1 per 1 day}", "steps: [{email: one}]\n", "holdout: 100%\nsteps: [{email: two}, {email: three}]\n"
    )
    assert sent(her) == [("0d 00:00", "one")]
    assert withheld(her) == [("1d 00:00", "holdout", None)] * 2


def test_an_absolute_expiry_ends_the_wait_for_a_cap_without_a_message() -> None:
    steps = "steps: [{email: one}, {email: two, expires: {at: entry.ends}}]\n"
    release = capped("{all: 1 per 3 days}", steps)
    her = live(release, [an_event("hello", ends="2026-03-04T09:00:00Z")], at(9))
    assert withheld(her) == [("3d 00:00", "expired", None)]


def test_it_says_which_cap_holds_it_back_and_until_when() -> None:
    release = capped("{topics: {tips: 1 per 2 days}}", "steps: [{email: one}, {email: two}]\n")
    her = live(release, [an_event("hello")], at(1))
    one, noted = her.enrollments[0], decided(her, Decided.WAITING)[-1].detail
    assert one.standing.waiting is Waiting.CAP
    assert (noted["what"], noted["cap"], noted["until"]) == ("cap", "tips: 1 per 2 days", "2026-03-04T09:00:00Z")
    said = words(one, Catalog(release).program(one.version), BERLIN)
    assert said == "Held back by a cap until Wed 4 Mar 10:00 Europe/Berlin, then: two"


@pytest.mark.parametrize(
    ("cap", "said"),
    [
        (Cap(3, timedelta(days=7)), "all: 3 per 7 days"),
        (Cap(1, None, Channel.SMS), "sms: 1 per day"),
        (Cap(2, timedelta(hours=1), topic="tips"), "tips: 2 per 1 hour"),
        (Cap(2, timedelta(minutes=90)), "all: 2 per 90 minutes"),
    ],
)
def test_a_cap_is_said_as_it_is_written(cap: Cap, said: str) -> None:
    assert spelled(cap) == said


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        ("Europe/Berlin", "2026-03-29T00:30", "2026-03-29T22:00"),  # a day of 23 hours
        ("Europe/Berlin", "2026-10-24T23:30", "2026-10-25T23:00"),  # one of 25
        ("America/Santiago", "2026-09-06T02:00", "2026-09-06T04:00"),  # midnight is skipped: its day begins at one
        ("America/Havana", "2026-10-31T23:00", "2026-11-01T04:00"),  # midnight comes twice: the first
    ],
)
def test_a_calendar_day_ends_at_midnight_also_where_the_clock_is_changed(zone: str, now: str, until: str) -> None:
    instant, reserved = datetime.fromisoformat(now).replace(tzinfo=UTC), MemoryReserved()
    reserved.add(Reservation("m", "e", instant - timedelta(minutes=1), Channel.EMAIL, "tips"))
    found = full([Cap(1)], reserved, Channel.EMAIL, "tips", instant, ZoneInfo(zone))
    assert found is not None
    assert found.until == datetime.fromisoformat(until).replace(tzinfo=UTC)


def test_a_cap_that_was_lowered_waits_until_as_many_have_gone_by_as_there_are_too_many() -> None:
    reserved = MemoryReserved()
    for hour in range(4):
        reserved.add(Reservation(f"m{hour}", "e", at(hours=hour), Channel.EMAIL, "tips"))
    cap = Cap(2, timedelta(days=1))
    found = full([cap], reserved, Channel.EMAIL, "tips", at(hours=4), BERLIN)
    assert found is not None
    assert (found.cap, found.until) == (cap, at(1, hours=2))


# However she lives, she never gets more

LENGTHS = {"5 hours": timedelta(hours=5), "1 day": timedelta(days=1), "3 days": timedelta(days=3)}
CAPS = st.lists(
    st.builds(
        lambda most, within, scope: (most, within, scope),
        st.integers(1, 3),
        st.sampled_from(["day", *LENGTHS]),
        st.sampled_from(["all", "sms", "email", "tips"]),
    ),
    min_size=1,
    max_size=3,
)
STEPS = st.lists(
    st.sampled_from(
        [
            "{email: one, id: ID}",
            "{sms: one, id: ID}",
            "{email: one, id: ID, topic: offers}",
            "{email: one, id: ID, when_capped: skip}",
            "{email: one, id: ID, window: {from: 12:00, to: 13:00}}",
            "{email: one, id: ID, purpose: transactional}",
            "{wait: 1 hour}",
            "{wait: 1 day}",
        ]
    ),
    min_size=1,
    max_size=7,
)


def written(caps: Iterable[tuple[int, str, str]]) -> str:
    said: dict[str, list[str]] = {}
    for most, within, scope in caps:
        said.setdefault(scope, []).append(f"{most} per {within}")
    topics = said.pop("tips", None)
    parts = [f"{scope}: [{', '.join(each)}]" for scope, each in said.items()]
    return "{" + ", ".join([*parts, *([f"topics: {{tips: [{', '.join(topics)}]}}"] if topics else [])]) + "}"


def numbered(steps: Sequence[str]) -> str:
    return "steps: [" + ", ".join(step.replace("ID", f"m{number}") for number, step in enumerate(steps)) + "]\n"


@settings(max_examples=150, deadline=None)
@given(
    CAPS,
    st.lists(STEPS, min_size=1, max_size=3),
    st.lists(st.integers(0, 24 * 12), max_size=8, unique=True),
    st.sampled_from([None, "Asia/Tokyo", "America/New_York"]),
)
def test_she_never_gets_more_than_a_cap_allows_in_any_window(
    caps: list[tuple[int, str, str]], journeys: list[list[str]], hours: list[int], zone: str | None
) -> None:
    release = capped(written(caps), *("again: always\n" + numbered(steps) for steps in journeys))
    her = a_customer(zone=zone)
    live_through(her, [an_event("hello", at(hours=hour)) for hour in hours], Catalog(release), at(60))
    for most, within, scope in caps:
        times = [
            one.planned_at
            for one in her.effects.planned
            if one.purpose is Purpose.MARKETING and scope in ("all", one.channel, one.topic)
        ]
        if within == "day":
            days = [when.astimezone(ZoneInfo(zone or "Europe/Berlin")).date() for when in times]
            assert all(days.count(day) <= most for day in days)
        else:
            assert all(sum(when - LENGTHS[within] < one <= when for one in times) <= most for when in times)
    skipped = [one for one in her.effects.decisions if one.detail.get("what") == "cap"]
    assert all("when_capped" not in journeys[int(one.journey[1:])][int(one.step[1:])] for one in skipped)
