"""Merging on the pages: side by side first, then one ticket that shows both, and the way back (P7)."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.files import Upload
from paidsupport.tickets.ordering import operations as submissions
from tests.people import ORDER, Desk, press, sign_in
from tests.tickets.test_pages import BOTH, at, fields, send, words

pytestmark = pytest.mark.row("P7")


@pytest.fixture
def ada(desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(desk.app, "ada")


def merge(client: FlaskClient, code: str, other: str) -> None:
    """Through the page that shows both."""
    done = send(client, at(code, f"/merge?other={other}"), at(code, "/merge"))
    assert (done.status_code, done.location) == (303, at(code)), words(done.text)


def main(html: str) -> str:
    """What stands in the middle of a page."""
    found = BeautifulSoup(html, "html.parser").select_one("main")
    assert found is not None
    return words(str(found))


@BOTH
def test_both_are_compared_before_they_are_merged(desk: Desk, ada: FlaskClient) -> None:
    """The page of the duplicate leads there by a code; looking changes nothing, one click merges."""
    code, other = desk.order(details="My <b>albums</b>, again."), desk.order(details="My albums.")
    desk.claim(other, desk.ben)
    page = BeautifulSoup(ada.get(at(code)).text, "html.parser")
    (way,) = [str(a["href"]) for a in page.select("a") if "Merge into" in a.text]
    assert "Side by side" not in words(ada.get(way).text)
    shown = ada.get(f"{way}?other={other.lower()}")
    assert shown.status_code == 200
    said = main(shown.text)
    assert f"{code} the duplicate {other} stays" in said
    assert "Customer Jane Doe jane@example.com Jane Doe jane@example.com" in said
    assert "Subject My <b>albums</b>, again My albums" in said
    assert "State Open Pending Owner none Ben" in said
    assert desk.ticket(code).merged_into_id is None
    merge(ada, code, other)
    assert desk.ticket(code).merged_into_id == desk.ticket(other).id
    html = ada.get(at(code)).text
    assert f"Merged into {other}" in main(html)
    assert at(code, "/moves/reopen") not in html
    assert f"Ada merged it into {other}" in words(ada.get(at(code, "/history")).text)
    assert f"Ada merged {code} into it" in words(ada.get(at(other, "/history")).text)


@BOTH
def test_the_conversation_is_read_in_place(desk: Desk, ada: FlaskClient) -> None:
    """On the other ticket, with what was ordered and its files; never escaped into the page."""
    code, other = desk.order(details="<i>Again.</i>"), desk.order()
    desk.receive(code, "<script>Hello?</script>")
    merge(ada, code, other)
    desk.claim(other, desk.ben)
    desk.transition(other, "hand-over", desk.ben, colleague=desk.ada.id, note="Away.")
    html = ada.get(at(other)).text
    inside = BeautifulSoup(html, "html.parser").select_one("#merged + details")
    assert inside is not None
    assert f"{code}: <i>Again.</i> · 1 message" in words(str(inside.summary))
    assert "<script>Hello?</script>" in words(str(inside))
    assert inside.script is None


def test_it_is_taken_apart_from_either_page(desk: Desk, ada: FlaskClient) -> None:
    """With one click; the second of two is told that it has changed."""
    code, other = desk.order(), desk.order()
    for page in (code, other):
        merge(ada, code, other)
        html = ada.get(at(page)).text
        form = fields(html, "/apart")
        done = ada.post(at(code, "/apart"), data=form)
        assert (done.status_code, done.location) == (303, at(code))
        assert "Merge undone." in words(ada.get(at(code)).text)
        late = ada.post(at(code, "/apart"), data=form | {"key": new_key()})
        assert late.status_code == 409
        assert "has changed since you opened it" in words(late.text)
    assert f"Ada separated it from {code} again" in words(ada.get(at(other, "/history")).text)
    assert desk.broken() == {}


@pytest.mark.parametrize(
    ("other", "status", "said"),
    [
        ("PS-2222-2222", 422, "There is no ticket with this code."),
        ("itself", 422, "can't be merged into itself"),
        ("<b>", 422, "There is no ticket with this code."),
        ("somebody else's", 409, "different customers"),
        ("stale", 409, "has changed since you opened it"),
    ],
)
def test_what_cannot_be_merged_is_said_before_and_after_the_click(
    desk: Desk, ada: FlaskClient, other: str, status: int, said: str
) -> None:
    """At the field, or with the way to link the two instead."""
    code = desk.order()
    typed = {"itself": code, "somebody else's": desk.order(email="eve@example.com"), "stale": desk.order()}
    named = typed.get(other, other)
    shown = ada.get(at(code, "/merge"), query_string={"other": named})
    if other == "stale":
        desk.claim(named, desk.ben)
    else:
        assert shown.status_code == status
        assert said in main(shown.text)
    form = {"version": "1", "other_version": "1", "other": named, "key": new_key()}
    form["csrf_token"] = fields(ada.get(at(code)).text)["csrf_token"]
    refused = ada.post(at(code, "/merge"), data=form)
    assert refused.status_code == status
    assert said in main(refused.text)
    assert desk.ticket(code).merged_into_id is None
    if other == "somebody else's":
        linked = ada.post(at(code, "/links"), data=fields(shown.text, "/links"))
        assert linked.status_code == 303
        assert f"Duplicate of {named}" in main(ada.get(at(code)).text)
        assert f"Duplicated by {code}" in main(ada.get(at(named)).text)
    if other == "stale":
        again = ada.post(at(code, "/merge"), data=fields(refused.text, "/merge"))
        assert again.status_code == 303


class TestCustomer:
    """Both private links."""

    def test_both_links_show_one_page_and_write_to_it(
        self, desk: Desk, ada: FlaskClient, client: FlaskClient
    ) -> None:
        """Each under its own address: a person who was given one of them never learns the other."""
        code, other = desk.order(details="Again."), desk.order()
        desk.receive(code, "Are you there?")
        tokens = desk.token(code), desk.token(other)
        merge(ada, code, other)
        for number, (token, foreign) in enumerate((tokens, tokens[::-1])):
            link = f"/support/t/{token}"
            html = client.get(link).text
            assert foreign not in html
            said = main(html)
            assert other in said
            assert f"Your order {code} is dealt with here as well (1 message)" in said
            assert "Are you there?" in said
            sent = press(client, link, link, body=f"By link {number}.")
            assert (sent.status_code, sent.location) == (303, link)
            assert f"By link {number}." in main(client.get(link).text)
        assert [desk.ticket(each).thread for each in (code, other)] == [1, 2]

    def test_files_of_the_duplicate_are_had_by_either(
        self, desk: Desk, ada: FlaskClient, client: FlaskClient
    ) -> None:
        """And by no one else; after the two are separated, by its own ticket alone."""
        kept, stranger = desk.order(), desk.order(email="eve@example.com")
        with desk.ctx() as ctx:
            upload = Upload("shot.txt", 1, io.BytesIO(b"x"))
            code = submissions.submit(ctx, replace(ORDER, key=new_key()), [upload], client="elsewhere").code
        tokens = {name: desk.token(each) for name, each in (("own", code), ("kept", kept), ("eve", stranger))}
        merge(ada, code, kept)
        page = BeautifulSoup(client.get(f"/support/t/{tokens['kept']}").text, "html.parser")
        (link,) = [str(a["href"]) for a in page.select("a") if "shot.txt" in a.text]
        reference = link.rpartition("/")[2]
        expected = {"own": 200, "kept": 200, "eve": 404}
        for name, status in expected.items():
            with client.get(f"/support/t/{tokens[name]}/files/{reference}") as answer:
                assert answer.status_code == status, name
        form = fields(ada.get(at(code)).text, "/apart")
        assert ada.post(at(code, "/apart"), data=form).status_code == 303
        for name, status in (expected | {"kept": 404}).items():
            with client.get(f"/support/t/{tokens[name]}/files/{reference}") as answer:
                assert answer.status_code == status, name
