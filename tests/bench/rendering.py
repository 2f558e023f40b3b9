"""E-mails of 12 KB written as they are sent, against Jinja's own sandbox with the same files and facts."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from channels.rendering import render_email
from channels.templates import TemplateSet
from channels.tracking import AS_WRITTEN, Tracking
from tests.bench.figures import Figure, Sizes
from tests.bench.machine import working

ROUNDS = 7
_PARAGRAPH = """
<p style="margin:0 0 16px;font:16px/1.55 Helvetica,Arial,sans-serif;color:#2b2e28">Gardens are made of small steps,
{{{{ customer.first_name }}}}, so here is number {number}: a bed by the wall that faces south warms up first in spring
and stays warm into October, which is worth a fortnight at either end of the year. Start with what you like to eat.
<a href="https://acme.example/steps/{number}" style="color:#2f5d46">Read how</a></p>
"""
_LINES = """{% for line in entry.lines %}
<tr><td style="padding:8px 12px;border-bottom:1px solid #ddd">{{ line.title }}</td>\
<td style="padding:8px 12px;border-bottom:1px solid #ddd;text-align:right">{{ line.price }}</td>\
<td><a href="https://shop.acme.example/things/{{ line.id }}" style="color:#2f5d46">See it</a></td></tr>
{% endfor %}"""
_LAYOUT = f"""<!doctype html>
<html><head><meta charset="utf-8"><meta name="color-scheme" content="light"><title>Acme</title></head><body>
{"".join(_PARAGRAPH.format(number=number) for number in range(24))}
<table>{{% block lines %}}{{% endblock %}}</table>
<p>{{{{ postal_address }}}} <a href="{{{{ links.unsubscribe }}}}">Unsubscribe</a></p></body></html>
"""
TEXTS = {
    "email/layout.html": _LAYOUT,
    "email/steps/subject.txt": "{{ customer.first_name }}, the next steps",
    "email/steps/body.html": f'{{% extends "email/layout.html" %}}{{% block lines %}}{_LINES}{{% endblock %}}',
    "email/steps/body.txt": "Dear {{ customer.first_name }},\n"
    "{% for line in entry.lines %}{{ line.title }}, {{ line.price }}: https://shop.acme.example/things/{{ line.id }}\n"
    "{% endfor %}\n{{ postal_address }}\n{{ links.unsubscribe }}\n",
}
FACTS: Mapping[str, Any] = {
    "customer": {"first_name": "Ada", "city": "Bristol", "plan": "plus"},
    "entry": {"lines": [{"title": f"Thing {number}", "price": "12.50 GBP", "id": number} for number in range(8)]},
    "journey": {"name": "steps"},
    "links": {"unsubscribe": "https://acme.example/unsubscribe/5f1c"},
    "postal_address": "Acme Ltd, 12 Orchard Row, Bristol",
}
LED = Tracking((("source", "acme"),), lambda _: "https://acme.example/c/5f1c0b", tuple(FACTS["links"].values()))


def measure(sizes: Sizes, folder: Path) -> list[Figure]:
    """The best of several rounds, in turn; compiled beforehand on both sides. With links led, there is more to do."""
    templates = TemplateSet.from_texts(TEXTS)
    size = len(render_email(templates, "steps", FACTS).html) / 1000
    sides: list[Callable[[], object]] = [
        partial(render_email, templates, "steps", FACTS, AS_WRITTEN, FACTS["postal_address"]),
        partial(render_email, templates, "steps", FACTS, LED, FACTS["postal_address"]),
        _bare(),
    ]
    rounds = [[_rate(side, sizes.mails) for side in sides] for _ in range(ROUNDS)]
    written, led, bare = (max(rates) for rates in zip(*rounds, strict=True))
    against = "ImmutableSandboxedEnvironment, same files and facts"
    return [
        Figure(f"e-mails of {size:.0f} KB rendered", "/s of work", written, bare, against, "0.9 or more"),
        Figure("the same, links short and told", "/s of work", led, bare, against),
    ]


def _bare() -> Callable[[], object]:
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(TEXTS), undefined=StrictUndefined, autoescape=lambda name: bool(name and ".html" in name)
    )
    files = [environment.get_template(f"email/steps/{file}") for file in ("subject.txt", "body.html", "body.txt")]
    return lambda: [file.render(FACTS) for file in files]


def _rate(work: Callable[[], object], number: int) -> float:
    work()
    watch = working()
    for _ in range(number):
        work()
    return watch.rate(number)
