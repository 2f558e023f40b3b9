"""From a claimed message to the words that go over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from channels.mime import UnwritableAddress, wire_address
from channels.protocol import Channel as Carried
from channels.protocol import EmailContent, SmsContent, feedback_id, list_id, one_click
from channels.rendering import render_email, render_sms
from channels.templates import TemplateSet
from channels.tracking import Tracking
from engine.words import Channel, Purpose
from workers.ledger.claiming import Claim

TEMPLATES = "templates/"


class Links(Protocol):
    """Makes the addresses in one message that lead to our own pages."""

    def of(self, message_id: str) -> Mapping[str, str]:
        """What templates read as `links.*`; these are never led elsewhere."""
        ...

    def click(self, message_id: str, url: str) -> str:
        """The short address that tells of a click and leads to `url`; `url` itself where clicks are not seen."""
        ...

    def opened(self, message_id: str) -> str:
        """The address of the picture that tells that the message was opened."""
        ...


@dataclass(slots=True)
class Writer:
    """Renders messages; a release's templates are compiled once."""

    links: Links
    _release: str = ""
    _templates: TemplateSet = field(default_factory=lambda: TemplateSet({}))

    def write(self, claim: Claim) -> EmailContent | SmsContent:
        """The content to submit. Raises RenderError: withhold the message."""
        links = self.links.of(claim.message.id)
        facts = {**claim.facts, "links": links, "postal_address": claim.policy.postal_address}
        tracking = self._tracking(claim, links)
        if claim.message.channel is Channel.EMAIL:
            return self._email(claim, facts, tracking)
        return self._sms(claim, facts, tracking)

    def _email(self, claim: Claim, facts: Mapping[str, Any], tracking: Tracking) -> EmailContent:
        message = claim.message
        marketing = message.purpose is Purpose.MARKETING
        address = claim.policy.postal_address if marketing else ""
        words = render_email(self._of(claim), message.template, facts, tracking, address)
        return EmailContent(
            from_address=claim.sender.email,
            from_name=claim.sender.name,
            to=claim.address,
            subject=words.subject,
            text=words.text,
            html=words.html,
            headers=_marketing_headers(claim, facts["links"]["unsubscribe"]) if marketing else {},
            correlation=message.correlation,
            sent_at=claim.asked.instant,
            template=message.template,
        )

    def _sms(self, claim: Claim, facts: Mapping[str, Any], tracking: Tracking) -> SmsContent:
        message = claim.message
        words = render_sms(self._of(claim), message.template, facts, tracking, Carried(message.channel))
        return SmsContent(
            sender=claim.sender.number,
            to=claim.address,
            body=words.body,
            correlation=message.correlation,
            sent_at=claim.asked.instant,
            template=message.template,
            good_for=claim.good_for,
        )

    def _tracking(self, claim: Claim, links: Mapping[str, str]) -> Tracking:
        message, utm = claim.message, claim.policy.utm
        said = {"medium": message.channel.value, "campaign": message.journey, **utm} if utm else {}
        picture = self.links.opened(message.id) if message.purpose in claim.policy.opens else ""
        return Tracking(tuple(said.items()), partial(self.links.click, message.id), tuple(links.values()), picture)

    def _of(self, claim: Claim) -> TemplateSet:
        if claim.release != self._release:
            texts = {
                path.removeprefix(TEMPLATES): text for path, text in claim.texts.items() if path.startswith(TEMPLATES)
            }
            self._templates, self._release = TemplateSet.from_texts(texts), claim.release
        return self._templates


def _marketing_headers(claim: Claim, unsubscribe: str) -> dict[str, str]:
    """What mail programs and mailbox providers ask of marketing: a way out by one click, its list and its source."""
    message = claim.message
    try:
        domain = wire_address(claim.sender.email).rpartition("@")[2].lower()
    except UnwritableAddress:  # the adapter refuses the message, and says why
        return {}
    return {
        **one_click(unsubscribe),
        "List-Id": list_id(message.topic, domain),
        "Feedback-ID": feedback_id(message.template, message.journey, message.topic, domain=domain),
    }
