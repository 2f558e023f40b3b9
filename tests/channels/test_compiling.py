"""What is done to a template's source once: layouts joined, CSS inlined, a head given, and nothing of Jinja lost."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.checking import faults
from channels.compiling.faults import Broken
from channels.compiling.pieces import Draft, pieces_of
from channels.compiling.styles import styled, stylesheet
from channels.rendering import SAMPLE_FACTS, render_email
from channels.templates import TemplateSet

FACTS: dict[str, Any] = {
    **SAMPLE_FACTS,
    "customer": {"first_name": "Ada"},
    "entry": {"rows": ["one", "two"], "kind": "big", "colour": "red"},
}
HEAD = "<html><head><style>{}</style></head><body>{}</body></html>"


def page(**files: str) -> TemplateSet:
    """An e-mail `t`; `html` is its page, and other files stand under their names with a dash for the dot."""
    named = {"html": "t/body.html", "preheader": "t/preheader.txt"}
    texts = {f"email/{named.get(name, name.replace('_', '.'))}": text for name, text in files.items()}
    return TemplateSet.from_texts({"email/t/subject.txt": "S", "email/t/sample.yaml": "{}", **texts})


def html(**files: str) -> str:
    return render_email(page(**files), "t", FACTS).html


def body(css: str, words: str, **files: str) -> str:
    written = html(html=HEAD.format(css, words), **files)
    return re.sub(r".*<body[^>]*>|</body>.*", "", written, flags=re.DOTALL)


def warned(templates: TemplateSet) -> list[str]:
    render_email(templates, "t", FACTS)
    return [str(fault) for fault in templates.warnings]


def test_css_is_inlined_and_a_tags_own_style_wins() -> None:
    assert body("p{color:red}", "<p>x</p>") == '<p style="color: red;">x</p>'
    assert body("p{color:red}", "<p style='top:0'>x</p>") == "<p style='color: red; top:0'>x</p>"
    assert body("p{color:red}", "<p id=a style=top:0>x</p>") == '<p id=a style="color: red;top:0">x</p>'
    assert body("td{font-family:'A B'}", "<td>") == "<td>"  # no table, no cell: as in a browser


def test_an_important_rule_stays_important() -> None:
    assert body(".a{color:red !important}", '<p class="a">x</p>') == '<p style="color: red !important;" class="a">x</p>'


def test_rules_that_some_screens_follow_stay_where_they_were() -> None:
    css = "@media (max-width: 9px) {p{color:red}} p:hover{color:blue}"
    assert html(html=HEAD.format(css, "<p>x</p>")).count("style=") == 0
    assert css in html(html=HEAD.format(css, "<p>x</p>"))


def test_no_loop_moves_out_of_a_table_and_nothing_else_of_the_source_changes() -> None:
    words = """<table>
    {% for row in entry.rows %}<tr><td class="a" >{{ row }}&nbsp;</td>
    {% else %}<tr><td>none{% endfor %}
    </table><!--[if mso]><td>{{ entry.kind }}<![endif]--><P>&middot;<br/>"""
    styled_rows = "".join(
        f'<tr><td style="color: red;" class="a" >{row}&nbsp;</td>\n' for row in FACTS["entry"]["rows"]
    )
    assert body(".a{color:red}", words) == (
        f"<table>\n{styled_rows}    </table><!--[if mso]><td>big<![endif]--><P>&middot;<br/>"
    )


JINJA = ["{{ a }}", "{{ '}}' }}", "{% if a > 1 %}x{% endif %}", "{% for x in '<td>' %}{{ x }}{% endfor %}", "{# <p> #}"]
WORDS = ["<p>", "</p>", "<td class='a'>", "<table><tr>", "</table>", "x < y", "<b style='top:0'>", "&amp;", "\n", " > "]


@given(st.lists(st.sampled_from([*JINJA, *WORDS, "<a href='{{ a }}'>", '<p class="{% if a %}a{% endif %}">'])))
def test_every_expression_survives_byte_for_byte(parts: list[str]) -> None:
    environment = page(html="x").environment
    pieces = pieces_of(
        environment, "<style>p{color:red} .a{top:0} td{left:0}</style>" + "".join(parts) + "end", "p", "p"
    )
    draft = Draft(pieces)
    before = draft.source()
    draft.text, _ = styled(draft, stylesheet(draft))
    after = draft.source()
    jinja = [piece.source for piece in pieces if piece.kind != "words"]
    assert re.findall(r"\{[{%].*?[%}]\}", before) == re.findall(r"\{[{%].*?[%}]\}", after)
    assert [piece.source for piece in pieces_of(environment, after, "p", "p") if piece.kind != "words"] == jinja
    assert re.sub(r" style=\"[^\"]*\"|[a-z]+: [a-z0-9]+; ", "", after) == re.sub(r" style=\"[^\"]*\"", "", before)


def test_a_layouts_css_reaches_the_blocks_of_its_templates_and_what_they_import() -> None:
    files = {
        "layout_html": HEAD.format(
            "div p{color:red} .cell{top:0}", "<div>{% block main %}<p>old</p>{% endblock %}</div>"
        ),
        "parts_html": '{% macro row(x) %}<tr><td class="cell">{{ x }}</td></tr>{% endmacro %}',
        "note_html": '<i class="cell">{{ x }}</i>',
    }
    child = (
        '{% extends "email/layout.html" %}\n{% from "email/parts.html" import row %}\n{% set x = 1 %}\nnowhere'
        '{% block main %}{{ super() }}<p>new</p><table>{{ row("r") }}</table>'
        '{% include "email/note.html" %}{% endblock %}'
    )
    written = html(html=child, **files)
    assert '<div><p style="color: red;">old</p><p style="color: red;">new</p>' in written
    assert '<tr><td style="top: 0;" class="cell">r</td></tr>' in written
    assert '<i style="top: 0;" class="cell">1</i>' in written
    assert "nowhere" not in written


def test_layouts_of_layouts_are_joined_as_jinja_would() -> None:
    files = {
        "a_html": "{% block x %}a{% endblock %}|{% block y %}A{% block z %}Z{% endblock %}{% endblock %}|"
        "{{ self.x() }}",
        "b_html": '{% extends "email/a.html" %}{% block x %}b{{ super() }}{% endblock %}',
        "html": '{% extends "email/b.html" %}{% block x %}c{{ super() }}{% endblock %}{% block z %}z{% endblock %}',
    }
    assert html(**files) == "cba|Az|cba"


def test_a_value_in_a_stylesheet_is_filled_in_where_it_is_inlined() -> None:
    css = "p{color:{{ entry.colour }}} b{top:0}"
    written = body(
        css, "<p>x</p>{% import 'email/m.html' as m %}{{ m.b() }}", m_html="{% macro b() %}<b><p>{% endmacro %}"
    )
    assert written == '<p style="color: red;">x</p><b style="top: 0;"><p>'
    assert "<style>p{color:red} b{top:0}</style>" in html(html=HEAD.format(css, ""))


def test_a_class_that_jinja_makes_is_a_warning_for_css_is_not_inlined_for_it() -> None:
    for words in (
        '<p class="{{ entry.kind }}">',
        "<p class='a {% if entry %}b{% endif %}'>",
        "<p {% if entry %}class='b'{% endif %}>",
    ):
        [warning] = warned(page(html=HEAD.format("\n.b{top:0}", f"\n{words}")))
        assert warning == (
            "templates/email/t/body.html:3: a class that Jinja makes, which CSS is not inlined for; "
            "expected a class in plain words, or a style"
        )
        assert warned(page(html=HEAD.format("p{top:0}", words))) == []


def test_a_style_that_a_branch_decides_over_is_left_alone() -> None:
    words = "<p {% if entry %}style='left:0'{% endif %}>"
    assert body("p{top:0}", words) == "<p style='left:0'>"


def test_css_that_jinja_decides_over_is_left_where_it_is() -> None:
    css = "p{top:0} {% if entry %}p{left:0}{% endif %}"
    assert html(html=HEAD.format(css, "<p>")).count("style=") == 0


def test_no_stylesheet_is_fetched() -> None:
    link = "<link rel='stylesheet' href='http://127.0.0.1:1/x.css'>"
    assert link in html(html=f"<html><head>{link}<style>p{{top:0}}</style></head><body><p></body></html>").replace(
        ' style="top: 0;"', ""
    )


def test_a_layout_named_by_a_value_goes_without_joining_and_says_so() -> None:
    child = "{% extends entry.kind %}{% block main %}<p>{% endblock %}"
    with pytest.raises(Broken):
        html(html=child)


def test_a_preheader_stands_hidden_before_all_other_words() -> None:
    hidden = '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">For Ada &lt;3 &amp; more</div>'
    written = html(
        html="<html><head></head><body id='a'><p>x</p></body></html>",
        preheader="For {{ customer.first_name }} <3 & more\n",
    )
    assert f"<body id='a'>{hidden}<p>" in written
    assert html(html="<p>x</p>", preheader="For {{ customer.first_name }} <3 & more\n") == f"{hidden}<p>x</p>"
    assert render_email(page(html="<p>x</p>", preheader="hidden"), "t", FACTS).text == "x\n"


def test_a_preheader_escapes_its_values_and_needs_no_other_file() -> None:
    assert "&lt;b&gt;" in html(html="x", preheader="{{ '<b>' }}")
    with pytest.raises(Broken, match=r"preheader\.txt:1"):
        html(html="x", preheader='{% include "email/t/subject.txt" %}')


def test_a_page_that_says_no_colour_scheme_is_given_the_one_it_was_made_for() -> None:
    dark = "@media (prefers-color-scheme: dark) {p{color:white}}"
    assert '<head><meta name="color-scheme" content="light">' in html(html=HEAD.format("", ""))
    assert '<head><meta name="color-scheme" content="light dark">' in html(html=HEAD.format(dark, ""))
    own = "<html><head><meta name='color-scheme' content='dark'></head></html>"
    assert html(html=own) == own
    assert html(html="<p>x</p>") == "<p>x</p>"


def test_a_page_that_gmail_clips_is_a_warning() -> None:
    [warning] = faults(page(html="{% for x in range(103) %}" + "ä" * 512 + "{% endfor %}"))
    assert warning.is_warning
    assert "103 KB" in str(warning)
    assert faults(page(html="{% for x in range(101) %}" + "ä" * 512 + "{% endfor %}")) == ()
