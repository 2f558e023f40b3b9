"""A template's variants for a customer's language, and what becomes of her where there is none."""

from typing import Any

import pytest

from channels.checking import faults
from channels.protocol import Channel
from channels.rendering import SAMPLE_FACTS, RenderedEmail, render_email, render_sample, render_sms
from channels.templates import TemplateSet

FILES = {
    "email/t/subject.txt": "Hello",
    "email/t/preheader.txt": "Read this",
    "email/t/body.html": "<p>Hello {{ links.unsubscribe }}</p>",
    "email/t/body.txt": "Hello {{ links.unsubscribe }}",
    "email/t/sample.yaml": "{}",
    "email/t/subject.de.txt": "Hallo",
    "email/t/body.de.html": "<p>Hallo {{ links.unsubscribe }}</p>",
    "email/t/subject.pt-BR.txt": "Oi",
    "email/t/preheader.pt-BR.txt": "Leia",
    "email/t/body.pt-BR.txt": "Oi {{ links.unsubscribe }}",
    "sms/t/body.txt": "Hello",
    "sms/t/body.de.txt": "Hallo",
    "sms/t/sample.yaml": "{}",
}
OUT = SAMPLE_FACTS["links"]["unsubscribe"]
HIDDEN = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">Read this</div>'
ENGLISH = RenderedEmail("Hello", f"{HIDDEN}<p>Hello {OUT}</p>", f"Hello {OUT}")
GERMAN = RenderedEmail("Hallo", f"<p>Hallo {OUT}</p>", f"Hallo {OUT}\n")
BRAZILIAN = RenderedEmail("Oi", "", f"Oi {OUT}")


def written(locale: Any, **files: str) -> RenderedEmail:
    more = {f"email/t/{name.replace('_', '.')}": text for name, text in files.items()}
    return render_email(TemplateSet.from_texts(FILES | more), "t", {**SAMPLE_FACTS, "customer": {"locale": locale}})


@pytest.mark.parametrize(
    ("locale", "email"),
    [
        ("de", GERMAN),
        ("de-AT", GERMAN),
        ("DE_at", GERMAN),
        ("de-Latn-AT", GERMAN),
        ("pt-BR", BRAZILIAN),
        ("pt_br", BRAZILIAN),
        ("pt", ENGLISH),
        ("fr", ENGLISH),
        ("den", ENGLISH),
        ("", ENGLISH),
        ("../../x", ENGLISH),
        (None, ENGLISH),
        (7, ENGLISH),
    ],
)
def test_a_customer_is_written_to_in_her_language_or_the_nearest(locale: Any, email: RenderedEmail) -> None:
    assert written(locale) == email


def test_a_customer_without_a_locale_gets_the_default() -> None:
    assert render_email(TemplateSet.from_texts(FILES), "t", SAMPLE_FACTS) == ENGLISH


def test_text_messages_have_variants_too() -> None:
    facts = {"customer": {"locale": "de-CH"}}
    assert render_sms(TemplateSet.from_texts(FILES), "t", facts).body == "Hallo"


def test_a_sample_is_seen_in_any_language() -> None:
    assert render_sample(TemplateSet.from_texts(FILES), Channel.EMAIL, "t", "de-AT") == GERMAN


def test_variants_are_held_to_the_same_names_and_to_a_way_out() -> None:
    assert faults(TemplateSet.from_texts(FILES)) == ()
    assert TemplateSet.from_texts(FILES).has_unsubscribe("t")
    more = TemplateSet.from_texts(FILES | {"email/t/body.de.html": "{{ entry.total }}"})
    assert not more.has_unsubscribe("t")
    assert "entry.total" in {need.name for need in more.needs(Channel.EMAIL, "t")}
    assert [str(fault) for fault in faults(more)] == [
        "templates/email/t/body.de.html:1: entry.total has no value; expected one in sample.yaml, or a default"
    ]


def test_a_variant_of_half_a_message_is_a_warning() -> None:
    for file, missing in {"subject.fr.txt": "body", "body.fr.txt": "subject", "preheader.fr.txt": "body"}.items():
        found = faults(TemplateSet.from_texts(FILES | {f"email/t/{file}": "Bonjour {{ links.unsubscribe }}"}))
        if file == "preheader.fr.txt":
            assert found == ()
            continue
        [warning] = found
        assert warning.is_warning
        assert str(warning) == (
            f"templates/email/t/{file}:1: a variant for fr alone; expected a {missing} in the same language"
        )


def test_a_file_that_is_no_variant_of_a_known_one_is_a_fault() -> None:
    for file in ("sample.de.yaml", "subjcet.de.txt", "body.german.html", "body.de.css.txt"):
        [fault] = faults(TemplateSet.from_texts(FILES | {f"email/t/{file}": "x {{ links.unsubscribe }}"}))
        assert not fault.is_warning
        assert f": {file}; expected subject.txt" in str(fault)
