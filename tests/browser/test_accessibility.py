"""Every page: nothing for axe in any colours, nothing wider than a small phone, fit for paper (P15)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AxeResults
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from werkzeug.test import TestResponse

from paidsupport.testing import mount_of
from paidsupport.tickets.tables import Ticket
from tests.browser.conftest import Open, ask_axe, assert_fit_for_all, opening, serve
from tests.furnished import Furnished
from tests.people import Desk, sign_in
from tests.sites import site

pytestmark = [pytest.mark.browser, pytest.mark.row("P15")]


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

#: Buttons that touch each other or what is beside them, or almost.
TOUCHING = """() => {
  const boxes = [...document.querySelectorAll('.ps-button')]
    .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.closest('table, dialog'))
    .map(one => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width);
  const apart = (a, b) => Math.max(b.left - a.right, a.left - b.right, b.top - a.bottom, a.top - b.bottom);
  const beside = ([one, box]) => [one.previousElementSibling, one.nextElementSibling]
    .filter(other => other && !other.matches('.ps-button, .ps-sr, .ps-field') && other.textContent.trim()
      && [...other.getClientRects()].some(rect => rect.width && apart(box, rect) < 1))
    .map(other => `${one.textContent.trim()} | ${other.textContent.trim()}`);
  return boxes.flatMap(beside).concat(boxes.flatMap(([one, box], at) => boxes.slice(at + 1)
    .filter(([, other]) => apart(box, other) < 3.9)
    .map(([other]) => `${one.textContent.trim()} | ${other.textContent.trim()}`)));
}"""

#: Windows that can reach the one that they were opened from.
EXPOSED = "document.querySelector('[target=_blank]:not([rel~=noopener])')"

#: What paper has no use for, and words that are cut off on it. Ticks of a checklist are boxes on paper, too.
PRINTED = """() => {
  const seen = { visibilityProperty: true };
  const shown = one => one.checkVisibility(seen) && one.getBoundingClientRect().width > 1;
  const ours = [...document.querySelectorAll('.ps-root')];
  const among = what => ours.flatMap(one => [...one.querySelectorAll(what)]).filter(shown);
  const cut = one => getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1;
  const pressed = 'button:not(.ps-tick), input, select, textarea, .ps-button, .ps-bar, .ps-tabs, .ps-filter';
  const told = one => one.outerHTML.slice(0, 120);
  const folded = among('details').filter(one => {
    const first = one.querySelector(':scope > :not(summary) p');
    return first && !first.closest('form') && !shown(first) && first.textContent.trim();
  });
  return [
    ...among(pressed).map(told),
    ...among('td, th, p, h1, h2, a, dd').filter(cut).map(one => `cut: ${told(one)}`),
    ...folded.map(one => `folded: ${told(one)}`),
  ];
}"""

#: Lines that no eye follows back to their beginning.
LONG_LINES = """() => [...document.querySelectorAll('main :is(p, dd, li, textarea)')]
  .filter(one => one.innerText.length > 140 && !one.querySelector('p, dd, li')
    && one.getBoundingClientRect().width > 70 * parseFloat(getComputedStyle(one).fontSize))
  .map(one => one.outerHTML.slice(0, 120))"""


#: What colours depend on, by the name of the mode. A page comes in light colours, and is left in them.
MODES: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
    "light": {"forced_colors": "none"},
}
#: What axe looks at that depends on colours.
COLOURS = ["color-contrast", "link-in-text-block"]
#: What axe says of the colours of text, in the mode that the page is in. Of all text that looks the same, on
#: ground that looks the same, it is asked once for all pages; if it can't tell, three times.
COLOURED = """async ([mode, rules]) => {
  const tried = JSON.parse(localStorage.getItem(mode) ?? '{}');
  const fresh = new Map(), grounds = new Map([[null, '']]);
  const plain = 'rgba(0, 0, 0, 0),none,1,none,normal,static';
  const ground = one => {
    if (!grounds.has(one)) {
      const as = getComputedStyle(one), above = ground(one.parentElement);
      const own = [as.backgroundColor, as.backgroundImage, as.opacity, as.filter, as.mixBlendMode,
        as.position.replace('relative', 'static')].join();
      grounds.set(one, own === plain ? above : `${above}/${own}`);
    }
    return grounds.get(one);
  };
  const said = node => node.nodeType === 3 && node.data.trim();
  const shown = { visibilityProperty: true, opacityProperty: true };
  for (const one of document.body.querySelectorAll('*')) {
    const field = one.matches('input, select, textarea');
    if (!field && ![...one.childNodes].some(said)) continue;
    // what axe leaves out
    if (!one.checkVisibility(shown) || one.closest('.ps-sr, :disabled, [aria-disabled=true]')) continue;
    if (one.closest('label')?.control?.disabled) continue;
    const link = one.closest('a'), among = link && [...link.parentNode.childNodes].some(said);
    const as = getComputedStyle(one), size = parseFloat(as.fontSize), bold = as.fontWeight >= 700;
    const large = size >= 24 || bold && size > 18.6, letter = one.textContent.trim().length < 2;
    const around = among && getComputedStyle(link.parentNode).color;
    const marks = among && [as.textDecorationLine, as.borderBottom, as.fontWeight, as.fontStyle];
    const key = [ground(one), as.color, as.textShadow, large, letter, field, around, marks].join();
    if ((tried[key] ?? 0) < 3 && !fresh.has(key)) fresh.set(key, [one, link ?? one]);
  }
  if (!fresh.size) return { violations: [] };
  const options = { runOnly: rules, resultTypes: ['violations', 'passes'], elementRef: true, preload: false };
  const found = await axe.run({ include: [...fresh.values()].map(([, whole]) => whole) }, options);
  const passed = found.passes.find(rule => rule.id === rules[0])?.nodes ?? [];
  const good = new Set(passed.map(node => node.element));
  for (const [key, [one]] of fresh) tried[key] = good.has(one) ? 3 : (tried[key] ?? 0) + 1;
  localStorage.setItem(mode, JSON.stringify(tried));
  for (const rule of found.violations) for (const node of rule.nodes) delete node.element;
  return { ...found, passes: [], incomplete: [], inapplicable: [] };
}"""


@contextmanager
def mount_speaks(app: Flask, tags: str) -> Iterator[None]:
    """Let a desk speak these languages, also to the customers of all its tickets."""
    mount = mount_of(app)
    settings, last = mount.settings, tags.rpartition(",")[2]
    with app.app_context(), mount.database.writing() as session:
        session.execute(update(Ticket).values(language=last))
    object.__setattr__(settings, "languages", tags)  # frozen
    yield
    object.__setattr__(settings, "languages", "")


#: Where people see different things; the other pages are the same whoever is signed in.
DESK = "/support/desk/"
#: A start tag, what differs in it from thing to thing, and one that is more than a word or a link.
TAG = re.compile(r"<[a-z][^>]*>")
VALUE = re.compile(
    r"""(?<= href=)"[^"]*"|(?<= value=)"[^"]*"|(?<= title=)"[^"]*"|"[^"]*[/\d][^"]*"|'[^']*'?"""
)
HEAVY = re.compile(r"<(?:button|input|select|textarea|fieldset|form|details|table|th|dl|ul|ol|h\d)\b")
#: Parts of pages, which are whole pages where scripts are off.
PARTS = {f"paidsupport.{name}" for name in ("poll", "ticket_live", "customer_poll", "pay_poll", "commands")}
#: Parts of addresses that name nothing in particular.
ANYTHING: dict[str, object] = {"name": "1.9", "transition": "release", "reference": "1", "deed": "tell"}


@dataclass
class Walk:
    """What was found on every page, by the name of the page."""

    axe: dict[str, dict[str, str]]
    wide: list[tuple[str, str, int]]
    small: dict[int, dict[str, list[str]]]
    touching: list[tuple[str, int, list[str]]]
    exposed: list[str]
    printed: dict[str, list[str]]
    long: dict[str, list[str]]
    missing: list[str]


@pytest.fixture(scope="module")
def walk(browser: Browser, furnished: Furnished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Every page of a furnished desk, opened by a manager, and by a developer if theirs is another."""
    folder = tmp_path_factory.mktemp("walk")
    uri, paths = f"sqlite:///{furnished.place(folder)}", furnished.paths
    for app in site(uri, folder, prepare=False):
        furnished.desk(app)
        found = Walk({"light": {}, "dark": {}, "forced": {}}, [], {1280: {}, 390: {}}, [], [], {}, {}, [])
        for address in serve(app):
            with opening(browser) as start:
                # colours change at once: axe looks at them right after
                ada, mia = (start(address, name, reduced_motion="reduce") for name in ("ada", "mia"))
                apart = _other_for_developers(app, paths)
                # one after the other: who looks at the same ticket is told of it on the page
                for name in sorted(apart):
                    ada.goto(paths[name])
                    _read(ada, name, found)
                ada.close()
                for name, path in paths.items():
                    mia.goto(path)
                    if name not in apart:
                        _read(mia, name, found)
                    _measure(mia, name, found)
                with mount_speaks(app, "en,ar-XB"):
                    right = start(address, "mia", extra_http_headers={"Accept-Language": "ar-XB"})
                    _from_right_to_left(right, paths, found)
        found.missing.extend(_not_walked(app, paths.values()))
        yield found


def _not_walked(app: Flask, paths: Iterable[str]) -> list[str]:
    """Addresses of the map that answer with a page of their own, which is none of these."""
    adapter = app.url_map.bind("localhost")
    asked = [adapter.match(urlsplit(path).path, method="GET") for path in paths]
    seen = {endpoint for endpoint, _ in asked} | PARTS
    values = [dict(given) for _, given in asked]
    mia, found = sign_in(app, "mia"), []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in seen or "GET" not in (rule.methods or ()) or "filename" in rule.arguments:
            continue
        # what is about a ticket is asked for each ticket, and so on
        given_all = [{**ANYTHING, **given} for given in values if rule.arguments <= given.keys() | ANYTHING]
        built = (adapter.build(rule.endpoint, each, append_unknown=False) for each in given_all)
        for address in dict.fromkeys(built):
            answer = mia.get(address)
            if answer.status_code == HTTPStatus.OK and b"<html" in answer.data:
                found.append(rule.rule)
                break
    return found


def _other_for_developers(app: Flask, paths: dict[str, str]) -> set[str]:
    """The names of pages on which a developer may read or do something that a manager may not."""
    seen: dict[str, dict[str, set[str]]] = {}
    for who in ("ada", "mia"):
        person = sign_in(app, who)
        answers = {name: person.get(path) for name, path in paths.items() if path.startswith(DESK)}
        seen[who] = {name: _parts(answer) for name, answer in answers.items()}
    everywhere = set().union(*seen["mia"].values())
    apart = {name: parts - seen["mia"][name] for name, parts in seen["ada"].items()}
    return {name for name, parts in apart.items() if parts - everywhere or any(map(HEAVY.match, parts))}


def _parts(answer: TestResponse) -> set[str]:
    """The start tags of a page, without what leads to one thing or names it; nothing if there is no page."""
    if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN}:
        return set()
    return {VALUE.sub("", tag) for tag in TAG.findall(answer.text)}


def _read(page: Page, name: str, found: Walk) -> None:
    """Let axe look at a page in all modes, and see that it fits on a phone."""
    page.set_viewport_size({"width": 320, "height": 640})
    _look_at_width(page, name, "ltr", found)
    page.set_viewport_size({"width": 1280, "height": 720})
    results = ask_axe(page, rules={rule: {"enabled": False} for rule in COLOURS})
    _report(name, results, found.axe["light"])
    for mode, media in MODES.items():
        page.emulate_media(**media)
        results = AxeResults(page.evaluate(COLOURED, [mode, COLOURS]))
        _report(name, results, found.axe[mode])


def _report(name: str, results: AxeResults, reports: dict[str, str]) -> None:
    if results.violations_count:
        reports[name] = reports.get(name, "") + results.generate_report()


def _from_right_to_left(page: Page, paths: dict[str, str], found: Walk) -> None:
    """In a language of tests, whose texts are a third longer too."""
    page.set_viewport_size({"width": 320, "height": 640})
    for name, path in paths.items():
        if path.startswith("/support"):  # pages of the site speak its own language
            page.goto(path)
            _look_at_width(page, name, "rtl", found)


def _look_at_width(page: Page, name: str, direction: str, found: Walk) -> None:
    shown, width = page.evaluate(
        "[getComputedStyle(document.querySelector('.ps-root:not(html)') ?? document.body).direction,"
        " document.documentElement.scrollWidth]"
    )
    if width > 320 or shown != direction:
        found.wide.append((name, shown, width))


def _measure(page: Page, name: str, found: Walk) -> None:
    """See what is too small, too close or too long, on screens and on paper."""
    for width, small in found.small.items():
        page.set_viewport_size({"width": width, "height": 720})
        targets, pairs, exposed = page.evaluate(f"[({SMALL})(), ({TOUCHING})(), !!{EXPOSED}]")
        if targets:
            small[name] = targets
        if pairs:
            found.touching.append((name, width, pairs))
        if exposed:
            found.exposed.append(name)
    page.set_viewport_size({"width": 3840, "height": 720})
    if lines := page.evaluate(LONG_LINES):
        found.long[name] = lines
    page.set_viewport_size({"width": 794, "height": 1123})  # a sheet of A4
    page.emulate_media(media="print")
    if printed := page.evaluate(PRINTED):
        found.printed[name] = printed
    page.emulate_media(media="screen")


@pytest.mark.parametrize("scheme", ["light", "dark", "forced"])
def test_axe_finds_nothing_on_any_page(walk: Walk, scheme: str) -> None:
    """Names, roles, contrast, order of headings: on every page; what depends on colours in all of them."""
    reports = walk.axe[scheme]
    assert not reports, "\n".join(f"{name}: {report}" for name, report in reports.items())


def test_no_page_is_wider_than_a_small_phone(walk: Walk) -> None:
    """At 320 pixels nothing is cut off and nobody scrolls sideways, also from right to left."""
    assert not walk.wide


@pytest.mark.parametrize("width", [390, 1280])
def test_every_target_can_be_hit(walk: Walk, width: int) -> None:
    """Targets are 24 pixels high and wide, and buttons never touch; new windows cannot reach the old one."""
    small = walk.small[width]
    assert not walk.touching
    assert not small, "\n".join(f"{name}: {each}" for name, each in small.items())
    assert walk.exposed == []


def test_the_walk_comes_by_every_page(walk: Walk) -> None:
    """A page that is new is added to `furnish`, or the walk has not seen it."""
    assert walk.missing == []


def test_paper_has_the_text_and_nothing_to_press(walk: Walk) -> None:
    """The bar, filters, fields and buttons are left out, and no word is cut off or folded away."""
    assert not walk.printed, "\n".join(f"{name}: {each}" for name, each in walk.printed.items())


def test_no_line_is_too_long_on_a_large_screen(walk: Walk) -> None:
    """At 3840 pixels a text is as wide as it can be read."""
    assert not walk.long, "\n".join(f"{name}: {each}" for name, each in walk.long.items())


def test_errors_of_a_form_are_found_from_its_top(lite_desk: Desk, lite_live: str, open_browser: Open) -> None:
    """An empty order is refused with a summary whose links lead to the fields; axe agrees."""
    page = open_browser(lite_live)
    page.goto("/support/order/installation")
    page.locator("main form").get_by_role("button").last.click()
    summary = page.get_by_role("alert").first
    expect(summary).to_be_visible()
    links = summary.get_by_role("link").all()
    assert len(links) >= 5
    for link in links:
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{target}']").count() == 1, target
    assert_fit_for_all(page)
