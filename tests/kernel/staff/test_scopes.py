"""How far tokens reach: each address says which scope it needs, and nothing less will do."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.scopes import Scope
from tests.connect.api.test_api import Program, api_of
from tests.people import Desk


def test_every_address_declares_its_scope(lite_app: Flask) -> None:
    """An address of the API without a scope fails here, and so does one that changes things for `read`."""
    operations = api_of(lite_app).operations
    for each in operations:
        if each.scope is not None:
            assert not (each.changes and each.scope is Scope.READ), each.name
    assert len(operations) >= 8


def test_a_token_for_reading_changes_nothing(lite_app: Flask, lite_desk: Desk) -> None:
    """It reads all that its person sees; at every POST it is told which scope it lacks."""
    code = lite_desk.order()
    reader = Program(lite_app, lite_desk, "ada", "read")
    assert reader.get(f"/{code}").status_code == 200
    history = lite_desk.happened(code)
    for path in ("claim", "moves/start", "messages", "annotations", "tags"):
        answer = reader.post(f"/{code}/{path}", 1, body="Hello", tag="php")
        _lacks(answer, "write")
    assert lite_desk.happened(code) == history


def test_a_manager_s_token_manages_only_if_it_is_for_that(lite_app: Flask, lite_desk: Desk) -> None:
    """With `write` a manager's program acts as a developer's; with `manage` it takes a claim away."""
    code = lite_desk.in_progress(lite_desk.ada)
    version = lite_desk.ticket(code).version
    release = {"note": "She is ill.", "reason": ""}

    def send(name: str, scope: str) -> TestResponse:
        return Program(lite_app, lite_desk, name, scope).post(f"/{code}/moves/release", version, **release)

    _lacks(send("mia", "write"), "manage")
    assert send("ben", "write").status_code == 409
    answer = send("mia", "manage")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("scope", ["all", "", "manage"])
def test_a_token_has_a_scope_that_fits_its_person(lite_desk: Desk, scope: str) -> None:
    """Others are refused with a sentence at the field."""
    with pytest.raises(InvalidInputError) as refused, lite_desk.ctx() as ctx:
        people.new_token(ctx, "ada@example.org", "test", 1, scope)
    assert "scope" in refused.value.problems


def _lacks(answer: TestResponse, scope: str) -> None:
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["scope"] == scope
    assert f"“{scope}”" in answer.json["detail"]
