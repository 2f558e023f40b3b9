"""What a text message asks for: exact keywords, and free words that mean "stop"."""

import re
import unicodedata
from typing import Final

from channels.inbound.heard import Wish
from channels.inbound.phrases import ALONE, WITHIN

KEYWORDS: Final = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"), Wish.STOP),
    **dict.fromkeys(("start", "yes", "unstop"), Wish.START),
    **dict.fromkeys(("help", "info"), Wish.HELP),
}
MAX_READ: Final = 2000

_APOSTROPHES: Final = re.compile(r"['’‘`´]")
_SENTENCES: Final = re.compile(r"[.!?,;:\n]+")
_FLAT_STOPS: Final = frozenset({"stop", "stopall", "unsubscribe", "optout"})
_POLITE: Final = r"(?:please|pls|plz|just|now|it|this|these|already|thanks|thank you|no|ok|okay|hi|hello)"
_MESSAGES: Final = (
    r"(?:texts?|texting|messages?|messaging|sms|msgs?|sending|contacting|bothering|spamming|spam|writing)"
)
_NOT: Final = r"(?:cant|cannot|can not|couldnt|could not|wont|will not|dont|do not|didnt|did not|doesnt|never|not|non)"
_UNWISHED: Final = re.compile(rf"\b{_NOT} (?:\w+ )?(?:stop|quit|end|unsubscribe|opt out|optout|remove)\b")
_STOPPING: Final = re.compile(
    "|".join(
        (
            rf"\b(?:stop|quit|cease|end)\b(?! (?:by|at|in|over|off)\b) (?:\w+ ){{0,3}}?{_MESSAGES}\b",
            rf"^(?:{_POLITE} )*(?:stop|quit|unsubscribe)(?: {_POLITE})*$",
            r"\b(?:unsubscribe|opt out|optout|opt me out)\b",
            r"\b(?:remove|delete) (?:me|(?:my|this) (?:\w+ )?number)\b",
            r"\btake (?:me|(?:my|this) (?:\w+ )?number) off\b",
            r"\b(?:do not|dont|never) (?:ever )?(?:text|message|contact|sms|write) (?:to )?(?:me|us|here|again)\b",
            r"\b(?:do not|dont) (?:want|need|send)(?: me)? (?:\w+ ){0,2}?(?:texts?|messages?|sms|msgs?|spam)\b",
            r"\bno more (?:\w+ ){0,2}?(?:texts?|messages?|sms|msgs?|spam)\b",
            r"\b(?:leave me alone|lose my number)\b",
        )
    )
)
_STRANGE: Final = re.compile(
    r"\b(?:wrong (?:number|person)|never (?:signed up|subscribed|opted in|agreed|asked)|who (?:is this|are you)"
    r"|(?:delete|erase|remove) (?:all )?(?:of )?my (?:data|details|information|account)|fuck off|f off|go away)\b"
)
"""Of somebody who may not be whom we take her for, or who may be through with us: it is read."""
_ALONE: Final = frozenset(phrase for phrases in ALONE.values() for phrase in phrases)
_WITHIN: Final = re.compile(
    "|".join(
        r"\b" + phrase.replace("… ", r"(?:\w+ ){0,3}?").replace("*", r"\w*") + r"\b"
        for phrases in WITHIN.values()
        for phrase in phrases
    )
)


def wish_of(body: str) -> Wish:
    """What the words ask for. A keyword counts alone, whatever its case, its dots, blanks and emoji.

    Example: "Stop!" stops; "please stop texting me" and "Abmelden" perhaps; "keine SMS mehr bitte" is to be read;
    "can't stop smiling" asks for nothing.
    """
    text = unicodedata.normalize("NFKC", body[:MAX_READ]).casefold()
    keyword = KEYWORDS.get(_letters(text))
    if keyword is not None:
        return keyword
    if any(_letters(sentence) in _FLAT_STOPS for sentence in _SENTENCES.split(text)):
        return Wish.PERHAPS_STOP
    words = " ".join(re.findall(r"\w+", _APOSTROPHES.sub("", text)))
    if _STOPPING.search(_UNWISHED.sub(" ", words)):
        return Wish.PERHAPS_STOP
    sentences = _plain_sentences(text)
    if len(sentences) == 1 and sentences[0] in _ALONE:
        return Wish.PERHAPS_STOP
    return Wish.TO_READ if _STRANGE.search(words) or _is_foreign(sentences) else Wish.NOTHING


def _plain_sentences(text: str) -> list[str]:
    """The sentences in words without accents; those without a word are none."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return [words for one in _SENTENCES.split(plain) if (words := " ".join(re.findall(r"\w+", one)))]


def _is_foreign(sentences: list[str]) -> bool:
    """Do these sentences mean a stop in one of the other languages?"""
    return any(sentence in _ALONE for sentence in sentences) or _WITHIN.search(" ".join(sentences)) is not None


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())
