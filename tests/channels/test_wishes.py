"""What a text message asks for."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.inbound.heard import Wish
from channels.inbound.phrases import ALONE, WITHIN
from channels.inbound.wishes import KEYWORDS, wish_of


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_keyword_counts_in_any_dress(keyword: str) -> None:
    for dressed in (
        keyword,
        keyword.upper(),
        f" {keyword.title()}. ",
        f"{keyword}!!",
        f"“{keyword}”\n",
        f"{keyword} 🛑",
    ):
        assert wish_of(dressed) is KEYWORDS[keyword]


@pytest.mark.parametrize("body", ["ＳＴＯＰ", "Stop All", "opt-out", "OPT OUT", "S.T.O.P.", "stop\u200b"])
def test_a_keyword_counts_however_it_is_spelled_out(body: str) -> None:
    assert wish_of(body) is Wish.STOP


@pytest.mark.parametrize(
    "body",
    [
        "please stop texting me",
        "Please stop",
        "STOP PLEASE",
        "stop it now",
        "Stop. I never signed up.",
        "ugh, stop",
        "Stop sending me these!",
        "stop sending messages",
        "can you stop with the texts",
        "quit texting me",
        "stop spamming",
        "Unsubscribe me please",
        "how do I unsubscribe?",
        "I want to opt out",
        "opt me out of this",
        "remove me from your list",
        "Remove my phone number",
        "take me off this list",
        "don't text me again",
        "Don’t text me",
        "do not contact me",
        "never text me again",
        "dont send me any more messages",
        "I don't want your texts",
        "no more texts",
        "No more of these messages please",
        "leave me alone",
    ],
)
def test_free_words_that_mean_stop_are_heard(body: str) -> None:
    assert wish_of(body) is Wish.PERHAPS_STOP


@pytest.mark.parametrize(
    "body",
    [
        "can't stop smiling",
        "I can’t stop smiling about the garden",
        "cannot stop texting my friends about you",
        "don't stop",
        "please don't stop sending these",
        "I'll stop by tomorrow",
        "can I stop by the shop and text you?",
        "the bus stop is closed",
        "non-stop fun",
        "when does the sale end?",
        "please cancel my order",
        "yes please",
        "thanks for the help",
        "no unsubscribed",
        "send me the green one",
        "don't send the blue one",
        "take me to the checkout",
        "I never got my message from the shop",
        "",
        "👍",
    ],
)
def test_other_words_ask_for_nothing(body: str) -> None:
    assert wish_of(body) is Wish.NOTHING


@pytest.mark.parametrize(
    "body",
    [
        "Bitte keine SMS mehr",
        "Keine weiteren Nachrichten bitte!",
        "Hört auf, mir zu schreiben",
        "Lasst mich in Ruhe",
        "Hiermit widerrufe ich meine Einwilligung",
        "Abmelden bitte",
        "Arrêtez de m'envoyer des SMS",
        "je ne veux plus recevoir vos messages",
        "me désabonner svp",
        "Ne m’écrivez plus",
        "No me envíen más mensajes por favor",
        "quiero darme de baja",
        "Dejen de mandarme publicidad",
        "Basta messaggi!",
        "Non voglio più ricevere questi sms",
        "cancellatemi dalla lista",
        "Afmelden a.u.b.",
        "Stuur me geen berichten meer",
        "stop met sms'en",
        "Não quero mais receber mensagens",
        "parem de enviar isso",
    ],
)
def test_what_may_mean_stop_in_another_language_is_to_be_read(body: str) -> None:
    assert wish_of(body) is Wish.TO_READ


@pytest.mark.parametrize("body", ["stopp", "Abmelden!", "ARRÊT", "BAJA", "basta", "Afmelden.", "SAIR", "No gracias"])
def test_a_word_of_another_language_that_stands_alone_may_mean_stop(body: str) -> None:
    assert wish_of(body) is Wish.PERHAPS_STOP


@pytest.mark.parametrize(
    "body", ["wrong number", "I never signed up for this", "Who is this?", "delete my data please", "F off"]
)
def test_words_of_somebody_who_may_not_be_meant_are_read(body: str) -> None:
    assert wish_of(body) is Wish.TO_READ


@pytest.mark.parametrize(
    "body",
    [
        "Danke, die SMS kam an",
        "Keine Ahnung, wann ich komme",
        "Ich bin am Ende der Strasse",
        "Merci pour le message",
        "Plus tard, merci",
        "Gracias por el mensaje",
        "¿Está más barato mañana?",
        "Grazie mille, a domani",
        "Bedankt voor het bericht",
        "Obrigado pela mensagem",
        "Wann haben Sie geöffnet?",
    ],
)
def test_other_words_of_other_languages_ask_for_nothing(body: str) -> None:
    assert wish_of(body) is Wish.NOTHING


@pytest.mark.parametrize("phrases", [ALONE, WITHIN])
def test_every_phrase_is_written_as_it_is_compared(phrases: Mapping[str, tuple[str, ...]]) -> None:
    assert set(phrases) == {"de", "fr", "es", "it", "nl", "pt"}
    for phrase in (phrase for of in phrases.values() for phrase in of):
        assert wish_of(phrase.replace("… ", "").replace("*", "")) is not Wish.NOTHING, phrase


@given(st.text())
def test_anything_can_be_read(body: str) -> None:
    assert wish_of(body) in Wish


def test_a_long_body_is_read_as_far_as_a_text_message_goes() -> None:
    assert wish_of("stop " * 100_000) in Wish
    assert wish_of("a " * 100_000) is Wish.NOTHING
