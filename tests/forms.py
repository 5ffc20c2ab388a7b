"""Forms of pages as a browser sends them: with everything that stands in them."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Opened:
    """A form as it stands on a page that was opened in a browser.

    Args:
        client: The browser.
        url: The page.
        action: The end of the address that the form leads to; without one, that of the page itself.
    """

    def __init__(self, client: FlaskClient, url: str, action: str = "") -> None:
        self._client, self._url = client, url
        answer = client.get(url)
        assert answer.status_code == 200, url
        self._take(answer.text, action)

    def _take(self, html: str, action: str = "") -> None:
        self.page = BeautifulSoup(html, "html.parser")
        forms = self.page.select(".ps-root form[method=post]")
        fitting = [form for form in forms if str(form.get("action", "")).endswith(action or self._url)]
        self._form = (fitting or [form for form in forms if not form.get("action")])[0]

    @property
    def values(self) -> dict[str, Any]:
        """What stands in it, by the names of the fields."""
        return filled(self._form)

    def send(self, **changed: Any) -> TestResponse:  # noqa: ANN401  # texts, or lists of them
        """Send it with some fields changed; None leaves one out. A refused form is open afterwards."""
        values = {name: value for name, value in {**self.values, **changed}.items() if value is not None}
        answer = self._client.post(str(self._form.get("action") or self._url), data=values)
        if answer.status_code not in {302, 303}:
            self._take(answer.text)
        return answer

    @property
    def errors(self) -> dict[str, str]:
        """The sentences at its fields, by their names."""
        found = self.page.select(".ps-error")
        return {
            str(each["id"]).removesuffix("-error"): _words(each).removeprefix("Error: ") for each in found
        }


def filled(form: Tag) -> dict[str, Any]:
    """What stands in a form, by the names of its fields."""
    found: dict[str, list[str]] = {}
    for field in form.select("input, textarea, select"):
        for value in _sent(field):
            found.setdefault(str(field["name"]), []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def words(client: FlaskClient, url: str) -> str:
    """The text of a page, with single spaces."""
    return _words(BeautifulSoup(client.get(url).text, "html.parser"))


def _words(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _sent(field: Tag) -> list[str]:
    if field.name == "textarea":
        return [field.get_text().removeprefix("\r\n")]
    if field.name == "select":
        options = field.select("option[selected]") or field.select("option")[:1]
        return [str(option.get("value", "")) for option in options]
    if field.get("type") in {"checkbox", "radio"} and not field.has_attr("checked"):
        return []
    return [str(field.get("value", ""))]
