"""What our templates do quicker than the host's is what Flask and Jinja do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader
from markupsafe import Markup, escape

from paidsupport.kernel.web.jinja import as_html, environment_of, quick_url_for

_RULES = {"path": "/a/<path:p>", "number": "/b/<s>/<int:n>", "two": "/c{x}/<s>/<t>", "plain": "/d"}
_ADDRESSES: list[tuple[str, dict[str, Any]]] = [
    ("static", {"filename": "a/b.css"}),
    ("static", {"filename": "a b.css"}),
    ("path", {"p": "x//y"}),
    ("path", {"p": "/x/../y"}),
    ("number", {"s": "a", "n": 3}),
    ("number", {"s": "a", "n": "03"}),
    ("two", {"s": "PS-2222-2222", "t": 5}),
    ("two", {"s": "..", "t": "c/d"}),
    ("two", {"s": "{s}", "t": "ü"}),
    ("two", {"s": "", "t": True}),
    ("plain", {}),
    ("plain", {"q": "a b", "n": None}),
    ("plain", {"q": "a@b.example:8/c,d", "n": 3, "r": None}),
    ("plain", {"q": "", "N": "x"}),
    ("plain", {"q": ["a", "b"]}),
    ("two", {"s": "a", "t": "b", "q": "x", "r": None}),
    ("plain", {"_anchor": "x"}),
    ("plain", {"_external": True}),
]
_PAGE = """
{%- macro pair(one, two="<two>", three=none) -%}
{{ one }}, {{ two }}, {{ three }}, {{ caller is defined }}
{%- endmacro -%}
{%- macro named() -%}{{ kwargs | xmlattr }}{{ varargs | join }}{%- endmacro -%}
{%- macro both(one, two="<two>") -%}{{ one }}{{ two }}{{ kwargs | xmlattr }}{%- endmacro -%}
{{ both(shown) }}|{{ both(shown, two=safe, a=shown) }}|{{ both(one=shown, a=1) }}|
{{- pair(shown) }}|{{ pair(shown, 2, three=3) }}|{{ pair("&", safe, two) }}|{{ named(1, shown, a=shown) }}|
{{- shown ~ safe }}|{{ [shown, safe] | join }}|{% set kept %}{{ shown }}{% endset %}{{ kept }}|
{{- shown.upper() }}|
{%- for each in (1, 2.5, true, none, missing) %}{{ each }};{{ pair(each) }}{% endfor %}|
{{- url_for("plain", q=shown) }}
"""


@pytest.fixture
def app() -> Flask:
    """A site of nothing but addresses."""
    made = Flask(__name__)
    for endpoint, rule in _RULES.items():
        made.add_url_rule(rule, endpoint, lambda **_parts: "")
    return made


@pytest.mark.parametrize("root", ["", "/below"])
@pytest.mark.parametrize(("endpoint", "values"), _ADDRESSES)
def test_addresses_are_those_of_flask(app: Flask, root: str, endpoint: str, values: dict[str, Any]) -> None:
    """Simple ones, which are filled into a pattern, and those that need more."""
    quick = quick_url_for(app)
    with app.test_request_context(base_url=f"http://localhost{root}"):
        assert quick(endpoint, **values) == app.url_for(endpoint, **values)


def test_addresses_know_what_the_site_adds_to_all_of_them(app: Flask) -> None:
    """A language, for instance."""
    app.url_defaults(lambda _endpoint, values: values.setdefault("lang", "de"))
    with app.test_request_context():
        assert quick_url_for(app)("plain") == "/d?lang=de"


@pytest.mark.parametrize("shown", ["plain", "<b>'\"&amp;", Markup("<b>"), 5, 2.5, True, None, ["<"]])
def test_what_is_shown_is_escaped_as_ever(shown: object) -> None:
    """Whatever it is."""
    assert str(as_html(shown)) == str(escape(shown))


def test_templates_show_what_jinja_would(app: Flask) -> None:
    """Macros with and without arguments that are left out, texts that are safe and that are not."""
    app.jinja_env.loader = DictLoader({"page.html": _PAGE})
    known = {"shown": "<'shown'>", "safe": Markup("<br>"), "two": 2}
    with app.test_request_context():
        expected = app.jinja_env.get_template("page.html").render(known)
        assert environment_of(app).get_template("page.html").render(known) == expected
    assert "&lt;two&gt;" in expected
