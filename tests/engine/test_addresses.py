"""A dead address is dead, and its customer is free at another."""

import pytest

from engine.catalog import Catalog
from engine.facts import Event
from engine.simulate import live_through
from engine.words import EventKind
from tests.engine.lives import a_customer, a_release, at

DEAD, SHUT = ("email", "", True), ("email", "", False)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("new@example.com", {SHUT}), ("ADA@example.com ", {DEAD, SHUT}), (None, {DEAD, SHUT})],
)
def test_only_a_new_address_is_no_longer_dead(address: str | None, expected: set[tuple[str, str, bool]]) -> None:
    her = a_customer()
    her.email, her.suppressions = "ada@example.com", {DEAD, SHUT}
    said = {"email": address} if address else {"phone": "+4915100000"}
    event = Event("1", EventKind.IDENTIFY, "", at(), at(), said)
    live_through(
        her,
        [event],
        Catalog(
            a_release({"any/j": "purpose: marketing\ntopic: tips\nenter: {event: hello}\nsteps: [{email: one}]\n"})
        ),
        at(1),
    )
    assert her.suppressions == expected
