"""Where the owner of a telephone number may be."""

import pytest

from channels.numbers import spellings_of, zones_of


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


@pytest.mark.parametrize("written", ["+12125550100", "12125550100"])
def test_a_number_may_have_been_written_down_as_it_is_dialled_at_home(written: str) -> None:
    assert spellings_of(written) == ("+12125550100", "12125550100", "0012125550100", "2125550100", "02125550100")


@pytest.mark.parametrize("number", ["70707", "ACME", ""])
def test_what_is_no_whole_number_is_written_in_one_way(number: str) -> None:
    assert spellings_of(number)[0].removeprefix("+") == number
