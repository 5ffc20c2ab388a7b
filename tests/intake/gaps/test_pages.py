"""Naming a question, saying that no page answers it, and what is missing, in the browser (T5, N8)."""

from __future__ import annotations

import csv
import io

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import update

from paidsupport.intake.guides.tables import Guide
from paidsupport.kernel.db.configured import set_aside
from tests.intake.gaps.test_gaps import codes, multiply, pointed, undocumented, unhappy
from tests.intake.triage.test_triage import GUIDE, answered, asked, decide
from tests.people import Desk, sign_in
from tests.tickets.test_pages import DESK, at, fields, words

pytestmark = pytest.mark.row("T5")

PAGE = f"{DESK}/gaps"
QUESTION = "How are albums moved?"


@pytest.fixture
def ada(lite_desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(lite_desk.app, "ada")


def choices(html: str) -> dict[str, str]:
    """The questions that are proposed, with their values."""
    found = BeautifulSoup(html, "html.parser").select("#question label")
    return {words(str(label)): str(label.input["value"]) for label in found if label.input}


def test_a_question_is_named_once_and_chosen_after_that(lite_desk: Desk, ada: FlaskClient) -> None:
    """Beside the email, with what was counted of it; a wrong name is told at its field."""
    first = asked(lite_desk, "My albums must be moved.")
    email = at(first, f"/documented?guide={GUIDE}")
    html = ada.get(email).text
    assert choices(html) == {"New question": ""}
    sent = fields(html, "") | {"question": ""}
    refused = ada.post(email, data=sent | {"naming": "What Jane wants"})
    assert refused.status_code == 422
    assert "Remove names, addresses and numbers" in words(refused.text)
    assert 'value="What Jane wants"' in refused.text
    assert ada.post(email, data=sent | {"naming": QUESTION}).status_code == 303
    lite_desk.work()
    answered(lite_desk, first, "helped")
    second = asked(lite_desk, "Can albums be moved?")
    email = at(second, f"/documented?guide={GUIDE}")
    html = ada.get(email).text
    [(said, value), none] = choices(html).items()
    assert said == f"{QUESTION} (asked 1 time, helped 1)"
    assert none == ("None of these", "")
    answer = ada.post(email, data=fields(html, "") | {"question": value, "naming": ""})
    assert answer.status_code == 303
    third = asked(lite_desk, "Albums?")
    page = words(ada.get(at(third, "/documented")).text)
    assert "(opens in a new tab) · asked 2 times, helped 1" in page
    assert f"{QUESTION} (asked 2 times, helped 1)" in page
    assert lite_desk.broken() == {}


def test_no_page_answers_it(lite_desk: Desk, ada: FlaskClient) -> None:
    """It is mine, the issue opens by itself and is on the ticket; who comes second is told."""
    code = asked(lite_desk)
    here = at(code, "/documented")
    form = fields(ada.get(here).text, "undocumented") | {"question": ""}
    ben = sign_in(lite_desk.app, "ben")
    late = fields(ben.get(here).text, "undocumented") | {"naming": QUESTION}
    refused = ada.post(at(code, "/undocumented"), data=form | {"naming": ""})
    assert refused.status_code == 422
    assert "enter it in a few words" in words(refused.text)
    assert lite_desk.ticket(code).owner_id is None
    done = ada.post(at(code, "/undocumented"), data=form | {"naming": QUESTION})
    assert (done.status_code, done.location) == (303, at(code))
    lite_desk.work()
    [issue] = codes(lite_desk)
    page = words(ada.get(at(code)).text)
    assert f"Counted for {issue}" in page
    assert "said that no page answers it" in words(ada.get(at(code, "/history")).text)
    link = BeautifulSoup(ada.get(at(code)).text, "html.parser").select_one(f'a[href$="/issues/{issue}"]')
    assert link
    about = words(ada.get(str(link["href"])).text)
    assert f"No page answers “{QUESTION}”" in about
    assert f"{code} · just now · No guide answers it" in about
    answer = ben.post(at(code, "/undocumented"), data=late)
    assert answer.status_code == 409
    assert "Ada" in words(answer.text)


@pytest.mark.row("N8")
@pytest.mark.parametrize("name", ["ada", "mia"])
def test_what_is_missing_is_a_page_for_everybody_of_the_desk(lite_desk: Desk, name: str) -> None:
    """Sorted by need, with issue and trend; what is typed is escaped."""
    browser = sign_in(lite_desk.app, name)
    assert "No questions yet" in words(browser.get(PAGE).text)
    pointed(lite_desk, "<b>Bold</b> titles?", slug="title-colours-and-language")
    for _ in range(2):
        unhappy(lite_desk)
    lite_desk.work()
    [issue] = codes(lite_desk)
    html = browser.get(PAGE).text
    soup = BeautifulSoup(html, "html.parser")
    rows = [words(str(row)) for row in soup.select("tbody tr")]
    assert rows[0].startswith("<b>Bold</b> titles? 1 asked 0 helped 0 not helped")
    assert rows[1].startswith("Photos do not upload 2 asked 0 helped 2 not helped 100 %")
    assert f"0, 2 {issue} Changing title, colours and language" in rows[1]
    assert rows[2].startswith("Changing title, colours and language 1 asked")
    trend = soup.select("tbody tr")[1].svg
    assert trend
    assert trend["aria-label"] == "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2"
    assert "<b>Bold</b> titles" not in html


@pytest.mark.row("N8", "P15")
def test_titles_of_guides_are_in_the_language_of_the_reader(lite_desk: Desk, ada: FlaskClient) -> None:
    """On the page and in the table; one that was never translated is shown as it is."""
    for slug in (GUIDE, "title-colours-and-language"):
        pointed(lite_desk, QUESTION, slug=slug)
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(
            update(Guide).where(Guide.slug == "title-colours-and-language").values(translations={})
        )
    for url in (PAGE, f"{PAGE}.csv"):
        said = ada.get(url, headers={"Accept-Language": "fr"}).text
        for title in ("Les photos ne se chargent pas", "Changing title, colours and language"):
            assert title in said
        assert "Photos do not upload" not in said


@pytest.mark.row("N8")
def test_the_table_for_spreadsheets_runs_nothing(lite_desk: Desk, ada: FlaskClient) -> None:
    """Every row is there, the present week last; a question that looks like a formula is a text."""
    undocumented(lite_desk, asked(lite_desk), "=SUM(albums)")
    unhappy(lite_desk)
    answer = ada.get(f"{PAGE}.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=what-is-missing.csv"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert (rows[0]["name"], rows[0]["no page"]) == ("'=SUM(albums)", "1")
    assert (rows[1]["title"], rows[1]["not helped"], rows[1]["week 0"]) == ("Photos do not upload", "1", "1")


@pytest.mark.row("N8")
@pytest.mark.parametrize("many", [5_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_what_is_missing_costs_six_queries_with_many_pointers(
    lite_desk: Desk, ada: FlaskClient, many: int
) -> None:
    """However many topics there are."""
    multiply(lite_desk, unhappy(lite_desk), many, fresh=many)
    ada.get(PAGE)
    with lite_desk.statements() as seen:
        assert ada.get(PAGE).status_code == 200
    assert len(seen) <= 6, seen


def test_a_private_issue_shows_nowhere(lite_desk: Desk, ada: FlaskClient) -> None:
    """Only a manager sees on the page of what is missing that there is one."""
    code = asked(lite_desk)
    undocumented(lite_desk, code, QUESTION)
    lite_desk.work()
    [issue] = codes(lite_desk)
    lite_desk.change_issue(issue, private=True)
    shown = [ada.get(url).text for url in (PAGE, f"{PAGE}.csv", at(code))]
    assert not any(issue in text for text in shown)
    assert issue in sign_in(lite_desk.app, "mia").get(PAGE).text


def test_the_ticket_costs_no_more_for_it(lite_desk: Desk, ada: FlaskClient) -> None:
    """The missing documentation comes along with all else."""
    code = asked(lite_desk)
    decide(lite_desk, code, lite_desk.ada, "take")
    counts = []
    for _ in range(2):
        ada.get(at(code))
        with lite_desk.statements() as seen:
            ada.get(at(code))
        counts.append(len(seen))
        undocumented(lite_desk, code, QUESTION)
        lite_desk.work()
    assert counts[0] == counts[1] <= 9
