"""The pictures of the documentation: the main pages, light and dark, desktop and phone.

`make screenshots` renews them; without `--screenshots` only the pages are looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.browser.conftest import Open
from tests.browser.every_page import furnish
from tests.people import Desk

pytestmark = [pytest.mark.browser, pytest.mark.row("P15")]

MAIN_PAGES = {
    "order": "order",
    "customer": "private page",
    "queue": "queue pending",
    "ticket": "ticket",
    "first-contact": "first contact",
    "work": "work",
    "decide": "decide about consent",
    "move": "abandon",
}
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 800}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_main_pages_have_their_pictures(  # a picture has many sides
    lite_desk: Desk,
    lite_live: str,
    open_browser: Open,
    pytestconfig: pytest.Config,
    tmp_path: Path,
    scheme: Literal["light", "dark"],
    size: str,
) -> None:
    """Each is drawn in both colour schemes, on a desktop and on a phone."""
    paths = furnish(lite_desk)
    folder: Path = pytestconfig.getoption("--screenshots") or tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    page = open_browser(lite_live, "ada", color_scheme=scheme, viewport=SIZES[size])
    for name, path_name in MAIN_PAGES.items():
        answer = page.goto(paths[path_name])
        assert answer is not None
        assert answer.ok
        picture = folder / f"{name}-{size}-{scheme}.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size > 5000
