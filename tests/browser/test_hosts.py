"""The desk inside other sites, in a real browser: policies hold, their look and our scripts survive."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import expect

from tests.browser.conftest import Open, serve
from tests.hosts.cases import PORTAL, SHOP, Case, engines
from tests.hosts.visits import open_desk, run

pytestmark = [pytest.mark.browser, pytest.mark.row("P1")]

STRICT = (
    "default-src 'none'; script-src {self} 'nonce-{{nonce}}' 'strict-dynamic'; style-src 'self';"
    " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
#: A layout as many sites have it.
INLINE = """<!doctype html><html lang="en"><head><title>{% block title %}{% endblock %}</title>
<style>
body { background: rgb(1, 2, 3) }
</style>
<script>window.theirs = "{{ request.path }}"</script></head>
<body><p id="styled" style="color: rgb(4, 5, 6)">The shop</p>
<button id="pressed" type="button" onclick="this.textContent = 'pressed'">Press</button>
<main>{% block content %}{% endblock %}</main></body></html>"""


@contextmanager
def mounted(case: Case, folder: Path, config: dict[str, object], layout: str = "") -> Iterator[str]:
    """The address of a host with an open desk; `layout` is the text of its layout, if it has another one."""
    app = case.make(f"sqlite:///{folder / 'host.sqlite3'}", folder, config)
    if layout:
        app.jinja_loader = ChoiceLoader([DictLoader({"other.html": layout}), app.jinja_loader])  # type: ignore[list-item]
    run(app, *case.upgrade)
    run(app, "paidsupport", "db", "upgrade")
    open_desk(app)
    try:
        yield from serve(app)
    finally:
        for engine in engines(app):
            engine.dispose()


@pytest.mark.parametrize("beside", ["", "'self'"], ids=["nonce", "self and nonce"])
def test_scripts_run_by_the_nonce_of_the_host(tmp_path: Path, open_browser: Open, beside: str) -> None:
    """Under `strict-dynamic`, where 'self' counts for nothing, htmx and our scripts run, after a form too."""
    policy = STRICT.format(self=beside)
    with mounted(PORTAL, tmp_path, {"PORTAL_CSP": policy}) as address:
        page = open_browser(address)
        for path in ("/", "/order/installation", "/verify"):
            page.goto(f"/help/desk{path}")
            assert page.evaluate("typeof htmx") == "object"
            assert page.evaluate("window.paidsupport && window.paidsupportDrafts") is True
        # a page that is shown again has the nonce of the answer that it is in
        page.locator("[name=code]").fill("PS-2222-2222")
        page.locator(".ps-root form[method=post] button.ps-primary").click()
        page.wait_for_url("**kept=**")
        assert page.evaluate("typeof htmx") == "object"
        assert page.evaluate("window.paidsupport && window.paidsupportDrafts") is True


def test_a_layout_with_styles_and_scripts_inline_keeps_its_look(
    tmp_path: Path, open_browser: Open, caplog: pytest.LogCaptureFixture
) -> None:
    """Our policy allows exactly what the layout has, and the log says so once."""
    caplog.set_level(logging.WARNING, "paidsupport.policy")
    with mounted(SHOP, tmp_path, {"PAIDSUPPORT_LAYOUT": "other.html"}, INLINE) as address:
        page = open_browser(address)
        for path in ("/", "/verify"):
            answer = page.goto(f"/support{path}")
            assert answer
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self' 'sha256-" in policy
            assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", "")
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(1, 2, 3)"
            assert page.evaluate("getComputedStyle(styled).color") == "rgb(4, 5, 6)"
            assert page.evaluate("window.theirs") == f"/support{path}"
            page.locator("#pressed").click()
            expect(page.locator("#pressed")).to_have_text("pressed")
            assert page.evaluate("typeof htmx") == "object"
    (record,) = [record for record in caplog.records if record.name == "paidsupport.policy"]
    assert "PAIDSUPPORT_CSP" in record.getMessage()


def test_a_strict_session_of_the_host_survives_a_link_in_a_mail(tmp_path: Path, open_browser: Open) -> None:
    """From another site the browser comes without the host's cookie, and keeps it all the same."""
    with mounted(SHOP, tmp_path, {"SESSION_COOKIE_SAMESITE": "Strict"}) as address:
        page = open_browser(address)
        page.goto("/login")
        page.locator("[name=email]").fill("ada@example.org")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Good to see you.")).to_be_visible()
        # another site to the browser, and a host that serves something
        page.goto(f"{address.replace('127.0.0.1', 'localhost')}/")
        page.evaluate(
            "link => document.body.innerHTML = `<a href='${link}'>From a mail</a>`",
            f"{address}/support/order/installation",
        )
        page.get_by_role("link", name="From a mail").click()
        expect(page.locator("[name=details]")).to_be_visible()
        page.locator(".ps-root form").get_by_role("button").last.click()
        expect(page.get_by_role("alert").first).to_contain_text("name")
        page.goto("/")
        expect(page.locator("#shop-nav")).to_contain_text("Ada")
