"""What the API says of itself: its description, its page, and the pages that types of problems lead to."""

from __future__ import annotations

import inspect

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from paidsupport.connect.api.problems import slug
from paidsupport.kernel.errors import ConfigurationError, Outcome, PaidSupportError
from tests.connect.api.test_api import api_of
from tests.people import Desk

pytestmark = pytest.mark.row("P12")
BASE = "/support/api/v1"


def test_the_description_is_open_and_has_every_operation(lite_app: Flask) -> None:
    """Each with an own name; with an `ETag`, and 304 for who has it already."""
    client = lite_app.test_client()
    answer = client.get(f"{BASE}/openapi.json")
    told = answer.json
    assert told is not None
    assert told["openapi"] == "3.1.0"
    found = {
        (path, method.upper()): each["operationId"]
        for path, methods in told["paths"].items()
        for method, each in methods.items()
    }
    declared = {(each.path, each.method): each.name for each in api_of(lite_app).operations if each.scope}
    assert found == declared
    again = client.get(f"{BASE}/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"{BASE}/openapi.json?x=1").status_code == 422


def test_the_page_shows_every_operation(lite_app: Flask) -> None:
    """Under its heading, with an example; every link on it leads to something on it."""
    page = BeautifulSoup(lite_app.test_client().get(f"{BASE}/").text, "html.parser")
    ids = {each["id"] for each in page.find_all(id=True)}
    for each in api_of(lite_app).operations:
        assert each.scope is None or each.name in ids, each.name
    wanted = {link["href"][1:] for link in page.select(".ps-reference a[href^='#']")}
    assert wanted <= ids
    assert len(page.select("pre")) == len([each for each in api_of(lite_app).operations if each.scope])


def every_kind(kind: type[PaidSupportError] = PaidSupportError) -> set[type[PaidSupportError]]:
    """All that can be refused."""
    return {kind}.union(*map(every_kind, kind.__subclasses__()))


def test_every_type_of_problem_leads_to_a_page(lite_app: Flask) -> None:
    """Whatever an operation can raise, and what is wrong with requests."""
    client = lite_app.test_client()
    listed = client.get(f"{BASE}/problems").text
    kinds = {
        slug(each.__name__)
        for each in every_kind()
        if not issubclass(each, ConfigurationError)
        and each.outcome is not Outcome.FAULT
        # those of tests declare themselves beside them
        and (inspect.getmodule(each) or inspect).__name__.startswith("paidsupport.")
    }
    assert len(kinds) >= 30
    for kind in kinds | {"bad-request", "unauthorized", "unsupported-media-type", "invalid-input"}:
        assert client.get(f"{BASE}/problems/{kind}").status_code == 200, kind
        assert f"/problems/{kind}" in listed, kind
    assert client.get(f"{BASE}/problems/nothing").status_code == 404


def test_what_is_refused_names_such_a_page(lite_app: Flask, lite_desk: Desk) -> None:
    """For each status that needs no operation."""
    client = lite_app.test_client()
    del lite_desk
    for path, method in (
        ("/nothing", "GET"),
        ("/tickets", "GET"),
        ("/tickets", "DELETE"),
        ("/search", "TRACE"),
    ):
        answer = client.open(f"{BASE}{path}", method=method)
        assert answer.mimetype == "application/problem+json"
        assert client.get(answer.json["type"]).status_code == 200, answer.json  # type: ignore[index]
