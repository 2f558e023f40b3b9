"""Where invented customers live, what they are called, and numbers that ring nowhere."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A country with its zones and names. `share` is its weight among all places."""

    country: str
    share: int
    zones: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACES: Final = (
    Place(
        "GB",
        45,
        ("Europe/London",),
        _words("Amelia Arthur Beth Callum Daisy Eleanor Finlay George Harriet Imogen Jack Maisie Nia Oscar Rhys Zoë"),
        _words(
            "Ashworth Bennett Carter Davies Ellis Fletcher Hughes Kaur Lamb Murray Okafor Patel Reid Shaw Walsh Yates"
        ),
    ),
    Place(
        "US",
        30,
        ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
        _words("Aiden Brooke Carlos Dana Elena Frank Grace Hannah Isaac Jada Kevin Lucia Mason Nora Owen Tessa"),
        _words("Alvarez Brooks Chen Diaz Foster Greene Hall Jensen Kim Lopez Miller Nguyen Owens Price Rivera Stone"),
    ),
    Place(
        "DE",
        15,
        ("Europe/Berlin",),
        _words("Anja Björn Clara Dieter Emine Felix Greta Hannes Jörg Katrin Lena Moritz"),
        _words("Bauer Çelik Fischer Hartmann Köhler Lorenz Müller Neumann Schäfer Vogt Weiß Zimmer"),
    ),
    Place(
        "JP",
        5,
        ("Asia/Tokyo",),
        _words("Aiko Daichi Haruka Kenji Mio Ren Sakura Yuto"),
        _words("Abe Fujii Hara Ito Kato Mori Sato Tanaka"),
    ),
    Place(
        "AU",
        5,
        ("Australia/Sydney", "Australia/Perth"),
        _words("Bailey Chloe Declan Ivy Lachlan Matilda Ruby Will"),
        _words("Barker Clarke Doyle Fraser Hogan Lawson Quinn Webb"),
    ),
)

US_AREAS: Final = ("202", "212", "303", "312", "415", "503", "512", "617", "702", "808")


def number_of(country: str, number: int) -> str | None:
    """A telephone number kept for fiction: Ofcom's 07700 900000 to 900999 and NANP's 555-0100 to 555-0199.

    Other countries get none. Numbers repeat after 1,000.
    """
    match country:
        case "GB":
            return f"+447700900{number % 1000:03d}"
        case "US":
            return f"+1{US_AREAS[number // 100 % len(US_AREAS)]}55501{number % 100:02d}"
        case _:
            return None
