"""Quiet hours: marketing rests, by the clock of where the customer is."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import calendar
from engine.catalog import Catalog
from engine.customer import Customer, Waiting
from engine.decisions import Decided
from engine.explain import words
from engine.facts import Event
from engine.moments import Window
from engine.release import Policy, QuietHours, Release
from engine.settling.claim import good_until, objection
from engine.simulate import live_through
from engine.timing.presets import COUNTRIES
from engine.timing.quiet import Place, Span, common_opening, spans, zones
from engine.words import Channel, EventKind, Withheld
from tests.engine.lives import POLICY, START, a_cause, a_customer, a_release, an_event, at, decided, live, sent, since

ROOT = Path(__file__).parents[2]
HEAD = "purpose: marketing\ntopic: tips\nenter: {event: hello}\n"


def quiet(hours: str, rest: str) -> Release:
    """One journey under these quiet hours."""
    return a_release({"any/j": HEAD + rest}, policy=f"{POLICY}quiet_hours: {hours}\n")


def zones_of(number: str) -> tuple[str, ...]:
    """Where a number may be, as the tests have it."""
    return {"+1": ("Pacific/Honolulu", "America/New_York"), "+81": ("Asia/Tokyo",)}.get(number, ())


def lived(hours: str, rest: str, *events: Event, **who: object) -> Customer:
    her = a_customer(**who)
    live_through(her, [an_event("hello"), *events], Catalog(quiet(hours, rest), zones_of=zones_of), at(30))
    return her


SMS = "steps: [{sms: one}]\n"
AFTERNOON = "{sms: {from: 10:00, to: 14:00}}"


def test_in_quiet_hours_marketing_waits_for_their_end_and_transactional_messages_do_not() -> None:
    steps = "steps: [{sms: one, purpose: transactional}, {email: two}, {sms: three}]\n"
    assert sent(lived(AFTERNOON, steps)) == [("0d 00:00", "one"), ("0d 00:00", "two"), ("0d 04:00", "three")]


@pytest.mark.parametrize(
    ("hours", "planned"),
    [
        ("from: 10:00, to: 10:30", "0d 00:30"),  # its beginning is quiet
        ("from: 09:00, to: 10:00", "0d 00:00"),  # its end is not
        ("from: 21:00, to: 11:00", "0d 01:00"),  # across midnight
        ("from: 10:01, to: 08:00", "0d 00:00"),
    ],
)
def test_their_beginning_is_quiet_and_their_end_is_not(hours: str, planned: str) -> None:
    assert sent(lived(f"{{sms: {{{hours}}}}}", SMS)) == [(planned, "one")]


@pytest.mark.parametrize(
    ("who", "planned"),
    [
        ({"zone": "Asia/Tokyo"}, "0d 00:00"),  # 18:00 there
        ({"zone": "America/New_York"}, "0d 00:00"),  # 04:00
        ({"zone": "Africa/Cairo"}, "0d 03:00"),  # 11:00
        ({"attributes": {"country": "AU"}}, "0d 00:00"),  # between 17:00 and 20:00
        ({"attributes": {"country": "us "}, "phone": "+81"}, "0d 00:00"),  # between 23:00 and 04:00
        ({"zone": "Africa/Cairo", "attributes": {"country": "AU"}}, "0d 03:00"),  # her own zone counts first
        ({"phone": "+81"}, "0d 00:00"),
        ({"attributes": {"country": "PT"}, "phone": "+81"}, "0d 00:00"),  # a country that we do not know
        ({"phone": "+999"}, "0d 04:00"),  # nothing is known: the policy's
        ({"zone": "Nowhere/Land", "phone": "+999"}, "0d 04:00"),
    ],
)
def test_the_clock_is_her_own_else_her_countrys_else_her_numbers_else_the_policys(
    who: dict[str, object], planned: str
) -> None:
    assert sent(lived(AFTERNOON, SMS, **who)) == [(planned, "one")]


def test_where_she_may_be_in_several_zones_it_is_quiet_in_none_of_them() -> None:
    her = lived("{sms: {from: 21:00, to: 08:00}}", SMS, phone="+1")
    assert sent(her) == [("0d 09:00", "one")]  # 13:00 in New York, 08:00 in Honolulu


def test_a_preset_holds_besides_what_the_channel_says() -> None:
    saturday = [an_event("hello", at(5))]
    release = quiet("{preset: DE}", SMS)
    her = live(release, saturday, at(9))
    assert sent(her) == [("5d 00:00", "one")]
    late = live(release, [an_event("hello", at(5, hours=8))], at(9))
    assert sent(late) == [("6d 22:00", "one")]  # Saturday 18:00: Monday at 08:00
    both = live(quiet("{sms: {from: 21:00, to: 11:00}, preset: DE}", SMS), [an_event("hello", at(5, hours=8))], at(9))
    assert sent(both) == [("7d 01:00", "one")]


def test_of_several_presets_her_countrys_holds_and_all_where_hers_is_none_of_them() -> None:
    sunday = datetime(2026, 3, 8, 11, tzinfo=UTC)
    policy = Policy(quiet_hours=QuietHours(presets=("US", "DE")))
    expected = {"US": "2026-03-08T11:00", "DE": "2026-03-09T08:00", "PT": "2026-03-09T08:00", None: "2026-03-09T08:00"}
    for country, opening in expected.items():
        asked = spans(policy, Channel.SMS, Place("UTC", country))
        assert common_opening(asked, sunday) == datetime.fromisoformat(opening).replace(tzinfo=UTC)


def test_her_own_clock_counts_alone() -> None:
    policy = Policy(zone="Europe/Berlin", quiet_hours=QuietHours(presets=("CA",)))
    place = Place("Africa/Cairo", "US", ("Asia/Tokyo",))
    assert [zone.key for zone in zones(policy, place)] == ["Africa/Cairo"]


def test_where_nothing_is_known_the_clocks_of_all_presets_count_at_once() -> None:
    policy = Policy(zone="Europe/Berlin", quiet_hours=QuietHours(presets=("DE", "CA")))
    found = [zone.key for zone in zones(policy, Place(None, None))]
    assert found == ["Europe/Berlin", *COUNTRIES["CA"].zones]


def test_hours_that_never_meet_withhold_the_message_and_the_journey_goes_on() -> None:
    steps = "window: {from: 22:00, to: 23:00}\nsteps: [{sms: one}, {email: two, window: {from: 00:00, to: 23:59}}]\n"
    her = lived("{sms: {from: 21:00, to: 08:00}}", steps)
    assert [(since(one.at), one.detail["why"]) for one in decided(her, Decided.WITHHELD)] == [
        ("0d 00:00", "no_opening")
    ]
    assert sent(her) == [("0d 00:00", "two")]


def test_there_is_no_fallback_for_quiet_hours() -> None:
    her = lived(AFTERNOON, "steps: [{sms: one, fallback: {email: two}}]\n")
    assert [(one.channel, since(one.planned_at)) for one in her.effects.planned] == [("sms", "0d 04:00")]


def test_a_sleep_is_reckoned_anew_when_she_says_where_she_is() -> None:
    told = a_cause(EventKind.IDENTIFY, at(hours=1), zone="Africa/Cairo")
    assert sent(lived(AFTERNOON, SMS, told)) == [("0d 03:00", "one")]
    told = a_cause(EventKind.IDENTIFY, at(hours=1), attributes={"country": "AU"})
    assert sent(lived(AFTERNOON, SMS, told, phone="+999")) == [("0d 01:00", "one")]


def test_it_says_that_hours_are_quiet_and_until_when() -> None:
    release = quiet(AFTERNOON, SMS)
    her = live(release, [an_event("hello")], at(hours=1))
    one, noted = her.enrollments[0], decided(her, Decided.WAITING)[-1].detail
    assert one.standing.waiting is Waiting.QUIET_HOURS
    assert (noted["what"], noted["until"], noted["zone"]) == ("quiet_hours", "2026-03-02T13:00:00Z", "Europe/Berlin")
    said = words(one, Catalog(release).program(one.version), ZoneInfo("Europe/Berlin"))
    assert said == "Quiet hours until Mon 2 Mar 14:00 Europe/Berlin, then: one"


def test_the_claim_asks_quiet_hours_of_what_is_late_and_of_a_fallback_and_no_caps() -> None:
    policy = f"{POLICY}quiet_hours: {{email: {{from: 11:00, to: 14:00}}}}\ncaps: {{all: 1 per day}}\n"
    release = a_release({"any/j": HEAD + "steps: [{sms: one, fallback: {email: one}}]\n"}, policy=policy)
    her = live(release, [an_event("hello")], at(hours=0.5), a_customer(phone=None))
    message, one = her.effects.planned[0], her.enrollments[0]
    asked = at(hours=1, minutes=5)
    assert message.fallback
    assert objection(her, Catalog(release), one, message, START, late=True) is None
    assert objection(her, Catalog(release), one, message, asked, late=False) == at(hours=4)
    release = a_release({"any/j": HEAD + "steps: [{email: one}]\n"}, policy=policy)
    her = live(release, [an_event("hello")], at(hours=0.5))
    message, one = her.effects.planned[0], her.enrollments[0]
    assert objection(her, Catalog(release), one, message, asked, late=False) is None
    assert objection(her, Catalog(release), one, message, asked, late=True) == at(hours=4)
    never = a_release({"any/j": HEAD + "window: {from: 12:00, to: 13:00}\nsteps: [{email: one}]\n"}, policy=policy)
    one.version = never.journeys["j"].digest
    assert objection(her, Catalog(never), one, message, asked, late=True) is Withheld.NO_OPENING


@pytest.mark.parametrize(
    ("said", "purpose", "until"),
    [
        ("", "marketing", "0d 04:00"),  # quiet hours begin at 14:00
        ("window: {from: 09:00, to: 12:00}\n", "marketing", "0d 02:00"),
        ("window: {from: 09:00, to: 15:00}\n", "marketing", "0d 04:00"),
        ("window: {from: 20:00, to: 12:00}\n", "marketing", "0d 02:00"),
        ("expires: 1 hour\n", "marketing", "0d 01:00"),
        ("", "transactional", "2d 00:00"),
        ("window: {from: 09:00, to: 12:00}\n", "transactional", "0d 02:00"),
    ],
)
def test_a_message_may_reach_her_until_hours_shut_or_it_expires(said: str, purpose: str, until: str) -> None:
    quiet = "{sms: {from: 14:00, to: 15:00}}"
    head = f"purpose: {purpose}\ntopic: tips\nenter: {{event: hello}}\n{said}"
    release = a_release({"any/j": f"{head}steps: [{{sms: one}}]\n"}, policy=f"{POLICY}quiet_hours: {quiet}\n")
    her = live(release, [an_event("hello")], at(hours=0.5))
    message, one = her.effects.planned[0], her.enrollments[0]
    assert since(good_until(her, Catalog(release), one, message, START)) == until


# Clocks that are changed


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-03-28T22:00", "2026-03-29T01:00"),  # 02:30 does not exist: the first instant after the gap, 03:00
        ("2026-10-24T22:00", "2026-10-25T00:30"),  # 02:30 comes twice: the first
        ("2026-10-25T00:45", "2026-10-25T00:45"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(now: str, opening: str) -> None:
    night = Span((Window(time(2, 30), time(23, 0)),), ZoneInfo("Europe/Berlin"))
    found = common_opening([night], datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(opening).replace(tzinfo=UTC)


def test_an_hour_that_comes_twice_may_be_quiet_again() -> None:
    night = Span((Window(time(2, 30), time(23, 0)),), ZoneInfo("Europe/Berlin"))
    found = common_opening([night], datetime(2026, 10, 25, 1, 5, tzinfo=UTC))  # 02:05, for the second time
    assert found == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


# However she lives, she is left in peace

HOURS = st.sampled_from([("21:00", "08:00"), ("09:00", "17:00"), ("00:00", "12:30"), ("13:00", "12:00")])
PLACES = st.sampled_from([None, "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "America/Santiago"])


@settings(max_examples=100, deadline=None)
@given(
    HOURS,
    st.none() | st.sampled_from(sorted(COUNTRIES)),
    PLACES,
    st.sampled_from([None, *sorted(COUNTRIES)]),
    st.lists(st.integers(0, 24 * 60), min_size=1, max_size=8, unique=True),
    st.booleans(),
)
def test_no_marketing_is_ever_planned_in_quiet_hours(
    hours: tuple[str, str], preset: str | None, zone: str | None, country: str | None, when: list[int], skips: bool
) -> None:
    said = f"{{sms: {{from: {hours[0]}, to: {hours[1]}}}{f', preset: {preset}' if preset else ''}}}"
    rest = f"again: always\nwhen_capped: {'skip' if skips else 'wait'}\n"
    rest += "steps: [{sms: one}, {wait: 5 hours}, {sms: two}]\n"
    policy = f"{POLICY}quiet_hours: {said}\ncaps: {{all: 2 per 20 hours}}\n"
    release = a_release({"any/j": HEAD + rest}, policy=policy)
    her = a_customer(zone=zone, attributes={"country": country}, phone="+999")
    live_through(her, [an_event("hello", at(hours=hour)) for hour in when], Catalog(release), at(90))
    clocks = zones(release.policy, Place(zone, country))
    begin, end = time.fromisoformat(hours[0]), time.fromisoformat(hours[1])
    for one in her.effects.planned:
        for clock in clocks:
            wall = one.planned_at.astimezone(clock)
            inside = begin <= wall.time() < end if begin < end else wall.time() >= begin or wall.time() < end
            assert not inside
            open_ = COUNTRIES[preset].open[Channel.SMS] if preset else ()
            assert not open_ or any(
                window.from_ <= wall.time() < window.to and wall.weekday() in window.days for window in open_
            )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(HOURS, st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"])), min_size=1, max_size=3),
    st.integers(0, 24 * 4 * 400),
)
def test_the_opening_that_is_found_is_the_first(asked: list[tuple[tuple[str, str], str]], quarters: int) -> None:
    now = START + timedelta(minutes=15) * quarters
    open_ = [Window(time.fromisoformat(end), time.fromisoformat(begin)) for (begin, end), _ in asked]
    found = common_opening(
        [Span((window,), ZoneInfo(zone)) for window, (_, zone) in zip(open_, asked, strict=True)], now
    )
    for step in range(4 * 24 * 8):
        instant = now + timedelta(minutes=15) * step
        clocks = [ZoneInfo(zone) for _, zone in asked]
        if all(calendar.is_open(window, instant, clock, clock) for window, clock in zip(open_, clocks, strict=True)):
            assert found == instant
            return
    assert found is None


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_every_preset_leaves_hours_wherever_in_the_country_she_is_and_names_its_source(country: str) -> None:
    policy = Policy(quiet_hours=QuietHours(presets=(country,)))
    asked = spans(policy, Channel.SMS, Place(None, country))
    assert common_opening(asked, START) is not None
    assert len({span.zone.key for span in asked}) == len(COUNTRIES[country].zones)
    assert COUNTRIES[country].source


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_the_guide_says_of_every_preset_what_it_rests_on_and_whether_that_was_checked(country: str) -> None:
    guide = (ROOT / "docs" / "journey-language.md").read_text("utf-8")
    [row] = [line for line in guide.splitlines() if line.startswith(f"| {country} |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[2].startswith(COUNTRIES[country].basis)
    assert cells[3] == ("yes" if COUNTRIES[country].is_checked else "no")
    assert "no legal advice" in guide
