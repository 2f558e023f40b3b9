"""Links: what we signed is read, for its own purpose alone, and nothing else is; nobody can be led elsewhere."""

import random
import stat
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from records.ledger import links
from tests.api.business import SECRET, URL, Business
from workers.links import Click, Links, Targets, Way, kept_secret, may_lead_to

MESSAGE = "0f8fad5b-d9cb-469f-a165-70867728950e"
LINKS = Links(URL, SECRET)


def token(link: str) -> str:
    return link.rpartition("/")[2].removesuffix(".gif")


@pytest.mark.parametrize(
    ("way", "link"),
    [
        (Way.UNSUBSCRIBE, LINKS.unsubscribe(MESSAGE)),
        (Way.PREFERENCES, LINKS.preferences(MESSAGE)),
        (Way.CONFIRM, LINKS.confirm(MESSAGE)),
        (Way.OPEN, LINKS.opened(MESSAGE)),
    ],
)
def test_a_token_opens_the_page_it_was_made_for_and_no_other(way: Way, link: str) -> None:
    assert link.startswith(f"{URL}/{way}/")
    assert len(token(link)) == 38
    assert [one for one in Way if LINKS.read(one, token(link)) == MESSAGE] == [way]
    assert LINKS.read_click(token(link)) is None


def test_a_click_carries_the_number_of_its_address(business: Business) -> None:
    links = business.links
    one = links.click(MESSAGE, "https://acme.example/shop?a=1&b=2#top")
    again, other = (
        links.click(MESSAGE, "https://acme.example/shop?a=1&b=2#top"),
        links.click(MESSAGE, "https://b.example/"),
    )
    assert one == again != other
    said = links.read_click(token(one))
    assert said == Click(MESSAGE, 1)
    assert links.targets is not None
    assert [links.targets.url_of(number) for number in (1, 2, 3)] == [
        "https://acme.example/shop?a=1&b=2#top", "https://b.example/", None
    ]  # fmt: skip


def test_a_number_is_known_by_heart_for_a_minute_and_an_address_never(business: Business) -> None:
    now = [0.0]
    targets = Targets(business.database, lambda: now[0])
    first = targets.number_of("https://acme.example/", MESSAGE)
    assert targets.url_of(first) == "https://acme.example/"
    business.write(lambda connection: links.forget(connection, [first]))
    assert targets.url_of(first) is None
    now[0] = 60.0
    second = targets.number_of("https://acme.example/", MESSAGE)
    assert second != first
    assert targets.url_of(second) == "https://acme.example/"


def test_what_is_no_address_of_the_web_and_what_is_ours_is_left_as_it_is(business: Business) -> None:
    ours = business.links.unsubscribe(MESSAGE)
    for url in (ours, "mailto:a@b.example", "javascript:alert(1)", "//evil.example", "https://", "tel:+49151"):
        assert business.links.click(MESSAGE, url) == url


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "data:text/html,x", "//evil.example/", "/path", "https:", "https:///x", "http://[::1",
     "https://a.example/\r\nSet-Cookie: a=b", "https://a.example/ b", "https://a.example\\@b.example", "ftp://a.example",
     "https://a.example:99999/", "https://a.example/\x00", "https://ä.example/", "https://a.example/" + "x" * 5000],
)  # fmt: skip
def test_no_browser_is_sent_to_what_is_no_plain_address_of_the_web(url: str) -> None:
    assert not may_lead_to(url)


def test_another_secret_reads_nothing() -> None:
    other = Links(URL, b"another secret, as long as ours.")
    assert other.read(Way.UNSUBSCRIBE, token(LINKS.unsubscribe(MESSAGE))) is None


def test_a_short_secret_is_none() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Links(URL, b"short")


def test_ten_thousand_forged_tokens_are_all_refused() -> None:
    chance, genuine = random.Random(20261124), token(LINKS.unsubscribe(MESSAGE))
    letters = string.ascii_letters + string.digits + "-_"
    forged: set[str] = set()
    while len(forged) < 10_000:
        forged.add(forge(chance, genuine, letters))
    forged.discard(genuine)
    taken = [one for one in forged for way in Way if LINKS.read(way, one) or LINKS.read_click(one)]
    assert taken == []


def forge(chance: random.Random, genuine: str, letters: str) -> str:
    """A token with letters changed, cut, added or doubled, one of pure chance, or none at all."""
    place = chance.randrange(len(genuine))
    match chance.randrange(6):
        case 0:
            return genuine[:place] + chance.choice(letters) + genuine[place + 1 :]
        case 1:
            return genuine[:place]
        case 2:
            return genuine + "".join(chance.choices(letters + "=+/ .", k=chance.randint(1, 60)))
        case 3:
            return "".join(chance.choices(letters, k=chance.choice((38, 46))))
        case 4:
            return "".join(chr(chance.randrange(0x3000)) for _ in range(chance.randrange(60)))
        case _:
            return genuine[:place] + genuine[place].swapcase() + genuine[place + 1 :] + "=" * chance.randrange(3)


def test_the_last_letter_has_one_spelling() -> None:
    """38 letters hold four bits more than 28 bytes do: else each token would have sixteen spellings."""
    genuine = token(LINKS.unsubscribe(MESSAGE))
    others = [genuine[:-1] + letter for letter in string.ascii_letters + string.digits + "-_" if letter != genuine[-1]]
    assert [one for one in others if LINKS.read(Way.UNSUBSCRIBE, one)] == []


def test_a_token_names_nobody() -> None:
    assert UUID(MESSAGE).hex not in LINKS.unsubscribe(MESSAGE)
    assert "secret" not in repr(LINKS)


def test_the_secret_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "state" / "secret"
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: kept_secret(file), range(32)))
    assert len(made) == 1
    assert len(made.pop()) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["secret"]
