"""The pages customers meet: unsubscribe, confirm, and choose what to be sent.

A GET shows and changes nothing, since scanners follow every link; a POST acts at once, without a log-in or a redirect
before it (RFC 8058). Whoever holds the link may act: it is signed, and names one message.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.answers import refuse
from api.bodies import body_of
from api.html import CLOSED, page
from api.served import Served
from engine.customer import Customer
from engine.release import Policy, Sender
from engine.settling.permission import allows
from engine.words import Channel
from records.customers.addressed import Addressed
from workers.ledger.choices import Choice, is_dead, is_shut
from workers.links import Way

FORM_BYTES: Final = 64_000
MOST_FIELDS: Final = 1000
WHAT: Final = {Channel.EMAIL: "e-mail", Channel.SMS: "text messages"}
TITLES: Final = {Channel.EMAIL: "E-mail", Channel.SMS: "Text messages"}
Topic: TypeAlias = tuple[Channel, str]


@dataclass(frozen=True, slots=True)
class House:
    """Who writes, as every page says it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Offered:
    """One topic on one channel, and whether it is chosen."""

    id: str
    value: str
    name: str
    about: str
    yes: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A channel that reaches a customer, and her choices on it."""

    title: str
    address: str
    dead: bool
    choices: list[Offered]


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

    def show_unsubscribe(self, token: str) -> Response:
        """What the button would do, or that it is done."""
        message, found = self._find(Way.UNSUBSCRIBE, token)
        if found is None:
            return _unknown()
        return self._unsubscribe_page(message, found, ended=is_shut(found.customer, found.channel))

    def unsubscribe(self, token: str) -> Response:
        """Ends marketing on the message's channel. Whatever the body says, since nothing else can be meant."""
        message = self.served.links.read(Way.UNSUBSCRIBE, token) or ""
        found = self.served.choices.end(message, [], "Unsubscribe", "unsubscribe_link") if message else None
        if found is None:
            return _unknown()
        self.served.nudge()
        return self._unsubscribe_page(message, found, ended=True)

    def show_confirm(self, token: str) -> Response:
        """What would be agreed to."""
        message, found = self._find(Way.CONFIRM, token)
        if found is None:
            return _unknown()
        return self._confirm_page(message, found, confirmed=allows(found.customer, found.channel, found.topic))

    def confirm(self, token: str) -> Response:
        """A yes to the message's topic on its channel."""
        message, found = self._find(Way.CONFIRM, token)
        if found is None:
            return _unknown()
        words = self._about(found.topic)
        self.served.choices.choose(message, [Choice(found.channel, found.topic, True, words)], "confirm_link")
        self.served.nudge()
        return self._confirm_page(message, found, confirmed=True)

    def show_preferences(self, token: str, saved: str = "") -> Response:
        """The form, as things stand."""
        _, found = self._find(Way.PREFERENCES, token)
        if found is None:
            return _unknown()
        policy = self.served.policy()
        return page("preferences", house=_house(policy), saved=saved, groups=list(_groups(found.customer, policy)))

    async def save_preferences(self, token: str, request: Request) -> Response:
        """What was chosen, or the end of everything; then the form again."""
        message = self.served.links.read(Way.PREFERENCES, token)
        if message is None:
            return _unknown()
        form = _form(await body_of(request, FORM_BYTES))
        found = await run_in_threadpool(self._save, message, form)
        if found is None:
            return _unknown()
        self.served.nudge()
        saved = form["save"][0]
        return Response(None, HTTPStatus.SEE_OTHER, {**CLOSED, "Location": f"?saved={saved}"})

    def _save(self, message: str, form: dict[str, list[str]]) -> Addressed | None:
        choices = self.served.choices
        if form["save"] == ["nothing"]:
            return choices.end(message, list(Channel), "Unsubscribe from everything", "preference_page")
        policy = self.served.policy()
        asked, yes = set(form.get("asked", ())), set(form.get("yes", ()))
        wanted = [
            Choice(channel, topic, value in yes, f"{TITLES[channel]}: {_words(topic, policy)}")
            for (channel, topic), value in _topics(policy).items()
            if value in asked
        ]
        return choices.choose(message, wanted, "preference_page")

    def _find(self, way: Way, token: str) -> tuple[str, Addressed | None]:
        message = self.served.links.read(way, token)
        return ("", None) if message is None else (message, self.served.choices.look(message))

    def _unsubscribe_page(self, message: str, found: Addressed, *, ended: bool) -> Response:
        return page(
            "unsubscribe",
            house=_house(self.served.policy()),
            ended=ended,
            what=WHAT[found.channel],
            address=masked(found.customer.address(found.channel) or ""),
            preferences=self._preferences(message),
        )

    def _confirm_page(self, message: str, found: Addressed, *, confirmed: bool) -> Response:
        return page(
            "confirm",
            house=_house(self.served.policy()),
            confirmed=confirmed,
            about=self._about(found.topic),
            address=masked(found.customer.address(found.channel) or ""),
            preferences=self._preferences(message),
        )

    def _preferences(self, message: str) -> str:
        return self.served.links.preferences(message).rpartition("/")[2]

    def _about(self, topic: str) -> str:
        return _words(topic, self.served.policy())


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else learns: a message may have been forwarded."""
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:1]}\u2026@{domain}"
    return f"\u2026{address[-3:]}" if address else "this address"


def _groups(her: Customer, policy: Policy) -> Iterator[Group]:
    """The channels that reach her."""
    topics = _topics(policy)
    for channel in Channel:
        if address := her.address(channel):
            choices = [
                Offered(f"{channel}-{place}", value, _named(topic), policy.topics[topic], allows(her, channel, topic))
                for place, ((on, topic), value) in enumerate(topics.items())
                if on is channel
            ]
            yield Group(TITLES[channel], masked(address), is_dead(her, channel), choices)


def _topics(policy: Policy) -> dict[Topic, str]:
    """Every choice there is, and how the form spells it."""
    return {(channel, topic): f"{channel}/{topic}" for channel in Channel for topic in policy.topics}


def _words(topic: str, policy: Policy) -> str:
    about = policy.topics.get(topic, "")
    return f"{_named(topic)}: {about}" if about else _named(topic)


def _named(topic: str) -> str:
    """`product_tips` as a heading."""
    return topic.replace("_", " ").capitalize()


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


def _unknown() -> Response:
    return page("unknown", HTTPStatus.NOT_FOUND)
