"""Clicks and opens: told once, marked where a machine did it, and never in a customer's way."""

from datetime import timedelta

import pytest

from api.clicks import by_machine
from tests.api.business import BROWSER, MONDAY, Business, path_of

pytestmark = pytest.mark.asyncio
SHOP = "https://shop.example/roses?a=1&b=%20|x#top"
FIREFOX = BROWSER["User-Agent"]


def a_click(business: Business) -> str:
    """A link in an accepted message, a minute after."""
    business.accept(business.message())
    business.clock.instant += timedelta(minutes=1)
    return path_of(business.links.click(business.message(), SHOP))


async def test_a_click_leads_to_the_very_address_and_is_told_once(business: Business) -> None:
    path = a_click(business)
    async with business.client() as client:
        answers = [await client.get(path) for _ in range(3)]
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(302, SHOP)}
    assert business.heard() == [("link", "clicked")]
    assert [(kind, name) for kind, name, _ in business.events()][-1] == ("delivery", "email_clicked")


async def test_within_a_minute_a_click_is_one_and_in_the_next_another(business: Business) -> None:
    path = a_click(business)
    minute = business.clock.instant.replace(second=0)
    other = path_of(business.links.click(business.message(), "https://shop.example/tulips"))
    async with business.client() as client:
        for after, asked in ((0, path), (59.999999, path), (59.999999, other), (60, path), (119.999999, path)):
            business.clock.instant = minute + timedelta(seconds=after)
            await client.get(asked)
    assert business.heard() == [("link", "clicked")] * 3
    assert [name for _, name, _ in business.events()].count("email_clicked") == 1


async def test_a_scanner_is_told_apart_and_a_person_after_it_is_news(business: Business) -> None:
    path = a_click(business)
    async with business.client() as client:
        assert (await client.head(path)).headers["location"] == SHOP
        await client.get(path, headers={"User-Agent": "BarracudaSentinel/1.0"})
        await client.get(path)
    assert business.heard() == [("link", "clicked_by_machine"), ("link", "clicked")]


async def test_a_click_gets_there_though_it_cannot_be_recorded(business: Business) -> None:
    path = a_click(business)
    business.write(lambda connection: connection.exec_driver_sql("DROP TABLE provider_event"))
    async with business.client() as client:
        assert (await client.get(path)).headers["location"] == SHOP


async def test_a_click_of_a_message_that_is_gone_gets_there(business: Business) -> None:
    link = business.links.click("0f8fad5b-d9cb-469f-a165-70867728950e", SHOP)
    async with business.client() as client:
        assert (await client.get(path_of(link))).headers["location"] == SHOP
    assert business.heard() == []


async def test_nobody_is_led_to_what_is_no_address_of_the_web(business: Business) -> None:
    path = a_click(business)
    spoil = "UPDATE link SET url = 'javascript:alert(1)'"
    business.write(lambda connection: connection.exec_driver_sql(spoil))
    async with business.client() as client:
        for one in (path, f"{path}?url=https://evil.example", "/c/https://evil.example", "/c//evil.example"):
            answer = await client.get(one)
            assert answer.status_code == 404
            assert "location" not in answer.headers


async def test_an_open_is_a_picture_and_told_once(business: Business) -> None:
    a_click(business)
    async with business.client() as client:
        for _ in range(2):
            answer = await client.get(path_of(business.links.opened(business.message())))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
        assert (await client.get("/o/nothing.gif")).status_code == 404
    assert business.heard() == [("link", "opened")]


@pytest.mark.parametrize(
    ("method", "agent", "seconds", "machine"),
    [
        ("GET", FIREFOX, 60, False),
        ("HEAD", FIREFOX, 60, True),
        ("GET", FIREFOX, 1.9, True),
        ("GET", FIREFOX, 2, False),
        ("GET", "", 60, True),
        ("GET", "Mozilla/5.0", 60, True),
        ("GET", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", 60, True),
        ("GET", "Mozilla/5.0 (compatible; Googlebot/2.1)", 60, True),
        ("GET", "python-requests/2.34", 60, True),
        ("GET", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", 60, False),
    ],
)
async def test_a_machine_is_known_by_how_it_asks(method: str, agent: str, seconds: float, machine: bool) -> None:
    assert by_machine(method, agent, MONDAY, MONDAY + timedelta(seconds=seconds)) is machine


async def test_what_nobody_has_accepted_yet_no_person_can_have_read() -> None:
    assert by_machine("GET", FIREFOX, None, MONDAY)
