"""Random lives through random projects: enough of everything at so few instants that it interferes."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from engine.customer import Customer
from engine.facts import Event
from engine.language.project import load_release
from engine.release import Release
from engine.words import EventKind, Origin
from tests.engine.lives import START, a_customer
from tests.engine.random_conditions import EVENTS, PLANS, STAGES
from tests.engine.random_journeys import projects

KINDS = [EventKind.TRACK] * 6 + [
    EventKind.IDENTIFY,
    EventKind.IDENTIFY,
    EventKind.CONSENT,
    EventKind.EXIT,
    EventKind.START,
]


@st.composite
def releases(draw: DrawFn) -> Release:
    """What a random project is when it is live."""
    release, faults = load_release(draw(projects()))
    assert release is not None, faults
    return release


@st.composite
def happenings(draw: DrawFn) -> Event:
    """Something that happens to a customer within nine days, now and then told late."""
    hours = draw(st.integers(0, 24 * 9) | st.sampled_from([0, 24, 48]))
    when = START + timedelta(hours=hours, minutes=draw(st.sampled_from([0, 0, 30])))
    kind = draw(st.sampled_from(KINDS))
    late = timedelta(hours=draw(st.sampled_from([0, 0, 0, 0, 0.1, 1, 30])))
    name = draw(st.sampled_from(EVENTS)) if kind is EventKind.TRACK else ""
    id_ = f"{draw(st.integers(0, 2**30)):010}"
    return Event(id_, kind, name, when, when + late, draw(_said(kind)), draw(st.sampled_from(_ORIGINS)))


_ORIGINS = [Origin.LIVE] * 9 + [Origin.HISTORY]


def _said(kind: EventKind) -> st.SearchStrategy[dict[str, Any]]:
    dates = st.sampled_from(["2026-03-01", "2026-03-06", "2026-03-09T10:00:00Z"])
    match kind:
        case EventKind.TRACK:
            return st.fixed_dictionaries(
                {
                    "amount": st.integers(0, 100),
                    "plan": st.sampled_from(PLANS),
                    "order": st.sampled_from("pq"),
                    "at": dates,
                }
            )
        case EventKind.IDENTIFY:
            score = st.fixed_dictionaries({"score": st.integers(0, 5), "plan": st.sampled_from(PLANS), "ends": dates})
            zones = st.sampled_from(["Asia/Tokyo", "America/New_York"])
            return st.fixed_dictionaries(
                {}, optional={"zone": zones, "attributes": score, "stage": st.sampled_from(STAGES)}
            )
        case EventKind.CONSENT:
            channel, topic = st.sampled_from(["email", "sms"]), st.sampled_from(["news", "offers"])
            return st.fixed_dictionaries({"channel": channel, "topic": topic, "state": st.booleans()})
        case EventKind.START:
            return st.just({"journey": "j0", "with": {"order": "p"}})
        case _:
            return st.just({"journey": "j0"})


def somebody(zone: str | None) -> Customer:
    """A customer who may be written to."""
    consents = {(channel, topic): True for channel in ("email", "sms") for topic in ("news", "offers")}
    return a_customer(zone=zone, attributes={"ends": "2026-03-07T09:00:00Z", "score": 1}, consents=consents)
