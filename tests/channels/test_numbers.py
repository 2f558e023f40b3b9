"""Where the owner of a telephone number may be."""

import pytest

from channels.numbers import zones_of


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550100", ("America/New_York",)),
        ("+4915112345678", ("Europe/Berlin",)),
        ("+81312345678", ("Asia/Tokyo",)),
        ("+80012345678", ()),
        ("12345", ()),
        ("", ()),
        ("hello", ()),
    ],
)
def test_a_number_tells_the_zones_of_its_prefix(number: str, zones: tuple[str, ...]) -> None:
    assert zones_of(number) == zones


def test_a_prefix_of_many_zones_tells_them_all() -> None:
    assert {"America/New_York", "Pacific/Honolulu"} <= set(zones_of("+18005550199"))
