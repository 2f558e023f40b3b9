"""The pages: a GET changes nothing, a POST acts at once, and what was said ends journeys in the middle of a wait."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest

from api.offered import masked
from channels.inbound.heard import Said, Wish
from engine.words import Channel, EventKind
from records.ledger import addresses
from records.ledger.addresses import Scope
from tests.api.business import Business, path_of

pytestmark = pytest.mark.asyncio
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ALL = ["email/offers", "email/product_tips", "sms/offers", "sms/product_tips"]


async def post(business: Business, link: str, form: Mapping[str, object] | None = None) -> httpx.Response:
    async with business.client() as client:
        return await client.post(path_of(link), data=form or {})


async def get(business: Business, link: str, method: str = "GET") -> httpx.Response:
    async with business.client() as client:
        return await client.request(method, path_of(link))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("page", ["unsubscribe", "preferences", "confirm"])
async def test_a_scanner_that_follows_a_link_changes_nothing(business: Business, page: str, method: str) -> None:
    before = business.events()
    answer = await get(business, getattr(business.links, page)(business.message()), method)
    assert answer.status_code == 200
    assert business.events() == before
    assert business.nudges == 0


async def test_one_click_ends_all_marketing_on_the_channel_without_log_in_or_redirect(business: Business) -> None:
    answer = await post(business, business.links.unsubscribe(business.message()), ONE_CLICK)
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert business.nudges == 1
    business.settle("ada")
    assert business.reasons() == ["no_permission", None, "no_permission"]  # offers, sms, tips
    assert business.permissions() == [("email", "", False, "Unsubscribe", "unsubscribe_link")]


async def test_one_click_acts_whatever_form_its_body_has(business: Business) -> None:
    async with business.client() as client:
        path = path_of(business.links.unsubscribe(business.message("sms")))
        answer = await client.post(path, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    business.settle("ada")
    assert business.reasons() == [None, "no_permission", None]


async def test_asking_twice_stores_nothing_twice(business: Business) -> None:
    link = business.links.unsubscribe(business.message())
    await post(business, link, ONE_CLICK)
    once = business.events()
    await post(business, link, ONE_CLICK)
    assert business.events() == once


async def test_who_came_back_can_leave_again_by_the_same_link(business: Business) -> None:
    link, page = business.links.unsubscribe(business.message()), business.links.preferences(business.message())
    for _ in range(2):
        await post(business, link, ONE_CLICK)
        assert "You are unsubscribed" in (await get(business, link)).text
        business.clock.instant += timedelta(seconds=1)
        await post(business, page, choices(["email/offers"]))
        assert "You are unsubscribed" not in (await get(business, link)).text
        business.clock.instant += timedelta(seconds=1)
    await post(business, link, ONE_CLICK)
    business.settle("ada")
    assert "You are unsubscribed" in (await get(business, link)).text


async def test_an_import_does_not_bring_back_what_she_ended(business: Business) -> None:
    link = business.links.unsubscribe(business.message())
    await post(business, link, ONE_CLICK)
    business.tell("ada", EventKind.IDENTIFY, "", {"consent": {"email": ["offers"]}})
    business.settle("ada")
    assert "You are unsubscribed" in (await get(business, link)).text


async def test_the_end_of_one_topic_leaves_the_others(business: Business) -> None:
    yes = ["email/product_tips", "sms/offers"]
    answer = await post(business, business.links.preferences(business.message()), choices(yes))
    assert (answer.status_code, answer.headers["location"]) == (303, "?saved=choices")
    business.settle("ada")
    assert business.reasons() == ["no_permission", None, None]
    assert business.permissions() == [
        ("email", "offers", False, "E-mail: Offers: Prices and <what> is left", "preference_page"),
        ("sms", "product_tips", False, "Text messages: Product tips: How to get more out of it", "preference_page"),
    ]


async def test_what_is_chosen_is_shown_before_it_is_settled(business: Business) -> None:
    link = business.links.preferences(business.message())
    await post(business, link, choices(["email/product_tips"]))
    page = (await get(business, link + "?saved=choices")).text
    assert checked(page) == ["email/product_tips"]
    assert "Saved" in page
    assert "Prices and &lt;what&gt; is left" in page


async def test_unsubscribing_from_everything_ends_everything(business: Business) -> None:
    link = business.links.preferences(business.message())
    await post(business, link, {"save": "nothing"})
    business.settle("ada")
    assert set(business.reasons()) == {"no_permission"}
    assert checked((await get(business, link)).text) == []
    assert [one[:3] for one in business.permissions()] == [("email", "", False), ("sms", "", False)]


async def test_a_yes_after_the_end_of_everything_brings_back_what_she_chose_and_no_more(business: Business) -> None:
    link = business.links.preferences(business.message())
    await post(business, link, {"save": "nothing"})
    business.settle("ada")
    await post(business, link, choices(["email/offers"]))
    business.settle("ada")
    assert checked((await get(business, link)).text) == ["email/offers"]


async def test_her_yes_lifts_what_is_said_against_her_address_but_not_that_it_is_dead(business: Business) -> None:
    link, hashing = business.links.preferences(business.message()), business.links.hashing
    email, phone = hashing.of(Channel.EMAIL, "ada@customers.example"), hashing.of(Channel.SMS, "+4915112345678")
    complained, dead = Scope(Channel.EMAIL), Scope(Channel.SMS, everything=True)
    business.write(lambda c: addresses.suppress(c, email, complained, "complained", business.clock.now()))
    business.write(lambda c: addresses.suppress(c, phone, dead, "dead", business.clock.now()))
    page = (await get(business, link)).text
    assert (checked(page), "came back" in page) == ([], True)
    await post(business, link, choices(["email/offers", "sms/offers"]))
    assert checked((await get(business, link)).text) == ["email/offers"]
    assert business.read(lambda c: addresses.scopes(c, email, Channel.EMAIL)) == {}
    assert list(business.read(lambda c: addresses.scopes(c, phone, Channel.SMS))) == [dead]


async def test_her_own_yes_on_a_page_lifts_her_stop_for_the_number_too(business: Business) -> None:
    for wish in (Wish.STOP, Wish.PERHAPS_STOP):
        said = Said("twilio", wish, "+4915112345678", "+1", wish, wish, business.clock.now())
        business.served.hearing.said(said)
    link = business.links.preferences(business.message("sms"))
    assert checked((await get(business, link)).text) == ["email/offers", "email/product_tips"]
    business.clock.instant += timedelta(seconds=1)
    await post(business, link, choices(["sms/offers"]))
    business.settle("ada")
    assert checked((await get(business, link)).text) == ["sms/offers"]
    hashed = business.links.hashing.of(Channel.SMS, "+4915112345678")
    assert business.read(lambda c: addresses.scopes(c, hashed, Channel.SMS)) == {}


async def test_a_confirmation_at_an_address_that_is_dead_says_so_and_thanks_for_nothing(business: Business) -> None:
    dead = {"channel": "email", "topic": "", "everything": True, "reason": "dead"}
    business.tell("ada", EventKind.SUPPRESS, "", dead)
    link, before = business.links.confirm(business.message()), business.events()
    for page in ((await get(business, link)).text, (await post(business, link)).text):
        assert ("came back" in page, "<form" in page, "Thank you" in page) == (True, False, False)
    assert business.events() == before


async def test_confirming_after_the_end_of_everything_brings_back_that_topic_alone(business: Business) -> None:
    await post(business, business.links.preferences(business.message()), {"save": "nothing"})
    answer = await post(business, business.links.confirm(business.message()))
    assert answer.status_code == 200
    for _ in range(2):
        page = (await get(business, business.links.preferences(business.message()))).text
        assert checked(page) == ["email/offers"]
        business.settle("ada")
    assert [one[3] for one in business.permissions() if one[2]][-1] == "Offers: Prices and <what> is left"


async def test_an_address_at_which_nobody_answers_is_not_opened_by_a_tick(business: Business) -> None:
    business.tell("ada", EventKind.SUPPRESS, "", {"channel": "email", "topic": "", "everything": True})
    link = business.links.preferences(business.message())
    assert "came back" in (await get(business, link)).text
    await post(business, link, choices(ALL))
    business.settle("ada")
    assert checked((await get(business, link)).text) == ["sms/offers", "sms/product_tips"]


async def test_a_topic_that_the_form_did_not_show_is_not_answered(business: Business) -> None:
    form = {"save": "choices", "asked": ["email/offers", "email/no_such_topic", "post/offers"], "yes": []}
    await post(business, business.links.preferences(business.message()), form)
    business.settle("ada")
    assert [one[:3] for one in business.permissions()] == [("email", "offers", False)]


@pytest.mark.parametrize(
    "body", [b"", b"yes=email/offers", b"save=all", b"save=choices&save=nothing", b"\xff", b"a=1&" * 2000]
)
async def test_what_is_no_form_of_the_page_changes_nothing(business: Business, body: bytes) -> None:
    before = business.events()
    async with business.client() as client:
        answer = await client.post(path_of(business.links.preferences(business.message())), content=body)
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert answer.headers["content-security-policy"]
    assert business.events() == before


async def test_a_form_that_is_too_large_is_not_read(business: Business) -> None:
    async with business.client() as client:
        path = path_of(business.links.preferences(business.message()))
        assert (await client.post(path, content=b"x" * 70_000)).status_code == 413


@pytest.mark.parametrize("path", ["u", "p", "y"])
async def test_a_link_of_nobody_is_a_page_that_says_so(business: Business, path: str) -> None:
    unknown = business.links.unsubscribe("00000000-0000-4000-8000-000000000000").rpartition("/")[2]
    for token in (unknown, "short", "x" * 38, "%00" * 38, "%E4" * 20):
        for method in ("GET", "POST"):
            async with business.client() as client:
                answer = await client.request(
                    method, f"/{path}/{token}", data={"save": "nothing"} if method == "POST" else None
                )
            assert answer.status_code == 404
            assert "does not work" in answer.text


@pytest.mark.parametrize("page", ["unsubscribe", "preferences", "confirm"])
async def test_a_page_lets_nothing_in_and_its_address_nowhere_out(business: Business, page: str) -> None:
    answer = await get(business, getattr(business.links, page)(business.message()))
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "ada@" not in answer.text
    assert "<script" not in answer.text


async def test_pages_are_sorry_while_there_is_no_database(business: Business) -> None:
    business.write(lambda connection: connection.exec_driver_sql("ALTER TABLE message RENAME TO gone"))
    answer = await get(business, business.links.preferences("0f8fad5b-d9cb-469f-a165-70867728950e"))
    assert answer.status_code == 500
    assert "Nothing was changed" in answer.text


def choices(yes: list[str]) -> dict[str, object]:
    """The form with these ticked."""
    return {"save": "choices", "asked": ALL, "yes": yes}


def checked(page: str) -> list[str]:
    """What is ticked on a page."""
    boxes = [line for line in page.splitlines() if 'type="checkbox"' in line]
    return [line.partition('value="')[2].partition('"')[0] for line in boxes if " checked" in line]


@pytest.mark.parametrize(
    ("address", "shown"),
    [("ada@a.example", "a…@a.example"), ("+4915112345678", "…678"), ("@x", "…@x")],
)
async def test_an_address_is_shown_to_its_owner_alone(address: str, shown: str) -> None:
    assert masked(address) == shown


async def test_channels_have_the_same_names_everywhere(business: Business) -> None:
    assert [business.allows(channel, "offers") for channel in Channel] == [True, True]
