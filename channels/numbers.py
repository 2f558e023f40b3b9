"""What a telephone number says of where its owner may be."""

from functools import lru_cache

from phonenumbers import NumberParseException, parse
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
