"""The demonstration site behind a real server, and people with browsers of their own."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from werkzeug.serving import make_server

from paidsupport.testing import mount_of
from tests.people import Desk, field

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: Milliseconds for a page to come or to change. A site compiles its first pages, and the machine may be busy.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
#: Where the servers of the tests have axe: a browser that has it by an address compiles it once.
AXE = "/axe.js"
#: What people choose for their screen; a page is left in the last of them.
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
#: Unless it is told not to, axe tells at length what is right as well, and fetches all styles again.
_QUIETLY = {"resultTypes": ["violations"], "preload": False}


@pytest.fixture
def app(lite_app: Flask) -> Flask:
    """The demonstration site on SQLite: what a browser does is the same on any database."""
    return lite_app


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The address of `app` on a threaded server, whose pages ask soon for what is new."""
    object.__setattr__(mount_of(app).settings, "poll_seconds", 1)  # frozen
    yield from serve(app)


@pytest.fixture
def lite_live(live: str) -> str:
    """The address of `lite_app`, which is `app` here."""
    return live


def serve(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve `app` in a thread, as long as the test needs it; at a port that is free, or at this one."""
    # else each page asks again for every script and style, which takes longer than the page
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    server = make_server("127.0.0.1", port, _with_axe(app), threaded=True)
    # a poll that is still answered would keep its connection beyond the end of the database
    server.daemon_threads = False  # type: ignore[attr-defined]  # of a threaded server
    # it looks so often whether it is to stop: each test waits for that
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _with_axe(app: Flask) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    script = AXE_SCRIPT.encode()
    headers = [("Content-Type", "text/javascript"), ("Cache-Control", "max-age=3600")]

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != AXE:
            return app(environ, start_response)
        start_response("200 OK", [*headers, ("Content-Length", str(len(script)))])
        return [script]

    return answer


#: The first page of staff.
QUEUE = "/support/desk/"
#: Opens a browser for a member of staff, or for a customer if no name is given: `at` a page, or at none yet.
Open = Callable[..., Page]


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Open]:
    """Browsers that share nothing; errors of scripts and of the console fail the test."""
    with opening(browser) as start:
        yield start


@contextmanager
def opening(browser: Browser) -> Iterator[Open]:
    """Browsers that share nothing; errors of scripts and of the console fail the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def start(base_url: str, name: str = "", at: str = "", **options: object) -> Page:
        context = browser.new_context(base_url=base_url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if _is_problem(said.text) else None)
        if name:
            _sign_in(context, name)
        if at:
            page.goto(at)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not problems, problems


def _sign_in(context: BrowserContext, name: str) -> None:
    """As the form does it, without drawing it."""
    token = field(context.request.get("/login").text(), "csrf_token")
    sent: dict[str, str | float | bool] = {
        "email": f"{name}@example.org",
        "password": "demo",
        "csrf_token": token,
    }
    answer = context.request.post("/login", form=sent, max_redirects=0)
    assert answer.status == HTTPStatus.SEE_OTHER, answer.text()


def _is_problem(text: str) -> bool:
    """Violations of the content security policy, and exceptions; refused forms are no problem."""
    return "Content Security Policy" in text or "Uncaught" in text


def press(page: Page, key: str) -> None:
    """Press a key once the page listens to keys."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def send(button: Locator) -> None:
    """Press the button of a form, and wait for the page that answers: before, nothing has been done yet."""
    with button.page.expect_navigation():
        button.click()


def bring_axe(page: Page) -> None:
    """Let a page have axe, if it lacks it."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(url=AXE)


def ask_axe(page: Page, **options: object) -> AxeResults:
    """What axe finds on a page, by its own rules or by these."""
    bring_axe(page)
    found: dict[str, Any] = page.evaluate("options => axe.run(options)", _QUIETLY | options)
    return AxeResults(found)


def assert_fit_for_all(page: Page, where: str = "") -> None:
    """Axe finds nothing, and nothing is wider than the window.

    After a click, first wait for what it shows: axe cannot look at a page that is being replaced.
    """
    page.wait_for_load_state()
    found = ask_axe(page)
    assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where


def assert_fit_in_all_colours(page: Page, where: str = "") -> None:
    """The same on light and on dark ground; for a browser that was opened with `reduced_motion`."""
    for look in SCHEMES:
        page.emulate_media(color_scheme=look)
        assert_fit_for_all(page, f"{where}: {look}")


def private_link(desk: Desk) -> str:
    """The path of the customer's page, from the last mail to a customer."""
    for mail in reversed(desk.transport.sent):
        body = mail.get_body(("plain",))
        assert body is not None
        if found := re.search(r"https?://[^/\s]+(/support/t/\S+)", body.get_content()):
            return found[1]
    raise AssertionError("no mail holds a private link")
