"""What a template, or data in one, cannot do: leave the box, work without end, flood, or forge."""

import pytest

from channels.checking import faults
from channels.compiling.faults import Broken
from channels.facts import Forbidden, RenderError
from channels.filters import TooMuch
from channels.rendering import MAX_BODY, render_email, render_sms
from channels.templates import TemplateSet

FACTS = {
    "customer": {"first_name": "Ada", "site": "javascript:alert(1)", "bio": "<script>alert(1)</script>"},
    "entry": {"lines": list(range(200)), "at": "2026-03-03T08:00:00"},
}


def render(html: str) -> str:
    return render_email(
        TemplateSet.from_texts({"email/t/subject.txt": "S", "email/t/body.html": html}), "t", FACTS
    ).html


ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ customer.__class__ }}",
    "{{ customer['__class__'] }}",
    "{{ customer._values }}",
    "{{ customer.at('x') }}",
    "{{ range.__globals__ }}",
    "{{ (1).__class__ }}",
    "{{ customer|attr('__class__') }}",
    "{{ [customer]|map(attribute='__class__')|list|first }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ '{x.__init__.__globals__}'.format_map({'x': 1}) }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum.__globals__ }}",
    "{{ namespace() }}",
    "{{ config }}",
    "{{ get_flashed_messages }}",
    "{% include '/etc/passwd' %}",
    "{% include '../../../etc/passwd' %}",
    "{% import 'os' as os %}{{ os }}",
    "{% for x in [] %}{{ loop.__class__ }}{% else %}{{ ''.join.__self__ }}{% endfor %}",
    "{% set l = [] %}{{ l.append(1) }}",
    "{{ entry.at.__class__ }}",
    "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{{ m() }}",
    "{{ customer.values_ }}",
    "{{ customer.path.__class__ }}",
    "{{ (customer, entry)|map(attribute='values_')|list|first }}",
    "{{ entry.lines.__class__ }}",
    "{{ entry.lines.count(1) }}",
    "{{ customer.first_name.encode() }}",
    "{{ customer.first_name.format_map(customer) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{:{w}}'.format(1, w=10**9) }}",
    "{{ ''|attr('__cla' ~ 'ss__') }}",
    "{{ dict(a=1) }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ request.application.__globals__ }}",
    "{{ environment.loader }}",
    "{{ loop }}",
    "{{ _value }}",
    "{% set _ = customer.values_.clear() %}",
    "{% from 'email/t/body.html' import environment %}{{ environment }}",
    "{% include '0123456789abcdef/email/t/subject.txt' %}",
]
FLOODS = [
    "{{ 'x' * 10**9 }}",
    "{{ 10**9 * 'x' }}",
    "{{ [1] * 10**9 }}",
    "{{ (1, 2) * 10**9 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 10**16 * 10**16 * 10**16 * 10**16 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ '%.1000000000f'|format(1) }}",
    "{{ range(10**9)|list }}",
    "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
    "{% for a in entry.lines %}{% for b in entry.lines %}{{ a }}{% endfor %}{% endfor %}",
    "{% set x = 'x' * 99999 %}{{ [x, x]|join }}",
    "{{ range(1000)|join('x' * 1000) }}",
    "{{ ('x' * 1000)|replace('x', 'x' * 1000) }}",
    "{% set x = 'x' * 99999 %}{% set x = x ~ x %}{{ x }}",
    "{% set x = 'x' * 99999 %}{% set x = x + x %}{{ x }}",
    "{% macro m(x) %}{{ x }}{{ x }}{% endmacro %}{{ " + "m(" * 30 + "'x'" + ")" * 30 + " }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "{% macro m(x) %}{{ m(x ~ x) }}{% endmacro %}{{ m('x') }}",
    "{% for x in range(100) %}{{ 'x' * 9999 }}{% endfor %}",
    "{% for a in range(10**9) %}x{% endfor %}",
    "{{ range(0, 10**9, 1)|length }}",
    "{% for x in range(1000) %}{% for y in range(1000) %}" + "x" * 1000 + "{% endfor %}{% endfor %}",
    "{% set x = 'x' * 99999 %}{% for a in range(1000) %}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{% endfor %}",
    "{{ ('x' * 99999)|upper ~ 'xx' }}",
    "{{ (['x' * 999] * 999)|join }}",
    "{{ 2 ** (10**9) }}",
]
DEPTHS = [
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ " + "[" * 300 + "]" * 300 + " }}",
    "{{ " + "not " * 5000 + "1 }}",
    "{{ a" + ".b" * 5000 + " }}",
    "{% for x in 'a' %}" * 30 + "{% endfor %}" * 30,
    "{% if 1 %}" * 150 + "{% endif %}" * 150,
    "{% extends 'email/t/body.html' %}",
    "x" * 300_001,
]
CLOSED_TAGS = [
    "{% autoescape false %}{{ customer.bio }}{% endautoescape %}",
    "{% set x %}{{ customer.bio }}{% endset %}{{ x }}",
    "{% filter upper %}x{% endfilter %}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}x{% endcall %}",
    "{{ customer.bio|safe }}",
    "{{ 'x'|center(1000000000) }}",
    "{{ 'x'|indent(1000000000) }}",
    "{{ customer|pprint }}",
    "{{ [1, 2]|random }}",
    "{% include entry.at %}",
]


@pytest.mark.parametrize("words", ESCAPES)
def test_no_template_leaves_the_box(words: str) -> None:
    with pytest.raises(RenderError):
        render(words)


@pytest.mark.parametrize("words", FLOODS)
def test_no_template_makes_something_vast(words: str) -> None:
    with pytest.raises(TooMuch):
        render(words)


@pytest.mark.parametrize("words", CLOSED_TAGS)
def test_what_would_get_around_the_bounds_is_not_there(words: str) -> None:
    with pytest.raises(Broken):
        render(words)


@pytest.mark.parametrize("words", DEPTHS, ids=range(len(DEPTHS)))
def test_no_template_is_too_deep_or_too_long_to_be_refused(words: str) -> None:
    with pytest.raises(Broken):
        render(words)
    texts = {"email/t/subject.txt": "S", "email/t/body.html": words, "email/t/sample.yaml": "{}"}
    assert [fault for fault in faults(TemplateSet.from_texts(texts)) if not fault.is_warning]


def test_a_template_that_calls_itself_ends() -> None:
    with pytest.raises(RenderError):
        render("{% include 'email/t/body.html' %}")
    with pytest.raises(RenderError):
        render("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")


def test_a_long_message_is_cut_off_before_it_is_whole() -> None:
    with pytest.raises(TooMuch, match=str(MAX_BODY)):
        render("{% for x in range(600) %}" + "x" * 1000 + "{% endfor %}")
    with pytest.raises(TooMuch, match="1600"):
        render_sms(TemplateSet.from_texts({"sms/t/body.txt": "x" * 1601}), "t", {})


def test_data_is_escaped_and_never_a_template() -> None:
    assert render("{{ customer.bio }}") == "&lt;script&gt;alert(1)&lt;/script&gt;"
    facts = {"customer": {"first_name": "{{ 7 * 7 }}{% include 'x' %}"}}
    templates = TemplateSet.from_texts({"sms/t/body.txt": "{{ customer.first_name }}"})
    assert render_sms(templates, "t", facts).body == "{{ 7 * 7 }}{% include 'x' %}"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:x",
        "java\tscript:x",
        "\x01javascript:x",
        "vbscript:x",
        "data:text/html,x",
        "file:///x",
    ],
)
def test_no_data_makes_a_link_that_runs(link: str) -> None:
    templates = TemplateSet.from_texts(
        {"email/t/subject.txt": "S", "email/t/body.html": "<a href='{{ customer.site }}'>x</a>"}
    )
    with pytest.raises(Forbidden):
        render_email(templates, "t", {"customer": {"site": link}})


@pytest.mark.parametrize("link", ["https://a.example/?a:b", "mailto:a@b.example", "tel:+49", "/path", "#top", "?q=a:b"])
def test_ordinary_links_pass(link: str) -> None:
    templates = TemplateSet.from_texts(
        {"email/t/subject.txt": "S", "email/t/body.html": "<a href='{{ customer.site }}'>x</a>"}
    )
    assert link in render_email(templates, "t", {"customer": {"site": link}}).html


@pytest.mark.parametrize(
    "words",
    [
        "{{ customer }}",
        "{{ entry.lines }}",
        "{{ 1 / 0 }}",
        "{{ customer.first_name + 1 }}",
        "{{ customer.first_name|date }}",
    ],
)
def test_a_failure_names_its_place_and_none_of_the_data(words: str) -> None:
    with pytest.raises(Broken, match=r"email/t/body\.html fails with \w+Error") as failure:
        render(words)
    assert "Ada" not in str(failure.value)
    assert failure.value.__suppress_context__
