"""Layouts of hosts: with names of their own, with styles and scripts inline, with nonces, or not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from paidsupport.testing import mount_of
from tests.furnished import Furnished
from tests.people import field, sign_in

pytestmark = pytest.mark.row("P1")

#: What layouts call things, and what pages of ours do.
USUAL = (
    *(
        "form",
        "page",
        "title",
        "error",
        "errors",
        "user",
        "items",
        "item",
        "ticket",
        "tickets",
        "code",
        "name",
    ),
    *("token", "flow", "flows", "person", "people", "owner", "message", "messages", "menu", "nav", "links"),
    *("search", "query", "issue", "issues", "given", "closed", "step", "back", "url", "rows", "now", "press"),
)
SHOWN = " ".join(f"{{{{ {name} }}}}" for name in USUAL)
LAYOUT = (
    "<!doctype html><html lang=en><head><title>{% block title %}{% endblock %}</title></head><body>"
    f"<p id=own>{{% if form %}}{SHOWN}{{% for each in items %}} {{{{ each }}}}{{% endfor %}}{{% endif %}}</p>"
    "<main>{% block content %}{% endblock %}</main></body></html>"
)
BARE = (
    "<!doctype html><html lang=en><head><title>{% block title %}{% endblock %}</title></head><body>"
    "{% if form or page or title or error or user or items %}LEAK{% endif %}"
    "<main>{% block content %}{% endblock %}</main></body></html>"
)


@dataclass
class Own:
    """Something of the host's, which has nothing that ours have."""

    name: str

    def __str__(self) -> str:
        return f"own-{self.name}"

    def __iter__(self) -> Iterator[str]:
        return iter(())


def give_layout(app: Flask, patch: pytest.MonkeyPatch, texts: Mapping[str, str], name: str) -> None:
    """Let the desk of `app` stand in the layout `name`, one of `texts`."""
    patch.setattr(app, "jinja_loader", ChoiceLoader([DictLoader(texts), app.jinja_loader or DictLoader({})]))
    object.__setattr__(mount_of(app).settings, "layout", name)  # frozen


def parts(html: str) -> tuple[str, str]:
    """The title and the words of a page."""
    return parts_of(BeautifulSoup(html, "html.parser"))


def parts_of(page: BeautifulSoup) -> tuple[str, str]:
    """The same of one that was read before."""
    assert page.title
    assert page.main
    return page.title.text, page.main.get_text()


@pytest.mark.usefixtures("furnished_desk")
def test_a_layout_may_use_every_name_and_finds_nothing_of_ours(
    furnished_app: Flask, furnished: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On every page: the layout shows what its site gave it, our pages are what they are in a bare layout."""
    paths = {name: path for name, path in furnished.paths.items() if path.startswith("/support/")}
    paths |= {"nothing": "/support/t/nothing", "an order": "/support/order/installation"}
    readers = sign_in(furnished_app, "mia"), furnished_app.test_client()
    give_layout(furnished_app, monkeypatch, {"bare.html": BARE, "usual.html": LAYOUT}, "bare.html")
    bare = {(name, who): readers[who].get(path).text for name, path in paths.items() for who in (0, 1)}
    assert not [key for key, text in bare.items() if "LEAK" in text]
    own = {name: Own(name) for name in USUAL}
    processors = furnished_app.template_context_processors[None]
    monkeypatch.setitem(furnished_app.template_context_processors, None, [*processors, lambda: dict(own)])
    give_layout(furnished_app, monkeypatch, {"bare.html": BARE, "usual.html": LAYOUT}, "usual.html")
    expected = " ".join(f"own-{name}" for name in USUAL)
    for (name, who), before in bare.items():
        text = readers[who].get(paths[name]).text
        if "<main>" not in before:
            continue  # a file, or a redirection to the log-in
        page = BeautifulSoup(text, "html.parser")
        shown = page.select_one("#own")
        assert shown, name
        assert shown.text.strip() == expected, name
        assert parts_of(page) == parts(before), name


def test_a_refused_form_leaves_the_form_of_the_layout_alone(
    lite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layout with a log-in form of its own: an empty order is refused in words, not with an error 500."""
    text = BARE.replace("<main>", "{% if form %}{{ form.password.label }}{% endif %}<main>")
    give_layout(lite_app, monkeypatch, {"login.html": text}, "login.html")
    client = lite_app.test_client()
    page = client.get("/support/order/installation").text
    sent = {name: field(page, name) for name in ("csrf_token", "key", "terms")}
    answer = client.post("/support/order/installation", data=sent, follow_redirects=True)
    assert "LEAK" not in answer.text
    title, content = parts(answer.text)
    assert title.startswith("Error: ")
    assert "Enter your name" in content or "your name" in content


def test_a_page_of_the_host_s_own_finds_what_its_site_gives(
    lite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who replaces a page of ours may use the names of their own templates in it."""
    page = (
        '{% extends "paidsupport/_layout.html" %}{% block heading %}Ours{% endblock %}'
        "{% block main %}<p>{{ current_user.is_authenticated }} {{ paidsupport.name }}</p>{% endblock %}"
    )
    texts = {"bare.html": BARE, "paidsupport/tickets/ordering/services.html": page}
    give_layout(lite_app, monkeypatch, texts, "bare.html")
    mount = mount_of(lite_app)
    with lite_app.app_context():
        monkeypatch.setitem(mount._environments, "en", mount.templates.overlay(cache_size=0))
    assert "False Gallery support" in lite_app.test_client().get("/support/").text
