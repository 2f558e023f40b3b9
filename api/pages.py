"""The pages customers meet: unsubscribe, confirm, and choose what to be sent.

A GET shows and changes nothing, since scanners follow every link; a POST acts at once, without a log-in or a redirect
before it (RFC 8058). Whoever holds the link may act: it is signed, and names one message.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.answers import refuse
from api.bodies import body_of
from api.html import CLOSED, accepted, page, told
from api.html.wording import Wording, wording
from api.offered import groups_of, in_words, masked, topics_of
from api.served import Served
from engine.release import Policy, Sender
from engine.settling.permission import allows
from engine.words import Channel
from records.customers.addressed import Addressed
from workers.ledger.choices import Choice, is_dead, is_shut
from workers.links import Way

FORM_BYTES: Final = 64_000
MOST_FIELDS: Final = 1000


@dataclass(frozen=True, slots=True)
class House:
    """Who writes, as every page says it."""

    name: str
    address: str


def routes(served: Served) -> APIRouter:
    """The routes of the three pages."""
    router, pages = APIRouter(tags=["pages"], include_in_schema=False), Pages(served)
    both = ["GET", "HEAD"]
    router.add_api_route("/u/{token}", pages.show_unsubscribe, methods=both)
    router.add_api_route("/u/{token}", pages.unsubscribe, methods=["POST"])
    router.add_api_route("/y/{token}", pages.show_confirm, methods=both)
    router.add_api_route("/y/{token}", pages.confirm, methods=["POST"])
    router.add_api_route("/p/{token}", pages.show_preferences, methods=both)
    router.add_api_route("/p/{token}", pages.save_preferences, methods=["POST"])
    return router


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages by their routes. Those without `async` run in threads."""

    served: Served

    def show_unsubscribe(self, token: str, request: Request) -> Response:
        """What the button would do, or that it is done."""
        message, found = self._find(Way.UNSUBSCRIBE, token)
        if found is None:
            return told("unknown", request)
        ended = is_shut(found.customer, found.channel)
        return self._unsubscribe_page(message, found, _wording(found, request), ended=ended)

    def unsubscribe(self, token: str, request: Request) -> Response:
        """Ends marketing on the message's channel. Whatever the body says, since nothing else can be meant."""
        message, seen = self._find(Way.UNSUBSCRIBE, token)
        if seen is None:
            return told("unknown", request)
        button = _wording(seen, request).words["unsubscribe"]["button"]
        said = button if "page" in request.query_params else "Unsubscribe"
        found = self.served.choices.end(message, [], said, "unsubscribe_link")
        if found is None:
            return told("unknown", request)
        self.served.nudge()
        return self._unsubscribe_page(message, found, _wording(found, request), ended=True)

    def show_confirm(self, token: str, request: Request) -> Response:
        """What would be agreed to."""
        message, found = self._find(Way.CONFIRM, token)
        if found is None:
            return told("unknown", request)
        confirmed = allows(found.customer, found.channel, found.topic)
        return self._confirm_page(message, found, _wording(found, request), confirmed=confirmed)

    def confirm(self, token: str, request: Request) -> Response:
        """A yes to the message's topic on its channel."""
        message, found = self._find(Way.CONFIRM, token)
        if found is None:
            return told("unknown", request)
        words = _wording(found, request)
        about = self._about(found.topic, words)
        choice = Choice(found.channel, found.topic, True, about)
        stood = self.served.choices.choose(message, [choice], "confirm_link")
        if stood is None:  # she was erased in this moment
            return told("unknown", request)
        self.served.nudge()
        return self._confirm_page(message, stood, words, confirmed=not is_dead(stood.customer, stood.channel))

    def show_preferences(self, token: str, request: Request, saved: str = "") -> Response:
        """The form, as things stand."""
        _, found = self._find(Way.PREFERENCES, token)
        if found is None:
            return told("unknown", request)
        policy, words = self.served.policy(), _wording(found, request)
        groups = list(groups_of(found.customer, policy, words))
        return page("preferences", words, house=_house(policy), saved=saved, groups=groups)

    async def save_preferences(self, token: str, request: Request) -> Response:
        """What was chosen, or the end of everything; then the form again."""
        message = self.served.links.read(Way.PREFERENCES, token)
        if message is None:
            return told("unknown", request)
        form = _form(await body_of(request, FORM_BYTES))
        found = await run_in_threadpool(self._save, message, form, request)
        if found is None:
            return told("unknown", request)
        self.served.nudge()
        saved = form["save"][0]
        return Response(None, HTTPStatus.SEE_OTHER, {**CLOSED, "Location": f"?saved={saved}"})

    def _save(self, message: str, form: dict[str, list[str]], request: Request) -> Addressed | None:
        """What is stored is what she has read, in the language of the page."""
        choices = self.served.choices
        if (found := choices.look(message)) is None:
            return None
        words, policy = _wording(found, request), self.served.policy()
        if form["save"] == ["nothing"]:
            return choices.end(message, list(Channel), words.words["preferences"]["nothing"], "preference_page")
        asked, yes = set(form.get("asked", ())), set(form.get("yes", ()))
        wanted = [
            Choice(
                channel, topic, value in yes, f"{words.words['channels'][channel]}: {in_words(topic, policy, words)}"
            )
            for (channel, topic), value in topics_of(policy).items()
            if value in asked
        ]
        return choices.choose(message, wanted, "preference_page")

    def _find(self, way: Way, token: str) -> tuple[str, Addressed | None]:
        message = self.served.links.read(way, token)
        return ("", None) if message is None else (message, self.served.choices.look(message))

    def _unsubscribe_page(self, message: str, found: Addressed, words: Wording, *, ended: bool) -> Response:
        return page(
            "unsubscribe",
            words,
            house=_house(self.served.policy()),
            ended=ended,
            what=words.words["what"][found.channel],
            address=_address(found, words),
            preferences=self._preferences(message),
        )

    def _confirm_page(self, message: str, found: Addressed, words: Wording, *, confirmed: bool) -> Response:
        return page(
            "confirm",
            words,
            house=_house(self.served.policy()),
            confirmed=confirmed,
            dead=is_dead(found.customer, found.channel),
            about=self._about(found.topic, words),
            address=_address(found, words),
            preferences=self._preferences(message),
        )

    def _preferences(self, message: str) -> str:
        return self.served.links.preferences(message).rpartition("/")[2]

    def _about(self, topic: str, words: Wording) -> str:
        return in_words(topic, self.served.policy(), words)


def _address(found: Addressed, words: Wording) -> str:
    address = found.customer.address(found.channel)
    return masked(address) if address else str(words.words["this_address"])


def _wording(found: Addressed, request: Request) -> Wording:
    """In her language, as the message was."""
    return wording(found.customer.attributes.get("locale"), accepted(request))


def _house(policy: Policy) -> House:
    sender = policy.senders.get("default") or next(iter(policy.senders.values()), Sender())
    return House(sender.name, policy.postal_address)


def _form(body: bytes) -> dict[str, list[str]]:
    """The fields of a form; `save` says which of the two buttons was pressed. Raises Refused for any other."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=MOST_FIELDS)
    except ValueError:
        fields = {}
    if fields.get("save") not in (["choices"], ["nothing"]):
        raise refuse(HTTPStatus.BAD_REQUEST, "body", "no form of this page", "save=choices or save=nothing")
    return fields
