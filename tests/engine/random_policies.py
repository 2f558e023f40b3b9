"""Random policies: how much marketing a customer gets, and when."""

from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.engine.random_conditions import Tree, some_of

POLICY: Tree = {
    "zone": "Europe/Berlin",
    "postal_address": "Acme GmbH, Hauptstr. 1, 10115 Berlin",
    "salt": "random",
    "senders": {"default": {"name": "Ada", "email": "ada@acme.example", "number": "+4915112345678"}},
    "topics": {"news": {"about": "News"}, "offers": {"about": "Offers"}},
}


@cache
def policies() -> SearchStrategy[Tree]:
    """The same policy, with caps and quiet hours of all kinds."""
    cap = st.builds("{} per {}".format, st.integers(1, 3), st.sampled_from(["day", "1 day", "7 days", "5 hours"]))
    caps = some_of(
        {},
        all=cap | st.lists(cap, min_size=2, max_size=2),
        email=cap,
        sms=cap,
        topics=st.fixed_dictionaries({"news": cap}),
    )
    hours = st.sampled_from([("21:00", "08:00"), ("12:00", "14:30"), ("00:00", "17:00")])
    quiet = hours.map(lambda times: {"from": times[0], "to": times[1]})
    presets = st.lists(st.sampled_from(["DE", "US", "FR"]), min_size=1, max_size=2, unique=True)
    permissions = some_of({}, caps=caps, quiet_hours=some_of({}, email=quiet, sms=quiet, preset=presets))
    return permissions.map(lambda said: POLICY | said)
