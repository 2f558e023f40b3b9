"""The pages in a real browser without JavaScript: used by keyboard and label, as people do who see little."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api.serving import listen, serving
from tests.api.business import Business, path_of

CHROMIUM = Path("/usr/bin/chromium")
LOOKS = [("light", 1000, 900), ("dark", 1000, 900), ("light", 360, 780)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium; skips, and says so, where it is not there."""
    if not CHROMIUM.exists():
        pytest.skip(f"NOT TESTED IN A BROWSER: there is no {CHROMIUM} (apt-get install chromium; .ci/run does)")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def site(business: Business) -> Iterator[str]:
    """Where the business answers."""
    with answering(business.app) as url:
        yield url


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window, by day, by night, and on a telephone."""
    look, width, height = request.param
    context = browser.new_context(
        java_script_enabled=False, color_scheme=look, viewport={"width": width, "height": height}
    )
    yield context.new_page()
    context.close()


@contextmanager
def answering(app: FastAPI) -> Iterator[str]:
    """The application on a port of 127.0.0.1, in a thread of its own."""
    listening, loop, ended, begun = listen("127.0.0.1", 0), asyncio.new_event_loop(), asyncio.Event(), threading.Event()

    async def serve() -> None:
        async with serving(app, listening):
            begun.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    begun.wait()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()
        listening.close()


def test_she_unsubscribes_with_one_button(business: Business, site: str, page: Page, tmp_path: Path) -> None:
    page.goto(site + path_of(business.links.unsubscribe(business.message())))
    page.screenshot(path=tmp_path / "unsubscribe.png")
    assert sound(page) == []
    assert "a…@customers.example" in page.get_by_role("main").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "no more e-mail" in page.get_by_role("status").inner_text()
    assert "You are unsubscribed" in page.title()
    page.screenshot(path=tmp_path / "unsubscribed.png")
    assert sound(page) == []
    business.settle("ada")
    assert business.reasons() == ["no_permission", None, "no_permission"]
    page.get_by_role("link", name="Choose what you want to hear about").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)


def test_she_chooses_by_topic_and_channel(business: Business, site: str, page: Page, tmp_path: Path) -> None:
    page.goto(site + path_of(business.links.preferences(business.message())))
    email = page.get_by_role("group", name=re.compile("^E-mail to"))
    page.screenshot(path=tmp_path / "preferences.png", full_page=True)
    assert sound(page) == []
    assert email.get_by_label("Offers").is_checked()
    assert described(page, "Offers") == "Prices and <what> is left"
    email.get_by_text("Offers", exact=True).click()  # the words are the box's as well
    page.get_by_role("button", name="Save my choices").press("Enter")
    assert "Saved" in page.get_by_role("status").inner_text()
    page.screenshot(path=tmp_path / "saved.png", full_page=True)
    assert not email.get_by_label("Offers").is_checked()
    assert email.get_by_label("Product tips").is_checked()
    business.settle("ada")
    assert business.reasons() == ["no_permission", None, None]


def test_she_ends_everything_with_one_button(business: Business, site: str, page: Page) -> None:
    page.goto(site + path_of(business.links.preferences(business.message())))
    page.get_by_role("button", name="Unsubscribe from everything").click()
    assert "nothing more" in page.get_by_role("status").inner_text()
    assert page.get_by_role("checkbox", checked=True).count() == 0
    business.settle("ada")
    assert set(business.reasons()) == {"no_permission"}


def test_she_confirms_with_one_button(business: Business, site: str, page: Page, tmp_path: Path) -> None:
    page.goto(site + path_of(business.links.preferences(business.message())))
    page.get_by_role("button", name="Unsubscribe from everything").click()
    page.goto(site + path_of(business.links.confirm(business.message())))
    page.screenshot(path=tmp_path / "confirm.png")
    assert sound(page) == []
    page.get_by_role("button", name="Yes, please").click()
    expect(page).to_have_title(re.compile("settled"))  # a click does not wait for the page it leads to
    assert sound(page) == []


def test_a_link_that_was_cut_off_says_so(business: Business, site: str, page: Page, tmp_path: Path) -> None:
    page.goto(site + path_of(business.links.preferences(business.message()))[:-3])
    page.screenshot(path=tmp_path / "unknown.png")
    assert "does not work" in page.title()
    assert sound(page) == []


def described(page: Page, label: str) -> str:
    """What is read out behind a box's own words."""
    described_by = page.get_by_label(label).first.get_attribute("aria-describedby")
    return page.locator(f"#{described_by}").inner_text()


def sound(page: Page) -> list[str]:
    """What a page lacks for people who see little or use no mouse; nothing is well."""
    faults = [] if page.locator("html").get_attribute("lang") == "en" else ["no language"]
    faults += [] if page.get_by_role("main").count() == 1 else ["no main part"]
    faults += [] if page.get_by_role("heading", level=1).count() == 1 else ["not one heading"]
    for box in page.get_by_role("checkbox").all():
        if page.locator(f"label[for='{box.get_attribute('id')}']").count() != 1:
            faults.append("a box without a label")
    for button in page.get_by_role("button").all():
        bounds = button.bounding_box()
        if bounds is None or bounds["height"] < 44:
            faults.append(f"{button.inner_text()}: too small to be hit")
    overflow, width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    faults += [f"wider than the window: {overflow}"] if overflow > width else []
    return faults + [f"{words!r}: contrast {ratio:.1f}" for words, ratio in contrasts(page) if ratio < 4.5]


def contrasts(page: Page) -> list[tuple[str, float]]:
    """The contrast of every element that has words of its own, as WCAG 2.2 reckons it (1.4.3: at least 4.5)."""
    found = page.evaluate("""() => {
        const ground = e => { const c = getComputedStyle(e).backgroundColor
            return c === 'rgba(0, 0, 0, 0)' && e.parentElement ? ground(e.parentElement) : c }
        return [...document.body.querySelectorAll('*')]
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
            .map(e => [e.innerText, getComputedStyle(e).color, ground(e)]) }""")
    return [(words, contrast(luminance(ink), luminance(paper))) for words, ink, paper in found]


def luminance(color: str) -> float:
    """Of `rgb(r, g, b)`, between 0 and 1."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """Between 1 and 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_the_reckoning_of_contrast_finds_what_is_too_faint() -> None:
    assert round(contrast(luminance("rgb(0, 0, 0)"), luminance("rgb(255, 255, 255)"))) == 21
    assert contrast(luminance("rgb(150, 150, 150)"), luminance("rgb(255, 255, 255)")) < 4.5
