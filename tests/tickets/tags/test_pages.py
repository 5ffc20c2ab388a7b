"""Tags on the pages: chips, the filter of the queue, what is proposed (P7)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.people import Desk, sign_in
from tests.tickets.queue.test_pages import codes
from tests.tickets.test_pages import at, send, words

pytestmark = pytest.mark.row("P7")


@pytest.fixture
def ada(lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_desk.app, "ada")


def chips(html: str) -> list[str]:
    """The tags on a page."""
    return [
        words(str(tag)).replace("×", "").strip()
        for tag in BeautifulSoup(html, "html.parser").select(".ps-tag")
    ]


def tag(client: FlaskClient, code: str, **fields: str) -> int:
    """Send one of the forms for tags; the status."""
    return int(send(client, at(code), at(code, "/tags"), **fields).status_code)


def test_a_tag_comes_and_goes(lite_desk: Desk, ada: FlaskClient) -> None:
    """Escaped wherever it stands; the history tells, and the filter of the queue finds it."""
    code, other = lite_desk.order(), lite_desk.order()
    assert tag(ada, code, tag="<b>GCC & 2.96") == 303
    assert tag(ada, code, tag="albums") == 303
    assert chips(ada.get(at(code)).text) == ["<b>GCC & 2.96", "albums"]
    assert chips(ada.get("/support/desk/").text) == ["<b>GCC & 2.96", "albums"]
    link = BeautifulSoup(ada.get(at(code)).text, "html.parser").select_one(".ps-tag a")
    assert link is not None
    assert codes(ada, str(link["href"]).removeprefix("/support/desk/")) == [code]
    assert codes(ada, "?tag=ALBUMS") == [code]
    assert set(codes(ada, "?tag=")) == {code, other}
    assert "Ada added a tag: albums" in words(ada.get(at(code, "/history")).text)
    assert tag(ada, code, remove="albums") == 303
    assert "Ada removed a tag: albums" in words(ada.get(at(code, "/history")).text)
    assert tag(ada, code, remove="albums") == 422
    assert codes(ada, "?tag=albums") == []


def test_a_refused_tag_is_told_at_its_field(lite_desk: Desk, ada: FlaskClient) -> None:
    """What was typed stays."""
    code = lite_desk.order()
    refused = send(ada, at(code), at(code, "/tags"), tag="one, two")
    assert refused.status_code == 422
    soup = BeautifulSoup(refused.text, "html.parser")
    assert soup.select_one('input[name="tag"][value="one, two"][aria-invalid]')
    assert soup.select_one('.ps-summary a[href="#tag"]')


def test_tags_in_use_are_proposed(lite_desk: Desk, ada: FlaskClient) -> None:
    """On every ticket and in the filter, each once; the filter stays with the next page and the tabs."""
    one, two = lite_desk.order(), lite_desk.order()
    for code, name in ((one, "Old server"), (two, "old server"), (two, "albums")):
        assert tag(ada, code, tag=name) == 303
    for page in (at(lite_desk.order()), "/support/desk/?tag=albums"):
        soup = BeautifulSoup(ada.get(page).text, "html.parser")
        assert [option.text for option in soup.select("#ps-tags option")] == ["albums", "old server"]
    assert {"tag=albums" in str(a["href"]) for a in soup.select(".ps-tabs a[href*=part]")} == {True}
