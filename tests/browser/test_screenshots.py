"""The pictures of the documentation: the main pages of the demo, light and dark, desktop and phone.

`make screenshots` renews them; without `--screenshots` each page is tried in each size and scheme once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from paidsupport.demo import content
from paidsupport.testing import take_over, work
from paidsupport.tickets.tables import Ticket
from tests.browser.conftest import Open
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P15")]

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 800}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
#: What is tried if no picture is kept: drawing them takes most of the time.
TRIED = {("desktop", "light"), ("phone", "dark")}
#: Bytes of a picture: less is an empty page, more is too much for a page of documentation.
LEAST, MOST = 5_000, 200_000


def main_pages(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """The name of each picture, who sees the page, and where it is."""
    with desk.ctx() as ctx:
        codes = {row.customer_name: row.code for row in ctx.session.scalars(select(Ticket))}
    tickets = "/support/desk/tickets"
    asked = desk.decided(codes["Chidi Okafor"])[-1].reference
    yield "order", "", "/support/order/upgrade"
    yield "customer", "", f"/support/t/{desk.token(codes['Petra Novák'])}"
    yield "decide", "", f"/support/t/{desk.token(codes['Chidi Okafor'])}/decide/{asked}"
    yield "queue", "ada", "/support/desk/?part=pending"
    yield "ticket", "ada", f"{tickets}/{codes['Noor Haddad']}"
    yield "work", "ada", f"{tickets}/{codes['Chidi Okafor']}#checklist"
    yield "move", "ada", f"{tickets}/{codes['Noor Haddad']}/moves/abandon"
    yield "first-contact", "ben", f"{tickets}/{codes['Fatou Ndiaye']}/write"
    yield "sales", "mia", "/support/desk/sales"
    yield "overview", "mia", "/support/desk/overview"


def test_the_main_pages_have_their_pictures(
    lite_app: Flask, lite_live: str, open_browser: Open, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """Each is drawn on a desktop and on a phone, in both colour schemes."""
    desk = Desk(lite_app, *take_over(lite_app))
    with lite_app.app_context():
        content.prepare()
    work(lite_app)
    kept: Path | None = pytestconfig.getoption("--screenshots")
    folder = kept or tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    people: dict[str, Page] = {}
    for name, who, path in main_pages(desk):
        page = people.get(who) or people.setdefault(
            who, open_browser(lite_live, who, reduced_motion="reduce")
        )
        address, _, place = path.partition("#")
        answer = page.goto(address)
        assert answer is not None
        assert answer.ok, name
        for size, window in SIZES.items():
            page.set_viewport_size(window)  # type: ignore[arg-type]
            page.evaluate("place => document.getElementById(place)?.scrollIntoView()", place)
            for scheme in SCHEMES:
                if not kept and (size, scheme) not in TRIED:
                    continue
                page.emulate_media(color_scheme=scheme)
                picture = folder / f"{name}-{size}-{scheme}.png"
                page.screenshot(path=picture)
                assert LEAST < picture.stat().st_size < MOST, picture.name
