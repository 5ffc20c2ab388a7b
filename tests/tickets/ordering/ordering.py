"""What tests of the customer's pages share: a form as a browser would send it, and a page as it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

ORDER = "/support/order/installation"
#: A complete order of an installation.
FILLED: Mapping[str, Any] = {
    "requirement_0": "y",
    "requirement_1": "y",
    "requirement_2": "y",
    "answer_php": "8.2",
    "answer_database": "PostgreSQL",
    "answer_features": ["Slideshow", "Comments"],
    "details": "A gallery for our club.",
    "host_url": "https://gallery.example.com",
    "host_access": "SSH, no root",
    "name": "Jane Doe",
    "email": "jane@example.com",
    "website": "",
}
#: A file as it is chosen: its name and its content.
File = tuple[str, bytes]


@lru_cache(maxsize=8)
def soup(html: str) -> BeautifulSoup:
    """The page as a browser understands it. Not to be changed: the next one who asks gets the same."""
    return BeautifulSoup(html, "html.parser")


def words(html: str) -> str:
    """The text of a page, with single spaces."""
    return " ".join(soup(html).get_text(" ").split())


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    form = soup(html).select_one(".ps-plain form[method=post]")
    assert form, html
    return {str(field["name"]): str(field.get("value", "")) for field in form.select("input[type=hidden]")}


def send(
    client: FlaskClient, url: str, data: Mapping[str, Any], files: Sequence[File] = (), **headers: str
) -> TestResponse:
    """Open the form at `url`, fill it with `data` and `files`, and send it."""
    return post(client, url, hidden(client.get(url).text) | dict(data), files, **headers)


def post(
    client: FlaskClient, url: str, data: Mapping[str, Any], files: Sequence[File] = (), **headers: str
) -> TestResponse:
    """Send `data` and `files` to `url` just so; an order is placed unless `place` is empty."""
    if "/order/" in url:
        data = {
            name: value for name, value in {"place": "1", **data}.items() if (name, value) != ("place", "")
        }
    kind = "multipart/form-data; boundary=limit"
    return client.post(url, data=multipart(data, files), content_type=kind, headers=headers)


def multipart(data: Mapping[str, Any], files: Sequence[tuple[str | bytes, bytes]] = ()) -> bytes:
    """The form as a browser writes it: quotes and line ends in names of files are percent-encoded."""
    pairs = [(name, value) for name, values in data.items() for value in _several(values)]
    parts = [(f'name="{name}"'.encode(), str(value).encode()) for name, value in pairs]
    parts += [(b'name="files"; filename="' + _quoted(name) + b'"', content) for name, content in files]
    head = b"--limit\r\nContent-Disposition: form-data; "
    return b"".join(head + name + b"\r\n\r\n" + value + b"\r\n" for name, value in parts) + b"--limit--\r\n"


def _several(values: Any) -> Sequence[Any]:  # noqa: ANN401  # one text or several
    return values if isinstance(values, list) else [values]


def _quoted(name: str | bytes) -> bytes:
    raw = name.encode() if isinstance(name, str) else name
    return raw.replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")


def order(client: FlaskClient, files: Sequence[File] = (), **changed: Any) -> str:  # noqa: ANN401  # fields
    """Order an installation; returns the code on the page that follows."""
    answer = send(client, ORDER, {**FILLED, **changed}, files)
    assert answer.status_code == 303, words(answer.text)
    found = soup(client.get(answer.location).text).select_one(".ps-panel .ps-code")
    assert found
    return found.get_text()


def content(client: FlaskClient, url: str) -> bytes:
    """What is downloaded from `url`, with the file behind it closed as a server would."""
    with client.get(url) as answer:
        return bytes(answer.data)


def control(html: str, name: str) -> Tag:
    """The control that is called `name`."""
    found = soup(html).select_one(f'.ps-plain form [name="{name}"]')
    assert found, f"no {name} in {html}"
    return found


def typed(html: str, name: str) -> str:
    """What stands in the field called `name`."""
    found = control(html, name)
    return found.get_text() if found.name == "textarea" else str(found.get("value", ""))


def problems(html: str) -> dict[str, str]:
    """The sentences at the fields, by the name of the field."""
    page = soup(html)
    found: dict[str, str] = {}
    for error in page.select(".ps-field .ps-error"):
        field = error.find_parent(class_="ps-field")
        assert field
        named = field.select_one("[name]")
        assert named
        found[str(named["name"])] = error.get_text().removeprefix("Error: ").strip()
    return found


def summary(html: str) -> list[str]:
    """The lines on top of a refused form."""
    return [line.get_text().strip() for line in soup(html).select(".ps-summary li")]


def is_plain(html: str) -> bool:
    """Whether nothing in the page could run or load what a visitor typed."""
    page = soup(html)
    scripts = [script for script in page.select("script") if script.get_text() or not script.get("src")]
    acting = [tag for tag in page.select("*") if any(key.startswith(("on", "hx-on")) for key in tag.attrs)]
    strange = page.select(
        "img, svg:not(.ps-icon), iframe, object, embed, base, style, [style], meta[http-equiv]"
    )
    links = [
        a for a in page.select("a[href]") if str(a["href"]).split(":", 1)[0].lower() in {"javascript", "data"}
    ]
    return not (scripts or acting or strange or links)
