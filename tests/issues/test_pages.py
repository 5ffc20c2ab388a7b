"""The pages of issues: lists that hide what is private, one page for everything, moves with their forms."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.people import Desk, press, sign_in

LIST = "/support/desk/issues"


@pytest.fixture
def ben(app: Flask) -> FlaskClient:
    """A developer who is signed in."""
    return sign_in(app, "ben")


@pytest.fixture
def mia(app: Flask) -> FlaskClient:
    """A manager who is signed in."""
    return sign_in(app, "mia")


def at(code: str) -> str:
    """The address of an issue."""
    return f"{LIST}/{code}"


@pytest.mark.row("T3")
def test_lists_counts_and_search_pass_over_what_is_private(
    desk: Desk, ben: FlaskClient, mia: FlaskClient
) -> None:
    """A person who may not see it finds neither its words nor its number."""
    shown = desk.open_issue(desk.ada, summary="Albums are empty")
    hidden = desk.open_issue(desk.ada, summary="Albums open to strangers", private=True)
    for address in (LIST, f"{LIST}?q=albums", f"{LIST}?state=new", f"{LIST}?q=stran", f"{LIST}?sort=changed"):
        assert hidden not in ben.get(address).text
    page = ben.get(LIST).text
    assert shown in page
    assert 'New <span class="ps-count">1</span>' in page
    both = mia.get(f"{LIST}?q=albu").text
    assert shown in both
    assert hidden in both
    said = "Only managers and the people working on it can see it."
    assert [said in mia.get(at(code)).text for code in (shown, hidden)] == [False, True]
    assert 'New <span class="ps-count">2</span>' in both
    assert 'Open <span class="ps-count">2</span>' in both


def test_an_issue_is_opened_noted_on_and_moved_in_the_browser(desk: Desk, ben: FlaskClient) -> None:
    """What is wrong is told at its field; what was typed stays."""
    said = {"kind": "bug", "summary": "Pictures stay dark", "details": "Upload one, look at it."}
    refused = press(ben, f"{LIST}/new", f"{LIST}/new", **(said | {"details": ""}))
    assert refused.status_code == 422
    assert "Describe it so that a colleague can reproduce it." in refused.text
    assert "Pictures stay dark" in refused.text
    made = press(ben, f"{LIST}/new", f"{LIST}/new", **said)
    assert made.status_code == 303
    code = made.location.rpartition("/")[2]
    assert press(ben, at(code), f"{at(code)}/notes", body="Seen on phones, @Ada").status_code == 303
    assert press(ben, at(code), f"{at(code)}/moves/grab").status_code == 303
    page = ben.get(at(code)).text
    for words in ("Seen on phones", "Feedback", "Ben"):
        assert words in page
    assert ben.get(f"{LIST}?q={code.lower()}").location.endswith(code)
    late = press(ben, at(code), f"{at(code)}/moves/give-back")
    assert late.status_code == 409
    done = press(ben, f"{at(code)}/moves/give-back", f"{at(code)}/moves/give-back", note="Not my field.")
    assert done.status_code == 303
    assert desk.issue(code).owner_id is None
    assert "Every line carries the hash" in ben.get(f"{at(code)}/history").text


def test_lists_take_few_queries_and_page_by_key(desk: Desk, mia: FlaskClient) -> None:
    """As many for fifty as for one."""
    codes = {desk.open_issue(desk.ada, summary=f"No. {number}") for number in range(55)}
    with desk.statements() as seen:
        first = mia.get(LIST).text
    assert len(seen) <= 6
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = mia.get(following).text
    found = [code for code in codes if code in first], [code for code in codes if code in second]
    assert (len(found[0]), len(found[1])) == (50, 5)
    assert mia.get(f"{LIST}?after=x~y~z").status_code == 404
