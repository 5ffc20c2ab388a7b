"""What people do with the desk inside a host, through its pages and in no other way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import paidsupport

CATALOGUE = Path(paidsupport.__file__).parent / "demo/catalogue.toml"
ORDER = {
    "name": "Jane Doe",
    "email": "jane@example.com",
    "host_url": "https://gallery.example.com",
    "details": "A gallery for our club.",
    "answer_php": "8.2",
    "answer_database": "PostgreSQL",
    "requirement_0": "y",
    "requirement_1": "y",
    "requirement_2": "y",
}


def run(app: Flask, *arguments: str) -> str:
    """Run a command of the host or of the desk; returns what it printed. It must not fail."""
    done = app.test_cli_runner().invoke(args=list(arguments))
    assert done.exit_code == 0, f"{arguments}: {done.output} {done.exception!r}"
    return done.output


def open_desk(app: Flask) -> None:
    """Have something to order."""
    run(app, "paidsupport", "catalogue", "load", str(CATALOGUE))


def hire(app: Flask, user_id: str, name: str = "Ada") -> None:
    """Let a user of the host work at the desk."""
    address = f"{name.lower()}@example.org"
    run(app, "paidsupport", "people", "add", address, "--user-id", user_id, "--name", name)


def order(client: FlaskClient, prefix: str, **changed: str) -> str:
    """Fill in the order form as it stands in the page, send it; returns the confirmation code."""
    answer = send_order(client, prefix, **changed)
    assert answer.status_code == 303, answer.text
    return code_in(client.get(answer.location).text)


def send_order(client: FlaskClient, prefix: str, **changed: str) -> TestResponse:
    """The answer to the order form."""
    page = client.get(f"{prefix}/order/installation")
    assert page.status_code == 200, page.text
    form = form_in(page.text, "email")
    return client.post(
        f"{prefix}/order/installation", data={**hidden(form), **ORDER, "place": "1", **changed}
    )


def claim(client: FlaskClient, prefix: str, code: str) -> TestResponse:
    """Press the button beside the ticket in the queue."""
    page = client.get(f"{prefix}/desk/")
    assert page.status_code == 200, page.text
    return press_claim(client, page.text, code)


def press_claim(client: FlaskClient, page: str, code: str) -> TestResponse:
    """The same, in a queue that was opened earlier."""
    button = next(
        found
        for found in BeautifulSoup(page, "html.parser").find_all("button")
        if code in str(found.get("formaction"))
    )
    fields = {**hidden(form_in(page, "version")), "version": button["value"]}
    return client.post(str(button["formaction"]), data=fields)


def form_in(html: str, name: str) -> Tag:
    """The form in a page that has a field or a button with this name."""
    found = BeautifulSoup(html, "html.parser").select_one(f'form:has([name="{name}"])')
    assert found, html
    return found


def hidden(form: Tag) -> dict[str, Any]:
    """What a form sends without anybody typing."""
    return {str(field["name"]): field.get("value", "") for field in form.select("input[type=hidden]")}


def code_in(html: str) -> str:
    """The confirmation code that a page shows."""
    found = re.search(r"PS-[0-9A-Z]{4}-[0-9A-Z]{4}", html)
    assert found, html
    return found[0]
