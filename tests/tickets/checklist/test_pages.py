"""The pages about work on the customer's server: checklist, traits, log, report."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.kernel.codes import new_key
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.relations.operations import links as relations
from tests.people import Desk, sign_in
from tests.tickets.checklist.test_checklists import BACKUP, working
from tests.tickets.test_pages import BOTH, at, fields, next_step, send, words


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Flask:
    """The site on the database that a test asks for."""
    found: Flask = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def ada(lite_app: Flask, lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_app, "ada")


def line(html: str, name: str) -> str:
    """What the page says of one line."""
    found = BeautifulSoup(html, "html.parser").select_one(f"#item-{name}")
    assert found is not None
    return words(str(found))


class TestChecklist:
    """The checklist on the ticket's page, and the page of a line."""

    @pytest.mark.row("G12", "N3")
    def test_a_line_without_evidence_is_ticked_with_one_click(
        self, lite_desk: Desk, ada: FlaskClient
    ) -> None:
        """The button on the ticket's page; who and when stands there afterwards."""
        code = working(lite_desk)
        page = ada.get(at(code)).text
        assert "0 of 9" in words(page)
        answer = ada.post(at(code, "/items/own-records"), data=fields(page, "/items/own-records"))
        assert (answer.status_code, answer.location) == (303, f"{at(code)}#item-own-records")
        page = ada.get(at(code)).text
        assert "1 of 9" in words(page)
        assert "Ada · just now" in line(page, "own-records")

    @pytest.mark.row("G12", "G13")
    def test_a_line_says_what_it_waits_for_before_anybody_tries(
        self, lite_desk: Desk, ada: FlaskClient
    ) -> None:
        """No button then, neither there nor on its page; posting it all the same is refused."""
        code = working(lite_desk)
        assert "First: Back up the old gallery and all albums." in line(ada.get(at(code)).text, "new-version")
        alone = ada.get(at(code, "/items/new-version")).text
        assert "First: Back up the old gallery" in words(alone)
        assert 'value="tick"' not in alone
        refused = send(ada, at(code, "/items/new-version"), action="tick", evidence_version="2")
        assert refused.status_code == 409
        assert lite_desk.items(code)["new-version"].state == "open"

    @pytest.mark.row("G12")
    def test_evidence_is_asked_for_at_its_field(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """What is missing is said there, what was typed stays, and what was given is shown on the ticket."""
        code = working(lite_desk)
        url = at(code, "/items/backup")
        refused = send(ada, url, action="tick", evidence_where="/home/jane", evidence_size="2 GB")
        assert refused.status_code == 422
        page = BeautifulSoup(refused.text, "html.parser")
        assert page.select_one("#evidence_verified-error") is not None
        assert page.select_one("#evidence_where-error") is None
        assert page.select_one("#evidence_where")["value"] == "/home/jane"  # type: ignore[index]
        kept = send(
            ada,
            url,
            action="tick",
            evidence_where="/home/jane",
            evidence_size="2 GB",
            evidence_verified="<b>tar</b> -t",
        )
        assert kept.status_code == 303
        said = line(ada.get(at(code)).text, "backup")
        assert "Where is it? /home/jane How big is it? 2 GB How was it verified? <b>tar</b> -t" in said

    @pytest.mark.row("G12")
    def test_a_stale_line_is_not_ticked(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """Ben was faster: Ada reads so, with the line as it is now."""
        code = working(lite_desk)
        page = ada.get(at(code)).text
        lite_desk.tick(code, lite_desk.ben, "own-records")
        answer = ada.post(at(code, "/items/own-records"), data=fields(page, "/items/own-records"))
        assert answer.status_code == 409
        assert "Ben has changed “" in words(answer.text)
        assert lite_desk.items(code)["own-records"].by_name == "Ben"

    @pytest.mark.row("G12")
    def test_a_line_is_left_out_with_a_reason_and_opened_again(
        self, lite_desk: Desk, ada: FlaskClient
    ) -> None:
        """Only where it says so."""
        code = working(lite_desk)
        url = at(code, "/items/look-around")
        assert send(ada, url, action="skip", because=" ").status_code == 422
        assert send(ada, url, action="skip", because="I know it.").status_code == 303
        assert "Does not apply: I know it." in line(ada.get(at(code)).text, "look-around")
        assert send(ada, url, action="untick").status_code == 303
        assert lite_desk.items(code)["look-around"].state == "open"
        assert "It does not apply here" not in ada.get(at(code, "/items/backup")).text

    @pytest.mark.row("G12")
    def test_what_applies_is_said_on_a_page_of_its_own(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """Lines come with it; an unknown word in the form is refused."""
        code = working(lite_desk)
        url = at(code, "/traits")
        assert "From the order: An existing gallery is upgraded." in words(ada.get(url).text)
        assert send(ada, url, traits=["root", "zip"]).status_code == 303
        assert {"root-alias", "test-zip", "backup"} <= set(lite_desk.items(code))
        assert send(ada, url, traits=["root", "nonsense"]).status_code == 422

    @pytest.mark.row("G12", "G21")
    def test_a_line_leads_to_the_guide_that_explains_it(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """Where there is one; without it the line stands alone."""
        code = working(lite_desk)
        link = BeautifulSoup(ada.get(at(code, "/items/backup")).text, "html.parser").select_one(
            ".ps-narrow a"
        )
        assert link is not None
        assert ada.get(str(link["href"])).status_code == 200
        assert "Read on" not in ada.get(at(code, "/items/albums")).text

    @pytest.mark.row("G12")
    @pytest.mark.parametrize("wrong", ["/items/nonsense", "/items/%00", "/items/a%2Fb"])
    def test_an_unknown_line_is_not_there(self, lite_desk: Desk, ada: FlaskClient, wrong: str) -> None:
        """404, whatever it is called."""
        code = working(lite_desk)
        assert ada.get(at(code, wrong)).status_code == 404

    @pytest.mark.row("G12", "P5")
    def test_hostile_evidence_is_kept_harmlessly_or_refused(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """Control characters, megabytes, scripts, wrong fields: a sentence or plain text, never a failure."""
        code = working(lite_desk)
        url = at(code, "/items/look-around")
        for text in ("a\x00b", "a\u202eb", "x" * 3000, "two\nlines"):
            assert send(ada, url, action="tick", evidence_system=text).status_code == 422
        wrong: dict[str, Any] = {"evidence_system": (BytesIO(b"x"), "x.txt"), "action": "tick"}
        assert send(ada, url, **wrong).status_code == 422
        script = "<script>alert(1)</script>{{ 7*7 }}"
        assert send(ada, url, action="tick", evidence_system=script).status_code == 303
        assert "<script>alert" not in ada.get(at(code)).text


@pytest.mark.row("G12")
@BOTH
def test_a_full_page_takes_as_many_queries_as_a_short_one(app: Flask, desk: Desk) -> None:
    """Sixty items, two hundred messages, ten consents, viewed logins, a work log, links, annotations."""
    code = desk.risky(desk.ada)
    reference = desk.give(code, "correct horse")
    desk.look(code, reference, desk.ada)
    browser, other, lines = sign_in(app, "ada"), desk.order(), len(desk.items(code))
    with desk.ctx(desk.ada) as ctx:
        relations.link(ctx, code, other, "related", new_key())
        worklog.add(ctx, code, Stretch("Looked.", "web1", 30), key=new_key())
    browser.get(at(code))
    with desk.statements() as before:
        browser.get(at(code))
    for number in range(10):
        desk.ask(code, desk.ada, what=f"Restart service {number}")
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        for number in range(60 - lines):
            checklists.add_extra(ctx, ticket, f"extra-{number}", f"One more thing, the {number}th")
        worklog.add(ctx, code, Stretch("Copied it.", "web1", 30), key=new_key())
        for number in range(ticket.thread + 1, 201):
            ctx.session.add(
                Message(
                    ticket_id=ticket.id,
                    number=number,
                    direction="in",
                    author_name="Jane",
                    raw="More.",
                    at=ctx.now,
                )
            )
        tickets.change(ctx.session, ticket, thread=200)
    browser.get(at(code))
    with desk.statements() as seen:
        page = browser.get(at(code))
    assert page.status_code == 200
    assert "0 of 60" in words(page.text)
    assert len(seen) == len(before)


class TestLog:
    """The clock, and what is entered by hand."""

    @pytest.mark.row("G18", "N7")
    def test_the_clock_runs_on_its_page(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """Start, later stop with what was done; the ticket shows it."""
        code = working(lite_desk)
        url = at(code, "/worklog")
        assert send(ada, url, action="start", machine="web1").status_code == 303
        assert "clock running" in words(ada.get(at(code)).text)
        lite_desk.clock.forward(minutes=95)
        assert send(ada, url, action="stop", what="").status_code == 422
        assert send(ada, url, action="stop", what="Installed it.").status_code == 303
        assert "1 h 35 min · web1 Installed it." in words(ada.get(at(code)).text)

    @pytest.mark.row("G18")
    def test_bad_minutes_are_said_at_the_field(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """Words, nothing, too many."""
        code = working(lite_desk)
        for minutes in ("soon", "", "-5", "9999999"):
            refused = send(ada, at(code, "/worklog"), action="add", what="It.", minutes=minutes)
            assert refused.status_code == 422
            assert 'id="minutes-error"' in refused.text


class TestReport:
    """The report, from its draft to the customer's page."""

    @pytest.mark.row("G18", "N7")
    def test_from_the_draft_to_the_customers_page_and_pdf(
        self, lite_app: Flask, lite_desk: Desk, ada: FlaskClient
    ) -> None:
        """Edited, looked at, sent; the customer reads it as a page and saves it."""
        desk = lite_desk
        code = working(desk)
        customer = lite_app.test_client()
        link = f"/support/t/{desk.token(code)}/report"
        assert customer.get(link).status_code == 404
        desk.tick(code, desk.ada, "backup", **BACKUP)
        desk.tick_all(code, desk.ada)
        assert "Next: send the closing report" in next_step(ada.get(at(code)).text)
        url = at(code, "/report")
        draft = fields(ada.get(url).text)
        body = draft["body"] + "\n\nThank you, <b>Jane</b>!"
        shown = ada.post(url, data={**draft, "body": body, "action": "preview"})
        assert shown.status_code == 200
        assert BeautifulSoup(shown.text, "html.parser").select_one(".ps-letter h2") is not None
        assert desk.items(code)["report"].state == "open"
        assert ada.post(url, data={**draft, "body": body, "action": "send"}).status_code == 303
        assert customer.get(link).status_code == 404, "it has not left yet"
        desk.work()
        page = customer.get(link)
        assert page.status_code == 200
        assert "Thank you, <b>Jane</b>!" in words(page.text)
        assert "Where is it: /home/jane/backup" in words(page.text)
        made = customer.get(f"{link}.pdf")
        assert made.data.startswith(b"%PDF-")
        assert made.headers["Content-Disposition"].startswith("attachment")
        assert "report" in words(customer.get(link.removesuffix("/report")).text)
        assert "Next: close the ticket" in next_step(ada.get(at(code)).text)

    @pytest.mark.row("G18")
    def test_somebody_else_cannot_write_it(self, lite_app: Flask, lite_desk: Desk) -> None:
        """They are told who has the ticket."""
        code = working(lite_desk)
        answer = sign_in(lite_app, "ben").get(at(code, "/report"))
        assert answer.status_code == 409
        assert "Ada has this ticket" in words(answer.text)

    @pytest.mark.row("G18")
    def test_news_are_shown_before_it_leaves(self, lite_desk: Desk, ada: FlaskClient) -> None:
        """The customer wrote meanwhile: nothing is sent, the text is kept, one click sends it."""
        code = working(lite_desk)
        url = at(code, "/report")
        draft = fields(ada.get(url).text) | {"body": "Done.", "action": "send"}
        lite_desk.receive(code, "Wait, one more thing!")
        refused = ada.post(url, data=draft)
        assert refused.status_code == 409
        assert "Wait, one more thing!" in words(refused.text)
        again = fields(refused.text)
        assert again["body"] == "Done."
        assert ada.post(url, data={**again, "action": "send"}).status_code == 303
