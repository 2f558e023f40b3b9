"""Links: held to their schemes, led through short addresses, and told where they were clicked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.compiling.faults import Broken
from channels.compiling.links import hold
from channels.facts import Forbidden, RenderError
from channels.rendering import SAMPLE_FACTS, RenderedEmail, render_email, render_sms
from channels.templates import TemplateSet
from channels.tracking import Tracking, with_utm

LINKS = SAMPLE_FACTS["links"]
FACTS: dict[str, Any] = {
    **SAMPLE_FACTS,
    "entry": {"url": "https://a.example/?x=1&y=2", "id": 7, "words": '" onload="x'},
}
TOLD = Tracking((("source", "acme"), ("medium", "email")), lambda url: f"<{url}>", tuple(LINKS.values()))
UTM = "utm_source=acme&utm_medium=email"


def led(html: str = "", text: str = "", tracking: Tracking = TOLD, **facts: object) -> RenderedEmail:
    files = {"email/t/subject.txt": "S", "email/t/body.html": html, "email/t/body.txt": text}
    templates = TemplateSet.from_texts({path: words for path, words in files.items() if words})
    return render_email(templates, "t", {**FACTS, **facts}, tracking)


@pytest.mark.parametrize(
    "link", ["https://a.example/p", "http://a.example", "https://{{ entry.id }}/x", "{{ entry.url }}"]
)
@pytest.mark.parametrize(
    "tag", ['<a href="{}">', "<a class=x href = '{}'>", "<AREA\nHREF='{}'>", "<!--[if mso]><v:rect href='{}'/>"]
)
def test_every_link_of_the_web_is_led_whether_its_author_or_a_fact_says_it(link: str, tag: str) -> None:
    assert led(tag.format(link), tracking=Tracking(short=lambda _: "SHORT")).html == tag.format("SHORT")


def test_an_address_is_read_from_html_and_written_into_it_again() -> None:
    assert (
        led('<a href="https://a.example/?x=1&amp;y=2">').html
        == f'<a href="&lt;https://a.example/?x=1&amp;y=2&amp;{UTM.replace("&", "&amp;")}&gt;">'
    )
    assert led('<a href="{{ entry.url }}">').html == led('<a href="https://a.example/?x=1&amp;y=2">').html
    assert led("<a href=https://a.example>").html == f'<a href="&lt;https://a.example?{UTM.replace("&", "&amp;")}&gt;">'


def test_without_tracking_nothing_changes() -> None:
    html = "<a href='https://a.example/?a=1&b=2'>x</a><a href='{{ links.unsubscribe }}'>y</a>\n"
    written = led(html, "https://a.example/?a=1&b=2", Tracking())
    assert written.html == html.replace("{{ links.unsubscribe }}", LINKS["unsubscribe"]).rstrip("\n")
    assert written.text == "https://a.example/?a=1&b=2"


def test_the_ways_out_are_never_led_nor_told() -> None:
    for link in LINKS.values():
        written = led(f"<a href='{link}'><a href='{{{{ links.unsubscribe }}}}?x=1'>", f"{link}?x=1 {link}.")
        assert written.html == f"<a href='{link}'><a href='{LINKS['unsubscribe']}?x=1'>"
        assert written.text == f"{link}?x=1 {link}."


def test_a_link_that_its_author_keeps_stays_in_both_bodies() -> None:
    written = led("<a data-notrack href='{{ entry.url }}'>x</a>", f"{FACTS['entry']['url']} https://b.example")
    assert written.html == "<a data-notrack href='https://a.example/?x=1&amp;y=2'>x</a>"
    assert written.text == f"{FACTS['entry']['url']} <https://b.example?{UTM}>"


def test_what_no_click_follows_stays() -> None:
    html = (
        "<img src='https://a.example/i.png'><link href='https://a.example'><a href='mailto:a@b.example'><a href='#x'>"
    )
    assert led(html).html == html


def test_a_text_that_is_made_of_the_page_is_led_once() -> None:
    written = led("<a href='https://a.example'>x</a> <a data-notrack href='https://b.example'>y</a>")
    assert written.text == f"x (<https://a.example?{UTM}>) y (https://b.example)\n"


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ("See https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("https://a.example/x?!", "https://a.example/x"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("[https://a.example/x], more", "https://a.example/x"),
    ],
)
def test_a_link_in_a_text_ends_where_its_sentence_goes_on(words: str, link: str) -> None:
    assert led(text=words, tracking=Tracking(short=lambda _: "SHORT")).text == words.replace(link, "SHORT")


def test_links_of_text_messages_are_led_too() -> None:
    templates = TemplateSet.from_texts({"sms/t/body.txt": "Go: https://a.example/x. Stop: {{ links.unsubscribe }}"})
    body = render_sms(
        templates, "t", FACTS, Tracking(short=lambda _: "https://s.example/1", spared=tuple(LINKS.values()))
    ).body
    assert body == f"Go: https://s.example/1. Stop: {LINKS['unsubscribe']}"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://a.example", f"https://a.example?{UTM}"),
        ("https://a.example/?", f"https://a.example/?{UTM}"),
        ("https://a.example/?a=%20&b", f"https://a.example/?a=%20&b&{UTM}"),
        ("https://a.example/#top", f"https://a.example/?{UTM}#top"),
        ("https://a.example/?utm_source=own", "https://a.example/?utm_source=own&utm_medium=email"),
        ("https://a.example/?UTM_SOURCE=&utm_medium=x#y", "https://a.example/?UTM_SOURCE=&utm_medium=x#y"),
    ],
)
def test_a_word_of_utm_is_added_and_never_overwrites(address: str, told: str) -> None:
    assert with_utm(address, TOLD.utm) == told
    assert with_utm(told, TOLD.utm) == told
    assert with_utm(address, ()) == address


@given(st.text(alphabet="abc?&=#/%_utm.source", max_size=40))
def test_utm_changes_nothing_else_of_an_address(rest: str) -> None:
    told = with_utm(f"https://a.example/{rest}", (("source", "a b&c"),))
    assert told.replace("utm_source=a+b%26c", "", 1).replace("?#", "#").rstrip("?&").replace("&#", "#") in (
        f"https://a.example/{rest}".replace("?#", "#").rstrip("?&").replace("&#", "#"),
    )


OPEN_DOORS = [
    "<a href={{ entry.url }}>",
    "<a {{ entry.words }}>",
    "<p {% include 'email/attributes.html' %}>",
    "<a {% block x %}href='{{ entry.url }}'{% endblock %}>",
    "<a href='{{ entry.url }}",
    "<a href='x {{ entry.words }}>",
    "{% if entry.id %}<a href='{% endif %}{{ entry.url }}'>",
    "<a href='{% if entry.id %}x'>{% else %}'>{% endif %}",
    "{% macro m() %}<a href='{% endmacro %}{{ m() }}{{ entry.words }}'>",
    "{% include 'email/attributes.txt' %}",
    "{% import 'email/attributes.txt' as m %}{{ m.x() }}",
    "<{{ entry.words }}>",
    "<p{{ entry.words }}>",
    "</{{ entry.words }}>",
    "<{% if entry.id %}b{% else %}i{% endif %}>",
]


@pytest.mark.parametrize("words", OPEN_DOORS)
def test_no_value_stands_where_it_could_become_html(words: str) -> None:
    shared = {"email/attributes.html": "x={{ entry.words }}", "email/attributes.txt": "{{ entry.words }}"}
    templates = TemplateSet.from_texts({"email/t/subject.txt": "S", "email/t/body.html": words, **shared})
    with pytest.raises(Broken):
        render_email(templates, "t", FACTS)


def test_a_branch_within_a_tag_is_no_open_door() -> None:
    title = "{% if entry.id > 3 %}title='a > b'{% else %}rel='x'{% endif %}"
    html = f"<a {title} href='{{% if entry.id %}}{{{{ entry.url }}}}{{% endif %}}'>"
    assert led(html, tracking=Tracking()).html == "<a title='a > b' href='https://a.example/?x=1&amp;y=2'>"


@pytest.mark.parametrize("url", ["\x02", "\x03", "\x02f\x03", "https://a.example/\x03x"])
def test_data_cannot_forge_the_mark_of_a_link(url: str) -> None:
    html = "<a href='{{ entry.url }}'>{{ entry.url }}</a>"
    assert led(html, tracking=Tracking(), entry={"url": url}).html == f"<a href='{url}'>{url}</a>"


def test_a_link_within_a_link_is_refused() -> None:
    html = "{% macro m() %}<a href='{{ entry.url }}'>{% endmacro %}<a href='{{ m() }}'>"
    with pytest.raises(RenderError):
        led(html)


@pytest.mark.parametrize("address", ["javascript:x", "&#106;avascript:x", "data:text/html,x", "vbscript:x"])
def test_a_link_that_runs_is_refused_in_the_source_too(address: str) -> None:
    for html in (
        f"<a href='{address}'>",
        f"<img src={address}>",
        f"<!--[if mso]><v:rect href='{address}'><![endif]-->",
    ):
        with pytest.raises(Forbidden):
            led(html)


@given(st.text())
def test_no_address_is_let_through_that_a_browser_takes_for_a_script(words: str) -> None:
    noise = "".join(sign for sign in words if ord(sign) <= 32)
    with pytest.raises(Forbidden):
        hold(f"{noise}java\tscr\nipt{noise}:{words}")


def test_an_address_that_ends_in_very_many_brackets_is_read_once() -> None:
    written = Tracking(short=lambda _: "SHORT").text("http://a.example/(x)" + ")" * 3_000_000)
    assert written == "SHORT" + ")" * 3_000_000
