"""How many parts a text message is sent in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.parts import EXTENSION, GSM, Encoding, parts_of

PLAIN = st.text(st.sampled_from(sorted(GSM)))
GSM_TEXT = st.text(st.sampled_from(sorted(GSM | EXTENSION)))


@pytest.mark.parametrize(
    ("body", "encoding", "units", "number"),
    [
        ("", Encoding.GSM7, 0, 1),
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("€" * 80, Encoding.GSM7, 160, 1),
        ("€" * 81, Encoding.GSM7, 162, 2),
        ("a" * 152 + "€" + "a" * 7, Encoding.GSM7, 161, 2),
        ("a" * 152 + "€" * 77, Encoding.GSM7, 306, 3),  # the first euro does not fit beside the 152
        ("ş" * 70, Encoding.UCS2, 70, 1),
        ("ş" * 71, Encoding.UCS2, 71, 2),
        ("ş" * 134, Encoding.UCS2, 134, 2),
        ("ş" * 135, Encoding.UCS2, 135, 3),
        ("😀" * 35, Encoding.UCS2, 70, 1),
        ("😀" * 36, Encoding.UCS2, 72, 2),
        ("😀" * 67, Encoding.UCS2, 134, 3),  # 33 to a part: a pair is not torn
        ("€" + "ş", Encoding.UCS2, 2, 1),
    ],
)
def test_parts_are_counted_at_their_edges(body: str, encoding: Encoding, units: int, number: int) -> None:
    parts = parts_of(body)
    assert (parts.encoding, parts.units, parts.number) == (encoding, units, number)


def test_the_default_alphabet_has_its_127_characters_and_the_escape() -> None:
    assert len(GSM) == 127
    assert len(EXTENSION) == 10
    assert not GSM & EXTENSION


def test_the_characters_that_make_it_dear_are_named() -> None:
    assert parts_of("Grüße ’").strange == {"’"}


@given(PLAIN)
def test_plain_text_is_160_or_153_a_part(body: str) -> None:
    length = len(body)
    assert parts_of(body).number == (1 if length <= 160 else -(-length // 153))


@given(GSM_TEXT)
def test_an_extension_character_costs_two(body: str) -> None:
    parts = parts_of(body)
    assert parts.encoding is Encoding.GSM7
    assert parts.units == len(body) + sum(sign in EXTENSION for sign in body)


@given(st.text())
def test_ucs2_is_counted_in_utf_16(body: str) -> None:
    parts = parts_of(body)
    if parts.encoding is Encoding.UCS2:
        assert parts.units == len(body.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text(), st.text())
def test_more_words_are_never_fewer_parts(body: str, more: str) -> None:
    assert parts_of(body + more).number >= parts_of(body).number


@given(st.text(min_size=1))
def test_the_parts_hold_all_and_waste_less_than_a_character_each(body: str) -> None:
    parts = parts_of(body)
    each = 153 if parts.encoding is Encoding.GSM7 else 67
    if parts.number > 1:
        assert -(-parts.units // each) <= parts.number <= -(-parts.units // (each - 1))
