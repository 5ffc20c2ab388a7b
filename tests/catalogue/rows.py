"""Editing rows of a draft in tests as a manager does, with the forms that the pages have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from paidsupport.kernel.configuration.tables import ConfigurationEvent
from tests.people import Desk, sign_in


def errors(page: Any) -> str:  # noqa: ANN401  # a response
    """What stands at the fields and on top of a refused form."""
    assert page.status_code == 422, page.status_code
    found = BeautifulSoup(page.text, "html.parser").select(".ps-summary li, .ps-error")
    return " ".join(" ".join(each.text for each in found).split())


def told(desk: Desk, *kinds: str) -> list[tuple[str, str, dict[str, Any]]]:
    """What the history says that forms did to these kinds of things: kind, about, data."""
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(select(ConfigurationEvent).order_by(ConfigurationEvent.number))
        # what was loaded from a file has no key of a form
        by_hand = [row for row in rows if row.key is not None or row.kind != "added"]
        return [(row.kind, row.about, row.data) for row in by_hand if row.about.partition(":")[0] in kinds]


@dataclass
class Manager:
    """Mia at a browser without scripts."""

    app: Flask

    def __post_init__(self) -> None:
        self.client = sign_in(self.app, "mia")

    def page(self, address: str) -> BeautifulSoup:
        """A page that is there."""
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return BeautifulSoup(answer.text, "html.parser")

    def filled(self, address: str, form: str = "form.ps-narrow", /, **typed: Any) -> dict[str, Any]:  # noqa: ANN401
        """What a browser would send of the form of a page, with some fields filled in otherwise."""
        page = self.page(address).select_one(form)
        assert page is not None, (address, form)
        sent: dict[str, Any] = {}
        for field in page.select("input[name], textarea[name], select[name]"):
            name, kind = str(field["name"]), field.get("type", "")
            if field.name == "select":
                chosen = field.select_one("option[selected]") or field.select_one("option")
                sent[name] = chosen["value"] if chosen else ""
            elif field.name == "textarea":
                sent[name] = field.text.removeprefix("\r\n").removeprefix("\n")
            elif kind == "checkbox" and field.has_attr("checked"):
                sent.setdefault(name, []).append(field.get("value", "y"))
            elif kind not in {"radio", "checkbox"} or field.has_attr("checked"):
                sent[name] = field.get("value", "")
        return {name: value for name, value in {**sent, **typed}.items() if value is not None}

    def send(self, address: str, form: str = "form.ps-narrow", /, **typed: Any) -> Any:  # noqa: ANN401
        """Fill in the form of a page, and send it; returns the response."""
        return self.client.post(address, data=self.filled(address, form, **typed))

    def press(self, page: str, address: str, /, **typed: str) -> Any:  # noqa: ANN401  # as above
        """Press the button of a small form of a page, which leads to an address."""
        return self.client.post(address, data=self.filled(page, f'form[action="{address}"]', **typed))
