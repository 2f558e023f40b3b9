"""MJML becomes HTML once, with all its Jinja where it was."""

from typing import Any

import pytest

from channels.checking import faults
from channels.compiling.faults import Broken
from channels.rendering import SAMPLE_FACTS, RenderedEmail, render_email
from channels.templates import TemplateSet

pytest.importorskip("mrml")
FACTS: dict[str, Any] = {**SAMPLE_FACTS, "entry": {"rows": [{"n": 1}, {"n": 2}], "word": "<b>"}}
LAYOUT = """<mjml><mj-head><mj-title>{{ title }}</mj-title></mj-head><mj-body>
{% block main %}{% endblock %}
<mj-section><mj-column><mj-text><a href="{{ links.unsubscribe }}">Stop</a></mj-text></mj-column></mj-section>
</mj-body></mjml>"""
PAGE = """{% extends "email/layout.mjml" %}
{% set title = "News" %}
{% block main %}
{% for row in entry.rows %}
<mj-section><mj-column>
  {% if row.n > 1 %}<mj-text css-class="a">No. {{ row.n }} {{ entry.word }}</mj-text>{% endif %}
  <mj-button href="https://a.example/{{ row.n }}?a=1&amp;b=2">Go</mj-button>
</mj-column></mj-section>
{% endfor %}
{% endblock %}"""


def written(page: str, **files: str) -> RenderedEmail:
    return render_email(shelf(page, **files), "t", FACTS)


def shelf(page: str, **files: str) -> TemplateSet:
    more = {f"email/t/{name.replace('_', '.')}": text for name, text in files.items()}
    own = {"email/t/subject.txt": "S", "email/t/body.mjml": page, "email/t/sample.yaml": "{}"}
    return TemplateSet.from_texts({"email/layout.mjml": LAYOUT, **own, **more})


def test_mjml_is_written_as_html_with_its_loops_and_branches() -> None:
    email = written(PAGE)
    assert email.html.lstrip().startswith("<!doctype html>")
    assert "<title>News</title>" in email.html
    assert email.html.count('<a href="https://a.example/1?a=1&amp;b=2"') == 1
    assert email.html.count('<a href="https://a.example/2?a=1&amp;b=2"') == 1
    assert "No. 2 &lt;b&gt;" in email.html
    assert "No. 1" not in email.html
    assert "mj-" not in email.html.partition("<body")[2].replace("mj-outlook", "").replace("mj-column", "")
    links = ("https://a.example/1?a=1&b=2", "https://a.example/2?a=1&b=2", SAMPLE_FACTS["links"]["unsubscribe"])
    assert " ".join(email.text.split()) == "Go ({}) No. 2 <b> Go ({}) Stop ({})".format(*links)


def test_mjml_loads_nothing_from_anywhere_that_its_author_does_not_name() -> None:
    assert "fonts.googleapis" not in written(PAGE).html
    with pytest.raises(Broken):
        written('<mjml><mj-body><mj-include path="/etc/hostname" /></mj-body></mjml>')


def test_mjml_gets_a_preheader_and_a_colour_scheme_too() -> None:
    html = written(PAGE, preheader_txt="Now").html
    assert ">Now</div>" in html.partition("<body")[2]
    assert '<meta name="color-scheme" content="light">' in html


def test_what_is_no_mjml_is_told_with_its_file() -> None:
    for page in ("<mjml><mj-body><mj-text>", "<mjml><mj-nothing/></mjml>", '{% extends "email/none.mjml" %}'):
        with pytest.raises(Broken) as broken:
            written(page)
        assert broken.value.fault is not None
        assert broken.value.fault.file == "templates/email/t/body.mjml"


def test_mjml_and_html_of_one_language_are_a_fault() -> None:
    found = [str(fault) for fault in faults(shelf("<mjml><mj-body></mj-body></mjml>", body_html="<p>x</p>"))]
    assert found == ["templates/email/t/body.mjml:1: body.mjml beside body.html; expected one of them"]
