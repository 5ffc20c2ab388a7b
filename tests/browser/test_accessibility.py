"""Every page: nothing for axe to find, light and dark; nothing wider than a small phone (P15)."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Open
from tests.browser.every_page import furnish
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P15")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    lite_desk: Desk, lite_live: str, open_browser: Open, scheme: Literal["light", "dark"]
) -> None:
    """Names, roles, contrast, order of headings: on every page, in both colour schemes."""
    paths = furnish(lite_desk)
    page = open_browser(lite_live, "ada", color_scheme=scheme)
    found = {}
    for name, path in paths.items():
        page.goto(path)
        results = Axe().run(page)
        if results.violations_count:
            found[name] = results.generate_report()
    assert not found, "\n".join(f"{name}: {report}" for name, report in found.items())


def test_no_page_is_wider_than_a_small_phone(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """At 320 pixels nothing is cut off and nobody scrolls sideways, also from right to left."""
    paths = furnish(lite_desk)
    page = open_browser(lite_live, "ada", viewport={"width": 320, "height": 640})
    wide = []
    for name, path in paths.items():
        page.goto(path)
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => { document.documentElement.dir = direction }", direction)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 320:
                wide.append((name, direction, width))
    assert not wide


def test_errors_of_a_form_are_found_from_its_top(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """An empty order is refused with a summary whose links lead to the fields; axe agrees."""
    page = open_browser(lite_live)
    page.goto("/support/order/installation")
    page.locator("main form").get_by_role("button").last.click()
    summary = page.get_by_role("alert").first
    assert summary.is_visible()
    links = summary.get_by_role("link").all()
    assert len(links) >= 5
    for link in links:
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{target}']").count() == 1, target
    assert Axe().run(page).violations_count == 0


#: Links and buttons of less than 24 CSS pixels, but for links within a sentence (WCAG 2.5.8).
SMALL = """() => {
  const shown = { visibilityProperty: true, opacityProperty: true };
  const text = node => node.nodeType === 3 ? node.data.trim().length > 1
    : getComputedStyle(node).display.startsWith('inline') && node.textContent.trim();
  const around = 'p, li, td, th, dd, dt, figcaption, h1, h2, h3, label, div';
  const inline = one => one.matches('a') && getComputedStyle(one).display === 'inline'
    && [...one.closest(around).childNodes].some(node => !node.contains(one) && text(node));
  return [...document.querySelectorAll('a[href], button, summary, select, input:not([type=hidden])')]
    .filter(one => one.checkVisibility(shown) && !one.closest('.ps-sr, .ps-skip') && !inline(one))
    .filter(one => {
      const label = one.matches('[type=checkbox], [type=radio]') && one.labels[0];
      const box = (label || one).getBoundingClientRect();
      return box.width && (box.width < 23.9 || box.height < 23.9);
    })
    .map(one => one.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_every_target_can_be_hit(lite_desk: Desk, lite_live: str, open_browser: Open, width: int) -> None:
    """Targets are 24 pixels high and wide; what opens in a new window cannot reach the old one."""
    paths = furnish(lite_desk)
    page = open_browser(lite_live, "mia", viewport={"width": width, "height": 800})
    found = {}
    for name, path in paths.items():
        page.goto(path)
        if small := page.evaluate(SMALL):
            found[name] = small
        assert page.locator("[target=_blank]:not([rel~=noopener])").count() == 0, name
    assert not found, "\n".join(f"{name}: {each}" for name, each in found.items())
