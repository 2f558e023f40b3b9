"""The pages speak the customer's language, else that of her browser, else English."""

import re
from typing import Any

import pytest

from api.html.wording import LANGUAGES, said, wording
from engine.words import Channel, EventKind
from tests.api.business import Business, path_of

ENGLISH = LANGUAGES["en"].words
PART = re.compile(r"\{[a-z_]+\}")


def leaves(words: Any, path: str = "") -> dict[str, list[str]]:
    """Every sentence by its place, with the parts that it wants."""
    if isinstance(words, str):
        return {path: sorted(PART.findall(words))}
    return {place: parts for name, inner in words.items() for place, parts in leaves(inner, f"{path}.{name}").items()}


def in_german(business: Business) -> None:
    """Ada says which language is hers."""
    business.tell("ada", EventKind.UPDATE, "", {"set": {"locale": "de-AT"}})
    business.settle("ada")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_with_the_same_parts(language: str) -> None:
    assert leaves(LANGUAGES[language].words) == leaves(ENGLISH)


def test_every_channel_has_its_names_in_every_language() -> None:
    for language in LANGUAGES.values():
        assert language.words["channels"].keys() == language.words["what"].keys() == set(Channel)


@pytest.mark.parametrize(
    ("locale", "accepted", "language"),
    [
        ("de", "fr", "de"),
        ("pt_BR", "", "pt"),
        ("FR-ca", "", "fr"),
        ("xx", "it;q=0.2, nl;q=0.8", "nl"),
        (None, "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, "de;q=0, ja", "en"),
        (None, "de;q=much, it;q=0.1", "it"),
        (7, "", "en"),
        ("", "*", "en"),
    ],
)
def test_it_is_the_customers_language_then_her_browsers_then_english(
    locale: object, accepted: str, language: str
) -> None:
    assert wording(locale, accepted).language == language


def test_what_stands_in_a_sentence_is_no_html_and_no_further_part() -> None:
    assert said("to {address}: {about}", address="<b>{about}", about="a & {address}") == (
        'to <span class="address">&lt;b&gt;{about}</span>: a &amp; {address}'
    )


@pytest.mark.asyncio
async def test_the_pages_of_a_message_are_in_her_language(business: Business) -> None:
    in_german(business)
    made = business.links.of(business.message())
    async with business.client() as client:
        for link, words in (
            ("unsubscribe", "Ja, bitte abmelden"),
            ("confirm", "Danke, das ist vermerkt"),
            ("preferences", "Auswahl speichern"),
        ):
            page = (await client.get(path_of(made[link]))).text
            assert '<html lang="de">' in page
            assert words in page


@pytest.mark.asyncio
async def test_a_topic_is_named_in_her_language_as_far_as_its_author_has(business: Business) -> None:
    path = path_of(business.links.preferences(business.message()))
    async with business.client() as client:
        in_english = (await client.get(path)).text
        assert (">Product tips<" in in_english, ">Offers<" in in_english) == (True, True)
        in_german(business)
        page = (await client.get(path)).text
        assert (">Tipps<" in page, ">Product tips<" in page, "How to get more out of it" in page) == (True, False, True)
        await client.post(path, data={"save": "choices", "asked": "email/product_tips"})
    business.settle("ada")
    assert "E-Mail: Tipps: How to get more out of it" in {one[3] for one in business.permissions()}


@pytest.mark.asyncio
async def test_what_she_has_said_is_kept_in_the_words_that_she_read(business: Business) -> None:
    in_german(business)
    path = path_of(business.links.preferences(business.message()))
    async with business.client() as client:
        answer = await client.post(path, data={"save": "nothing"})
        assert "keine Angebote" in (await client.get(f"{path}{answer.headers['location']}")).text
    business.settle("ada")
    assert {one[3] for one in business.permissions()} == {"Von allem abmelden"}


@pytest.mark.asyncio
async def test_the_button_of_a_page_is_what_is_kept_and_not_that_of_a_mail_program(business: Business) -> None:
    in_german(business)
    path = path_of(business.links.unsubscribe(business.message()))
    async with business.client() as client:
        page = (await client.get(path)).text
        action = re.search(r'<form method="post" action="([^"]+)"', page)
        assert action
        await client.post(f"{path}{action[1]}")
        claim = (await client.get(path_of(business.links.preferences(business.message())) + "?saved=anything")).text
    business.settle("ada")
    assert {one[3] for one in business.permissions()} == {"Ja, bitte abmelden"}
    assert "keine Angebote" not in claim


@pytest.mark.asyncio
async def test_who_is_not_known_is_answered_in_the_language_of_the_browser(business: Business) -> None:
    async with business.client() as client:
        for path in ("/p/nobody", "/c/nobody"):
            answer = await client.get(path, headers={"Accept-Language": "fr-FR,fr;q=0.9"})
            assert (answer.status_code, '<html lang="fr">' in answer.text) == (404, True)
            assert "Ce lien ne fonctionne pas" in answer.text
