"""A host with translations of its own, by Flask-Babel or by Jinja's extension, keeps them beside ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel
from jinja2 import DictLoader
from jinja2.ext import InternationalizationExtension

from paidsupport.kernel.i18n.pseudo import OPEN
from paidsupport.settings import LAYOUT
from paidsupport.testing import mount_of

PLAIN = (
    "<!doctype html><html lang=de><head><title>{% block title %}{% endblock %}</title></head>"
    "<body><nav>%s</nav><main>{% block content %}{% endblock %}</main></body></html>"
)


def host_of(kind: str, app: Flask) -> str:
    """Give a host translations; returns what its layout says with them."""
    if kind == "none":
        return "Startseite"
    if kind == "flask-babel":
        Babel(app, locale_selector=lambda: "de")
    else:
        app.jinja_env.add_extension(InternationalizationExtension)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        lambda text: f"Host: {text}", lambda one, _several, _number: f"Host: {one}", newstyle=True
    )
    return '{{ _("How it works") }}, {% trans %}Home{% endtrans %}'


@pytest.fixture(params=["flask-babel", "jinja", "none"])
def host(
    request: pytest.FixtureRequest,
    sqlite_uri: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """A desk in the layout of such a host."""
    from tests.sites import site  # noqa: PLC0415  # one that no other test gets

    for app in site(sqlite_uri, tmp_path_factory.mktemp("host")):
        said = host_of(request.param, app)
        loader = DictLoader({"host.html": PLAIN.replace("%s", said)})
        app.jinja_loader = loader
        settings = mount_of(app).settings
        mount_of(app)._environments.clear()  # the site of tests has looked at its templates already
        object.__setattr__(settings, "layout", "host.html")  # frozen
        object.__setattr__(settings, "languages", "en,en-XA")
        yield app


def test_each_speaks_through_its_own_catalogues(host: Flask) -> None:
    """On the same page, whatever language either speaks; nothing of ours is left in the host's Jinja."""
    before = dict(host.jinja_env.globals)
    pages = {
        tag: host.test_client().get("/support/", headers={"Accept-Language": tag}).text
        for tag in ("en-XA", "en")
    }
    for tag, page in pages.items():
        nav, main = page.split("<main>")
        assert OPEN not in nav
        assert ("Host: How it works, Host: Home" in nav) or "Startseite" in nav
        assert f'lang="{tag}"' in main
        assert "Host:" not in main
        assert (OPEN in main) is (tag == "en-XA")
    assert "How it works" in pages["en"].split("<main>")[1]
    assert host.jinja_env.globals == before
    assert LAYOUT not in pages["en"]
