"""What a telephone number says of where its owner may be, and how else it may have been written down."""

from functools import lru_cache

from phonenumbers import NumberParseException, national_significant_number, parse
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_geographical_number


@lru_cache(maxsize=4096)
def zones_of(number: str) -> tuple[str, ...]:
    """The IANA names of every time zone that a number may be in, by its prefix; empty where it says nothing.

    Example: `+1 212 …` is New York's, `+49 151 …` may be anywhere in Germany.
    """
    try:
        found: tuple[str, ...] = time_zones_for_geographical_number(parse(number))
    except NumberParseException:
        return ()
    return tuple(zone for zone in found if zone != UNKNOWN_TIMEZONE)


def spellings_of(number: str) -> tuple[str, ...]:
    """A number in full first; then without its +, with 00, and as it is dialled at home.

    Example: +4915112345678, 4915112345678, 004915112345678, 15112345678, 015112345678.
    """
    full = number.removeprefix("+")
    try:
        at_home = national_significant_number(parse(f"+{full}"))
    except NumberParseException:
        return (number,)
    return (f"+{full}", full, f"00{full}", at_home, f"0{at_home}")
