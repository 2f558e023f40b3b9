"""What countries ask of the hours of advertising by SMS, and their time zones.

No legal advice: what a sender has to keep is for the sender to find out. Public holidays are not among it. Most of
these rules are written for calls, which is said with each; no law of the countries that are missing names hours for
text messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from engine.moments import Window
from engine.words import Channel

VERSION: Final = "2026-11"

Hours = tuple[Window, ...]
"""Open when one of its windows is."""


class Basis(StrEnum):
    """What hours rest on: a rule that text messages fall under, one for calls that we apply to them, or a custom."""

    RULE = "a rule that counts text messages as calls"
    CALLS = "a rule for calls, applied to text messages out of caution"
    CUSTOM = "what the networks are said to let through"


@dataclass(frozen=True, slots=True)
class Country:
    """When a country lets marketing go, by channel, and by which law or code. `zones` are all its people live in.

    `is_checked`: the hours were compared with what an authority or a report of the code publishes, in November 2026.
    """

    name: str
    source: str
    basis: Basis
    is_checked: bool
    zones: tuple[str, ...]
    open: Mapping[Channel, Hours]


def _hours(from_: int, to: int, days: range, minutes: int = 0) -> Window:
    return Window(time(from_), time(to, minutes), frozenset(days))


_WEEKDAYS, _SATURDAY, _WEEKEND, _DAILY = range(5), range(5, 6), range(5, 7), range(7)


def _sms(*hours: Window) -> Mapping[Channel, Hours]:
    return MappingProxyType({Channel.SMS: hours})


COUNTRIES: Final[Mapping[str, Country]] = MappingProxyType(
    {
        "AU": Country(
            "Australia",
            "Telecommunications (Telemarketing and Research Calls) Industry Standard 2017, for voice calls",
            Basis.CALLS,
            True,
            (
                "Australia/Perth",
                "Australia/Darwin",
                "Australia/Adelaide",
                "Australia/Brisbane",
                "Australia/Sydney",
                "Australia/Lord_Howe",
            ),
            _sms(_hours(9, 20, _WEEKDAYS), _hours(9, 17, _SATURDAY)),
        ),
        "CA": Country(
            "Canada",
            "CRTC Unsolicited Telecommunications Rules, part III, section 23, for calls",
            Basis.CALLS,
            False,
            (
                "America/Vancouver",
                "America/Edmonton",
                "America/Regina",
                "America/Winnipeg",
                "America/Toronto",
                "America/Halifax",
                "America/St_Johns",
            ),
            _sms(_hours(9, 21, _WEEKDAYS, 30), _hours(10, 18, _WEEKEND)),
        ),
        "DE": Country(
            "Germany",
            "Bitkom's code of conduct for telephone marketing of 2015, a promise and no law; § 7 UWG names no hours",
            Basis.CALLS,
            True,
            ("Europe/Berlin",),
            _sms(_hours(8, 20, _WEEKDAYS), _hours(9, 18, _SATURDAY)),
        ),
        "FR": Country(
            "France",
            "what the network operators let through of advertising by SMS, in its narrowest reading",
            Basis.CUSTOM,
            False,
            ("Europe/Paris",),
            _sms(_hours(8, 20, _WEEKDAYS), _hours(10, 18, _SATURDAY)),
        ),
        "US": Country(
            "United States",
            "47 CFR 64.1200(c)(1): 8 to 21 where she is; some states allow less",
            Basis.RULE,
            True,
            (
                "Pacific/Honolulu",
                "America/Adak",
                "America/Anchorage",
                "America/Los_Angeles",
                "America/Phoenix",
                "America/Denver",
                "America/Chicago",
                "America/New_York",
            ),
            _sms(_hours(8, 21, _DAILY)),
        ),
    }
)
