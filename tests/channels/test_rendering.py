"""Templates become messages: what is written, what is withheld, and what `check` may know beforehand."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.checking import faults
from channels.compiling.faults import Broken
from channels.facts import MissingVariable, RenderError
from channels.protocol import Channel
from channels.rendering import SAMPLE_FACTS, RenderedEmail, render_email, render_sample, render_sms
from channels.templates import TemplateSet

ADA: dict[str, Any] = {
    **SAMPLE_FACTS,
    "customer": {"first_name": "Ada & Co", "city": None, "note": "  "},
    "entry": {"total": 1234.5, "items": [{"title": "A <b>", "count": 2}], "starts_at": "2026-03-03T08:00:00+00:00"},
}


def a_set(**files: str) -> TemplateSet:
    """One e-mail template `t`; a file is named by what stands before its dot: subject, html, text, sample."""
    names = {"subject": "subject.txt", "html": "body.html", "text": "body.txt", "sample": "sample.yaml"}
    return TemplateSet.from_texts({f"email/t/{names[name]}": text for name, text in ({"subject": "S"} | files).items()})


def email(**files: str) -> RenderedEmail:
    return render_email(a_set(**files), "t", ADA)


def text(words: str) -> str:
    return email(text=words).text


def test_html_escapes_and_text_does_not() -> None:
    written = email(
        subject="For {{ customer.first_name }}", html="{{ customer.first_name }}", text="{{ customer.first_name }}"
    )
    assert written == RenderedEmail("For Ada & Co", "Ada &amp; Co", "Ada & Co")


def test_an_email_without_a_text_body_gets_one_from_its_html() -> None:
    html = """<style>p{}</style><h1>Hello</h1><p>One <a href="https://a.example/x">shop</a>,<br>two&nbsp;words</p>
    <ul><li>a</li><li>b</li></ul><table><tr><td>1</td><td>2</td></tr></table><div style="display:none">no</div>"""
    expected = "Hello\n\nOne shop (https://a.example/x),\ntwo words\n\n- a\n- b\n\n1 2\n"
    assert email(html=html).text == expected


def test_a_missing_variable_is_told_by_its_whole_name() -> None:
    for words, name in {
        "{{ customer.last_name }}": "customer.last_name",
        "{{ customer.address.city }}": "customer.address.city",
        "{{ entry['size'] }}": "entry.size",
        "{{ reason }}": "reason",
        "{% for line in entry['items'] %}{{ line.price }}{% endfor %}": "entry.items[0].price",
        "{% if customer.vip %}x{% endif %}": "customer.vip",
        "{% for x in customer.list %}{% endfor %}": "customer.list",
        "{{ customer.last_name|upper }}": "customer.last_name",
        "{{ 1 + customer.points }}": "customer.points",
    }.items():
        with pytest.raises(MissingVariable) as lack:
            text(words)
        assert lack.value.name == name


def test_nothing_and_blank_text_are_missing_too() -> None:
    for name in ("customer.city", "customer.note"):
        with pytest.raises(MissingVariable, match=name):
            text("{{ " + name + " }}")


def test_a_default_stands_in_for_what_is_missing() -> None:
    assert text("{{ customer.note|default('there') }}, {{ customer.a.b.c|default('far') }}") == "there, far"
    assert text("{% if customer.vip is defined %}yes{% else %}no{% endif %}") == "no"


def test_a_facts_own_name_comes_before_any_method() -> None:
    assert text("{% for line in entry.items %}{{ line.count }} {{ line.title }}{% endfor %}") == "2 A <b>"


def test_a_subject_stays_on_one_line_whatever_a_customer_is_called() -> None:
    facts = {"customer": {"first_name": "Ada\r\nBcc: eve@evil.example\u2028x"}}
    written = render_email(a_set(subject="Hi\n {{ customer.first_name }}\n", text="x"), "t", facts)
    assert written.subject == "Hi Ada Bcc: eve@evil.example x"


@given(st.text(), st.text())
def test_no_sign_in_a_name_breaks_the_line_of_a_subject(first: str, last: str) -> None:
    facts = {"customer": {"first_name": first, "last_name": last}}
    subject = "{{ customer.first_name|default('you') }}\n{{ customer.last_name|default('there') }}"
    written = render_email(a_set(subject=subject, text="x"), "t", facts).subject
    assert len(f"{written}x".splitlines()) == 1
    assert written == written.strip()
    assert not any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in written)


ADDRESS = "Acme & Sons\n1 High Street"


def test_both_bodies_end_with_the_postal_address_where_they_do_not_say_it() -> None:
    written = render_email(a_set(html="<html><body><p>x</p></body></html>", text="x\n"), "t", ADA, address=ADDRESS)
    expected = r'<html><body><p>x</p><p style="[^"]+">Acme &amp; Sons<br>1 High Street</p></body></html>'
    assert re.fullmatch(expected, written.html)
    assert written.text == f"x\n\n{ADDRESS}\n"
    made = render_email(a_set(html="<p>x</p>"), "t", ADA, address=ADDRESS)
    assert made.text == f"x\n\n{ADDRESS}\n"


def test_a_body_that_says_the_postal_address_is_left_as_it_is() -> None:
    facts = {**ADA, "postal_address": ADDRESS}
    for html, text in (
        ("{{ postal_address|replace('\n', ', ') }}", "{{ postal_address|replace('\n', ', ') }}"),
        ("Acme &amp; Sons\n1 High Street.", f"{ADDRESS}."),
    ):
        templates = a_set(html=html, text=text)
        assert render_email(templates, "t", facts, address=ADDRESS) == render_email(templates, "t", facts)
    one = render_email(a_set(html="{{ postal_address }}", text="x"), "t", facts, address=ADDRESS)
    assert one == RenderedEmail("S", "Acme &amp; Sons\n1 High Street", f"x\n\n{ADDRESS}\n")


def test_amounts_days_and_times_are_written_for_people() -> None:
    assert text("{{ entry.total|money('EUR') }}") == "1,234.50 EUR"
    assert text("{{ entry.starts_at|date }} {{ entry.starts_at|time }}") == "Tuesday 3 March 2026 08:00"
    assert text("{{ entry.starts_at|time('Europe/Berlin') }}") == "09:00"
    assert text("{{ '%.1f'|format(entry.total) }}") == "1234.5"


def test_a_message_goes_on_behind_many_places_where_nothing_is_written() -> None:
    assert text("{% for x in range(500) %}{{ '' }}{% endfor %}end") == "end"


def test_a_layout_is_shared() -> None:
    templates = TemplateSet.from_texts(
        {
            "email/layout.html": "<h1>{{ brand }}</h1>{% block main %}{% endblock %}"
            "<a href='{{ links.unsubscribe }}'>bye</a>",
            "email/macros.html": "{% macro button(url, words) %}<a href='{{ url }}'>{{ words }}</a>{% endmacro %}",
            "email/t/subject.txt": "S",
            "email/t/body.html": '{% extends "email/layout.html" %}{% from "email/macros.html" import button %}'
            "{% block main %}{{ button(entry.url, customer.first_name) }}{% endblock %}",
            "email/t/sample.yaml": "customer: {first_name: A}\nentry: {url: 'https://a.example'}\nbrand: Acme",
        }
    )
    assert faults(templates) == ()
    written = render_sample(templates, Channel.EMAIL, "t")
    assert isinstance(written, RenderedEmail)
    assert "<h1>Acme</h1><a href='https://a.example'>A</a>" in written.html
    assert {need.name for need in templates.needs(Channel.EMAIL, "t")} == {
        "brand",
        "links.unsubscribe",
        "entry.url",
        "customer.first_name",
    }
    assert templates.has_unsubscribe("t")


def test_the_names_a_template_needs_are_known_without_rendering_it() -> None:
    templates = a_set(
        subject="{{ customer.first_name|default('you') }}",
        html="\n{% for line in entry.lines %}{{ line.title }}{{ loop.index }}{% endfor %}"
        "{% set x = 1 %}{{ x }}{{ range(3) }}",
        text="{{ entry['total'] }} {{ booking.starts_at|date(customer.zone) }} {{ days_left }} {{ a.b[a.c].d }}",
    )
    needs = {need.name: (need.file, need.line) for need in templates.needs(Channel.EMAIL, "t")}
    assert set(needs) == {
        *("customer.first_name", "entry.lines", "entry.total", "booking.starts_at", "customer.zone", "days_left"),
        *("a.b", "a.c"),
    }
    assert needs["entry.lines"] == ("templates/email/t/body.html", 2)


def test_every_body_must_hold_the_unsubscribe_link_to_count() -> None:
    link = "{{ links.unsubscribe }}"
    assert a_set(html=link).has_unsubscribe("t")
    assert a_set(html=link, text=link).has_unsubscribe("t")
    assert not a_set(html=link, text="x").has_unsubscribe("t")
    assert not a_set(subject=link, text="x").has_unsubscribe("t")
    assert not TemplateSet.from_texts({}).has_unsubscribe("t")


def test_a_text_message_is_its_body_trimmed() -> None:
    templates = TemplateSet.from_texts(
        {"sms/t/body.txt": "\nHi {{ customer.first_name }}\n", "sms/empty/body.txt": " "}
    )
    assert render_sms(templates, "t", ADA).body == "Hi Ada & Co"
    for name in ("empty", "absent"):
        with pytest.raises(Broken):
            render_sms(templates, name, ADA)


def test_faults_of_all_files_are_told_at_once_with_file_and_line() -> None:
    templates = TemplateSet.from_texts(
        {
            "email/a/subject.txt": "S",
            "email/a/body.html": "one\n{% iff x %}",
            "email/a/sample.yaml": "{}",
            "email/b/subjcet.txt": "S",
            "email/b/body.txt": '{% include "email/nowhere.txt" %}{{ x|frobnicate }}',
            "email/c/subject.txt": "S",
            "email/c/body.txt": '\n{% include "email/nowhere.txt" %}',
            "email/c/sample.yaml": "{}",
            "sms/d/sample.yaml": "{}",
        }
    )
    assert [str(fault) for fault in faults(templates)] == [
        "templates/email/a/body.html:2: Encountered unknown tag 'iff'; expected a Jinja template",
        "templates/email/b/body.txt:1: No filter named 'frobnicate'; expected a Jinja template",
        "templates/email/c/body.txt:2: 'email/nowhere.txt'; expected a file of templates/ by its path",
        "templates/email/b/subjcet.txt:1: subjcet.txt; expected subject.txt preheader.txt body.html "
        "body.mjml body.txt sample.yaml; did you mean subject.txt?",
        "templates/email/b/subject.txt:1: no such file; expected the subject",
        "templates/email/b/sample.yaml:1: no such file; expected facts that render the template",
        "templates/sms/d/body.txt:1: no such file; expected body.txt",
    ]
    for name in ("a", "b", "c", "nowhere"):
        with pytest.raises(RenderError):
            render_email(templates, name, ADA)


def test_a_sample_that_lacks_a_name_is_told_where_the_name_is_needed() -> None:
    lacking = a_set(text="\n{{ customer.first_name }}", sample="customer: {}")
    assert [str(fault) for fault in faults(lacking)] == [
        "templates/email/t/body.txt:2: customer.first_name has no value; expected one in sample.yaml, or a default"
    ]
    for sample in ("- a", "a: [", "customer: {first_name: [1]}"):
        found = faults(a_set(text="{{ customer.first_name }}", sample=sample))
        assert [fault.file for fault in found] == ["templates/email/t/sample.yaml"]


def test_a_folder_and_its_published_texts_are_the_same_set(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "sms" / "t"
    folder.mkdir(parents=True)
    (folder / "body.txt").write_text("Grüße {{ customer.first_name }}", "utf-8")
    (folder / ".DS_Store").write_bytes(b"\xff")
    from_folder = TemplateSet.from_folder(tmp_path / "templates")
    published = TemplateSet.from_texts(from_folder.texts)
    assert from_folder.texts == published.texts
    assert from_folder.names(Channel.SMS) == published.names(Channel.SMS) == ("t",)
    assert render_sms(from_folder, "t", ADA) == render_sms(published, "t", ADA)
