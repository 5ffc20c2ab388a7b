"""One search over everything: who finds what, and what is shown of it (P6)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from paidsupport.kernel.search import excerpt, marked
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P6")
SEARCH = "/support/desk/search"


def found(client: FlaskClient, typed: str) -> dict[str, str]:
    """What each kind of hits says."""
    page = BeautifulSoup(client.get(SEARCH, query_string={"q": typed}).text, "html.parser")
    sections = {section.h2: section for section in page.select(".ps-found") if section.h2}
    return {
        heading.get_text(strip=True): " ".join(section.get_text(" ").split())
        for heading, section in sections.items()
    }


def test_who_may_not_see_an_issue_does_not_find_it(desk: Desk) -> None:
    """A private issue is found by those who work on it, by no word and no code of it by others."""
    code = desk.open_issue(desk.ada, summary="Xylophones burn", private=True)
    ada, ben = sign_in(desk.app, "ada"), sign_in(desk.app, "ben")
    assert code in found(ada, "xylophones")["Issues"]
    assert ada.get(SEARCH, query_string={"q": code}).location.endswith(code)
    assert found(ben, "xylophones") == {}
    assert ben.get(SEARCH, query_string={"q": code}).status_code == 200


def test_a_code_leads_to_its_ticket(desk: Desk) -> None:
    """Whole, one of its groups, however it is typed; words lead nowhere, whatever they find."""
    code = desk.order(details="The upload fails.")
    ada = sign_in(desk.app, "ada")
    for typed in (code, code.lower().replace("-", " "), code[3:7], code[8:].lower(), f" {code[3:]} "):
        answer = ada.get(SEARCH, query_string={"q": typed})
        assert (answer.status_code, answer.location) == (302, f"/support/desk/tickets/{code}"), typed
    assert "upload fails" in found(ada, "upload")["Tickets"]
    assert found(ada, "xylophones") == found(ada, "%") == found(ada, "") == {}


def test_what_was_found_is_marked() -> None:
    """Words as they are compared, in any script; whatever is typed stays text."""
    assert marked("Übersicht <b>der</b> Alben", "uber al") == (
        "<mark>Übersicht</mark> &lt;b&gt;der&lt;/b&gt; <mark>Alben</mark>"
    )
    long = ["nothing", f"{'word ' * 40}here is the upload {'word ' * 60}"]
    shown = excerpt(long, "upload")
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert "<mark>upload</mark>" in shown
    assert len(shown) < 220
    assert excerpt(long, "xylophone") == ""
