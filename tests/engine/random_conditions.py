"""Random conditions, in the words of one small business."""

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Tree = dict[str, Any]

EVENTS = ("joined", "visited", "bought", "asked", "complained")
EMITTED = "nudged"
PROPERTIES = {"amount": "number", "plan": "text", "order": "text", "at": "time"}
PLANS = ("free", "plus", "pro")
ATTRIBUTES: Tree = {"plan": {"one_of": list(PLANS)}, "score": "number", "active": "boolean", "ends": "date"}
STAGES = ("fresh", "active", "quiet")

clocks = st.sampled_from(["00:00", "02:30", "09:00", "12:15", "18:00", "23:59"])
lengths = st.sampled_from(["1 minute", "45 minutes", "3 hours", "1 day", "2 days", "1 week", "1 month"])
durations = st.sampled_from(["30 minutes", "6 hours", "1 day", "3 days", "2 weeks"])
events = st.sampled_from(EVENTS)


def some_of(required: Tree, **optional: SearchStrategy[Any]) -> SearchStrategy[Tree]:
    """A map with all of `required` and some of `optional`."""
    return st.fixed_dictionaries(required, optional={key.rstrip("_"): value for key, value in optional.items()})


@cache
def wheres() -> SearchStrategy[Tree]:
    """Tests on an event's properties."""
    amount = st.integers(0, 100)
    tests = {
        "plan": st.sampled_from(PLANS) | st.lists(st.sampled_from(PLANS), min_size=1, max_size=2, unique=True),
        "amount": st.fixed_dictionaries({"at_least": amount}) | st.fixed_dictionaries({"less_than": amount}),
    }
    return st.fixed_dictionaries({}, optional=tests).filter(bool)


@cache
def leaves() -> SearchStrategy[Tree]:
    """Conditions that are true or false at any instant."""
    return st.one_of(
        st.fixed_dictionaries({"attribute": st.just("plan"), "is": st.sampled_from(PLANS)}),
        st.fixed_dictionaries({"attribute": st.just("plan"), "not_in": st.just(list(PLANS[1:]))}),
        st.fixed_dictionaries({"attribute": st.just("score"), "at_least": st.integers(0, 5)}),
        st.fixed_dictionaries({"attribute": st.just("active"), "exists": st.booleans()}),
        st.fixed_dictionaries({"attribute": st.just("ends"), "after": st.just("now")}),
        st.fixed_dictionaries({"segment": st.just("buyers")}),
        st.fixed_dictionaries({"stage": st.sampled_from(STAGES)}),
        st.fixed_dictionaries({"consent": st.sampled_from(["email", "sms"]), "topic": st.just("news")}),
        st.fixed_dictionaries({"absent": events, "for": durations}),
        some_of(
            {"event": events}, at_least=st.integers(1, 3), within_last=durations, where=wheres(), since=st.just("entry")
        ),
    )


@cache
def conditions() -> SearchStrategy[Tree]:
    """Trees of conditions."""
    return st.recursive(
        leaves(),
        lambda inner: st.dictionaries(
            st.sampled_from(["all", "any", "none"]), st.lists(inner, min_size=1, max_size=2), min_size=1, max_size=1
        ),
        max_leaves=3,
    )
