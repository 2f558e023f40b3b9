"""From a claimed message to the words that go over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.protocol import EmailContent, SmsContent, one_click
from channels.rendering import render_email, render_sms
from channels.templates import TemplateSet
from engine.words import Channel, Purpose
from workers.ledger.claiming import Claim
from workers.links import Links

TEMPLATES = "templates/"


@dataclass(slots=True)
class Writer:
    """Renders messages; a release's templates are compiled once."""

    links: Links
    _release: str = ""
    _templates: TemplateSet = field(default_factory=lambda: TemplateSet({}))

    def write(self, claim: Claim) -> EmailContent | SmsContent:
        """The content to submit. Raises RenderError: withhold the message."""
        facts = {**claim.facts, "links": self.links.of(claim.message.id)}
        if claim.message.channel is Channel.SMS:
            return self._sms(claim, facts)
        return self._email(claim, facts)

    def _email(self, claim: Claim, facts: Mapping[str, Any]) -> EmailContent:
        message = claim.message
        words = render_email(self._of(claim), message.template, facts)
        marketing = message.purpose is Purpose.MARKETING
        return EmailContent(
            from_address=claim.sender.email,
            from_name=claim.sender.name,
            to=claim.address,
            subject=words.subject,
            text=words.text,
            html=words.html,
            headers=one_click(facts["links"]["unsubscribe"]) if marketing else {},
            correlation=message.correlation,
            sent_at=claim.asked.instant,
            template=message.template,
        )

    def _sms(self, claim: Claim, facts: Mapping[str, Any]) -> SmsContent:
        message = claim.message
        words = render_sms(self._of(claim), message.template, facts)
        return SmsContent(
            claim.sender.number, claim.address, words.body, message.correlation, claim.asked.instant, message.template
        )

    def _of(self, claim: Claim) -> TemplateSet:
        if claim.release != self._release:
            texts = {
                path.removeprefix(TEMPLATES): text for path, text in claim.texts.items() if path.startswith(TEMPLATES)
            }
            self._templates, self._release = TemplateSet.from_texts(texts), claim.release
        return self._templates
