"""The pages of guides: read, written, compared; Markdown without anything that could do harm (G21)."""

from __future__ import annotations

import sys

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from paidsupport.intake.guides import operations as guides
from paidsupport.kernel.web.markdown import markdown
from tests.people import Desk, sign_in
from tests.tickets.test_pages import at, fields, send, words

pytestmark = pytest.mark.row("G21")

GUIDES = "/support/desk/guides/"


@pytest.fixture
def ada(lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_desk.app, "ada")


def test_everybody_at_the_desk_reads_them(lite_desk: Desk, ada: FlaskClient) -> None:
    """The list leads to each, the bar of the desk leads to the list, words narrow it down."""
    listed = BeautifulSoup(ada.get(GUIDES).text, "html.parser")
    links = [str(link["href"]) for link in listed.select(".ps-list a")]
    assert links[0] == f"{GUIDES}how-a-ticket-goes"
    for link in links:
        page = BeautifulSoup(ada.get(link).text, "html.parser")
        assert len(page.select("h1")) == 1
        assert page.select(".ps-guide h2, .ps-guide ul")
        assert not page.select(".ps-guide h1")
        for inner in page.select(".ps-guide a"):
            assert ada.get(f"{GUIDES}{inner['href']}").status_code == 200
    found = words(ada.get(f"{GUIDES}?words=gcc+rotate").text)
    assert "On the customer’s server" in found
    assert "Ending well" not in found
    assert " found" in words(ada.get(f"{GUIDES}?words=xylophone").text)
    bar = BeautifulSoup(ada.get("/support/desk/").text, "html.parser").select_one('[data-ps-key="g g"]')
    assert bar is not None
    assert bar["href"] == GUIDES


@pytest.mark.parametrize("slug", ["nothing", "%00", "Ending-Well", "'; DROP", "x" * 200])
def test_an_unknown_address_is_not_found(ada: FlaskClient, slug: str) -> None:
    """Whatever it is."""
    for rest in ("", "/edit", "/history", "/history/1"):
        assert ada.get(f"{GUIDES}{slug}{rest}").status_code == 404
    assert ada.get(f"{GUIDES}ending-well/history/99").status_code == 404


def test_the_form_of_a_move_leads_to_its_guide(lite_desk: Desk, ada: FlaskClient) -> None:
    """Where a status is chosen, the guide that explains it is one click away (G4)."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    page = BeautifulSoup(ada.get(at(code, "/moves/abandon")).text, "html.parser")
    assert page.select_one(f'a[href="{GUIDES}ending-well"]')


class TestWriting:
    """New guides and new editions."""

    def test_a_guide_is_written_previewed_and_kept(self, ada: FlaskClient) -> None:
        """A preview keeps nothing."""
        typed = {"title": "Backups", "body": "# When\n\nAlways."}
        preview = send(ada, f"{GUIDES}new", action="preview", **typed)
        assert "When" in {tag.text for tag in BeautifulSoup(preview.text, "html.parser").select("article h2")}
        assert ada.get(f"{GUIDES}backups").status_code == 404
        kept = ada.post(f"{GUIDES}new", data=fields(preview.text) | typed | {"action": "keep"})
        assert (kept.status_code, kept.location) == (303, f"{GUIDES}backups")
        assert "Always." in words(ada.get(f"{GUIDES}backups").text)

    def test_a_new_edition_can_be_compared_with_the_one_before(self, ada: FlaskClient) -> None:
        """Line by line, with its author; what was typed is text there."""
        send(ada, f"{GUIDES}new", title="Backups", body="Always.\n<b>Never</b> twice.")
        send(ada, f"{GUIDES}backups/edit", body="Always.\n<script>x</script>")
        history = BeautifulSoup(ada.get(f"{GUIDES}backups/history").text, "html.parser")
        assert [words(str(tag)).split(" ago ")[-1] for tag in history.select(".ps-history a")] == [
            "Version 2",
            "Version 1",
        ]
        page = BeautifulSoup(ada.get(f"{GUIDES}backups/history/2").text, "html.parser")
        assert [tag.text for tag in page.select("del")] == ["<b>Never</b> twice."]
        assert [tag.text for tag in page.select("ins")] == ["<script>x</script>"]
        assert "Always." in words(ada.get(f"{GUIDES}backups/history/1").text)

    def test_somebody_was_faster(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """409: the newer text is shown, what was typed is kept, and sent once more it applies."""
        page = f"{GUIDES}ending-well/edit"
        form = fields(ada.get(page).text)
        with lite_desk.ctx(lite_desk.ben) as ctx:
            guides.keep(ctx, "ending-well", title="Ending well", body="Ben was faster.", seen=1)
        refused = ada.post(page, data=form | {"body": "Ada’s text."})
        assert refused.status_code == 409
        soup = BeautifulSoup(refused.text, "html.parser")
        assert "Ben was faster." in [tag.text for tag in soup.select("ins")]
        assert "Ada’s text." in fields(refused.text)["body"]
        again = ada.post(page, data=fields(refused.text))
        assert again.status_code == 303
        assert "Ada’s text." in words(ada.get(f"{GUIDES}ending-well").text)

    @pytest.mark.parametrize("changed", [{"title": ""}, {"body": ""}, {"edition": ""}, {"key": "x"}])
    def test_a_bad_form_keeps_what_was_typed(self, ada: FlaskClient, changed: dict[str, str]) -> None:
        """The sentence stands on top and at its field."""
        typed = {"title": "My title", "body": "My text."} | changed
        refused = send(ada, f"{GUIDES}ending-well/edit", **typed)
        assert refused.status_code == 422
        assert "There is a problem" in words(refused.text)
        assert refused.text.count("My text.") == ("body" not in changed)


class TestMarkdown:
    """What a text becomes."""

    @pytest.mark.parametrize(
        "text",
        [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "![x](https://elsewhere.example/pixel.png)",
            "[x](javascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](JaVaScRiPt&colon;alert(1))",
            "<javascript:alert(1)>",
            "[x](https://a.example 'onmouseover=alert(1)')",
            "| a |\n| :-: |\n| b |",
            "<div hx-get=/x hx-trigger=load>",
            "```html\n<script>\n```",
            "[a]: javascript:x\n\n[a]",
        ],
    )
    def test_nothing_in_it_can_do_harm(self, text: str) -> None:
        """No scripts, pictures, styles, handlers, and links to pages and mailboxes alone."""
        soup = BeautifulSoup(str(markdown(text)), "html.parser")
        assert not soup.select("script, img, div, iframe, form, style")
        for tag in soup.select("*"):
            assert set(tag.attrs) <= {"href", "rel", "start", "title"}
            assert not str(tag.get("href", "")).lower().replace(" ", "").startswith(("javascript", "data"))

    def test_the_highest_heading_is_an_h2(self) -> None:
        """Whatever its author began with, and without a gap."""
        soup = BeautifulSoup(str(markdown("### a\n\n##### b\n\n### c")), "html.parser")
        assert [(tag.name, tag.text) for tag in soup.select("*")] == [
            ("h2", "a"),
            ("h3", "b"),
            ("h2", "c"),
        ]
        assert "<h2>" not in str(markdown("no heading"))

    @pytest.mark.parametrize("missing", ["nh3", "markdown_it"])
    def test_without_the_extra_it_is_shown_as_typed(
        self, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch, missing: str
    ) -> None:
        """Never as HTML that was not sanitised."""
        send(ada, f"{GUIDES}new", title="Plain", body="# Heading\n\n<b>bold</b>")
        monkeypatch.setitem(sys.modules, missing, None)
        soup = BeautifulSoup(ada.get(f"{GUIDES}plain").text, "html.parser")
        assert not soup.select(".ps-guide, main h2:not(#ps-keys-title), main b")
        prose = soup.select_one(".ps-prose")
        assert prose is not None
        assert prose.text == "# Heading\n\n<b>bold</b>"


@pytest.mark.row("P15")
def test_a_visitor_reads_a_guide_in_their_language(lite_desk: Desk, ada: FlaskClient) -> None:
    """What is written in the form of a guide is shown and found under help, and compared in the history."""
    german = {"title_de": "Fotos hochladen", "body_de": "## Zu groß\n\nDie Datei ist zu groß."}
    edit = f"{GUIDES}photos-do-not-upload/edit"
    form = fields(ada.get(edit).text) | {"title": "Photos do not upload", "public": "y"}
    preview = ada.post(edit, data=form | german | {"action": "preview"})
    assert "Die Datei ist zu groß." in words(preview.text)
    assert ada.post(edit, data=form | german | {"action": "keep"}).status_code == 303
    assert "Die Datei ist zu groß." in words(ada.get(f"{GUIDES}photos-do-not-upload/history/2").text)
    again = BeautifulSoup(ada.get(edit).text, "html.parser").select_one("[name=title_de]")
    assert again is not None
    assert again["value"] == "Fotos hochladen"
    visitor = lite_desk.app.test_client()
    for tag, seen, hidden in (
        ("de", "Fotos hochladen", "Photos"),
        ("fr", "Les photos ne se chargent pas", "Fotos"),
    ):
        speaks = {"Accept-Language": tag}
        for address in ("/support/help/", "/support/help/photos-do-not-upload"):
            main = BeautifulSoup(visitor.get(address, headers=speaks).text, "html.parser").select_one("main")
            assert main is not None
            assert seen in words(str(main))
            assert hidden not in words(str(main))
    found = visitor.get("/support/help/?words=groß", headers={"Accept-Language": "de"})
    assert "Fotos hochladen" in words(found.text)
