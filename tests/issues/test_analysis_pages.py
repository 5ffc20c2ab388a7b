"""The pages of analysis: the inbox, feedback, the timeline, steps, and telling the customer (T10-T13)."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from paidsupport.issues.queries import analysis as issue_analysis
from paidsupport.issues.tables import Issue
from paidsupport.kernel.codes import ISSUE_PREFIX, new_code
from tests.issues.test_analysis import ask, give, plan
from tests.people import Desk, press, sign_in

LIST = "/support/desk/issues"
INBOX = f"{LIST}/inbox"


@pytest.fixture
def ben(app: Flask) -> FlaskClient:
    """A developer who is signed in."""
    return sign_in(app, "ben")


@pytest.fixture
def ada(app: Flask) -> FlaskClient:
    """Another one."""
    return sign_in(app, "ada")


@pytest.fixture
def mia(app: Flask) -> FlaskClient:
    """A manager who is signed in."""
    return sign_in(app, "mia")


def at(code: str) -> str:
    """The address of an issue."""
    return f"{LIST}/{code}"


@pytest.mark.row("T10")
def test_the_inbox_puts_what_has_feedback_first_then_the_oldest_urgent(
    desk: Desk, ben: FlaskClient, mia: FlaskClient
) -> None:
    """For managers; one row is one form, with priority and assignee in one click."""
    late = desk.open_issue(desk.ada, summary="Late and normal")
    old = desk.open_issue(desk.ada, summary="Old and urgent", priority=1)
    young = desk.open_issue(desk.ada, summary="Young and urgent", priority=1)
    back = desk.open_issue(desk.ada, summary="Answered", priority=4)
    desk.issue_move(back, "grab", desk.ben)
    give(desk, back, desk.ben)
    assert ben.get(INBOX).status_code == 403
    page = mia.get(INBOX).text
    where = [page.index(f"/issues/{code}") for code in (back, old, young, late)]
    assert where == sorted(where)
    for words in ("Ready for a timeline", "Needs feedback", "Estimate 4h"):
        assert words in page
    asked = press(
        mia, INBOX, f"{at(late)}/ask", priority="1", colleague=str(desk.ben.id), back="inbox", version="1"
    )
    assert asked.location.endswith("/desk/issues/inbox")
    issue = desk.issue(late)
    assert (issue.state, issue.priority, issue.owner_id) == ("feedback", 1, desk.ben.id)
    assert f"/issues/{late}/ask" not in mia.get(INBOX).text
    refused = press(mia, INBOX, f"{at(old)}/ask", priority="1", colleague="", version="1")
    assert refused.status_code == 422
    assert "Choose the colleague" in refused.text
    assert press(ben, at(old), f"{at(old)}/ask", priority="1", colleague="1").status_code == 409


@pytest.mark.row("T10")
@pytest.mark.parametrize("most", [10_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_the_inbox_of_many_thousand_issues_is_read_by_its_indexes(
    desk: Desk, mia: FlaskClient, most: int
) -> None:
    """Six queries at most, page by page in order, and no table is read as a whole."""
    now = desk.clock()
    rows = [
        {
            "code": new_code(ISSUE_PREFIX),
            "kind": "bug",
            "state": "new",
            "summary": f"No. {number}",
            "details": "",
            "priority": 1 + number % 4,
            "created_at": now,
            "changed_at": now,
            "feedback_at": now if number % (most // 100) == 0 else None,
        }
        for number in range(most)
    ]
    with desk.ctx(desk.mia) as ctx:
        for start in range(0, most, 10_000):
            ctx.session.execute(insert(Issue), rows[start : start + 10_000])
    with desk.app.app_context(), desk.ctx(desk.mia) as ctx:
        ctx.session.connection().exec_driver_sql("ANALYZE")
    mia.get(INBOX)
    with desk.statements() as seen:
        page = mia.get(INBOX).text
    assert len(seen) <= 6
    assert "Ready for a timeline" in page
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert mia.get(following).status_code == 200
    with desk.ctx(desk.mia) as ctx:
        keys: list[tuple[int, ...]] = []
        after = None
        for _ in range(6):
            found = issue_analysis.inbox(ctx.session, desk.mia, after)
            keys += [(row.rank, row.priority, row.id) for row in found.rows]
            after = found.following
        assert keys == sorted(set(keys))
        assert {key[0] for key in keys} == {0, 1}
        wanted = issue_analysis.query(desk.mia, (1, 2, most // 2))
        compiled = wanted.compile(ctx.session.connection(), compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if ctx.session.connection().dialect.name == "sqlite" else "EXPLAIN"
        steps = ctx.session.connection().exec_driver_sql(f"{explain} {compiled}".replace("%", "%%"))
        plan_ = "\n".join(str(row) for row in steps)
    assert "ix_paidsupport_issue_inbox_ask" in plan_
    assert "Seq Scan on paidsupport_issue" not in plan_
    assert "SCAN paidsupport_issue\n" not in f"{plan_}\n".replace("')", "\n")


@pytest.mark.row("T12")
def test_feedback_is_given_in_the_browser_and_shows_whom_it_waits_for(
    desk: Desk, ben: FlaskClient, ada: FlaskClient, mia: FlaskClient
) -> None:
    """What cannot be read is told at its field; sub-issues are opened along with it."""
    code = desk.open_issue(desk.ada)
    ask(desk, code, desk.ben)
    assert "Your feedback" not in ada.get(at(code)).text
    own = BeautifulSoup(ben.get(at(code)).text, "html.parser")
    (giving_up,) = [each for each in own.select(".ps-moves .ps-button") if "Return issue" in each.text]
    assert "ps-quiet" in giving_up["class"]
    refused = press(
        ben, at(code), f"{at(code)}/feedback", estimate="soon", path="Read the header.", action="feedback"
    )
    assert refused.status_code == 422
    assert "Change “soon” in “soon”" in refused.text
    assert "Read the header." in refused.text
    said = {"estimate": "2-3 days", "path": "Read the header.", "action": "feedback"}
    more = {"part1": "The server", "who1": str(desk.ada.id)}
    assert press(ben, at(code), f"{at(code)}/feedback", **said, **more).status_code == 303
    page = ben.get(at(code)).text
    for words in ("Waiting for feedback on", "Ada", "Change your feedback", "no feedback yet"):
        assert words in page
    part = page.split("Waiting for feedback on")[1].split("/issues/")[1].split('"')[0]
    late = press(ben, at(code), f"{at(part)}/feedback", **said)
    assert late.status_code == 409
    assert press(ada, at(part), f"{at(part)}/feedback", **(said | {"estimate": "4h"})).status_code == 303
    assert "Read the header." in (noted := ada.get(at(part)).text.split('id="notes"')[1])
    assert "None" not in noted
    assert desk.issue(code).state == "new"
    page = mia.get(at(code)).text
    assert "Set the timeline" in page
    assert "at the earliest" in page
    past = press(mia, at(code), f"{at(code)}/timeline", deadline="2034-03-01")
    assert (past.status_code, "Choose a date in the future" in past.text) == (422, True)
    done = press(mia, at(code), f"{at(code)}/timeline", deadline="2034-03-25", release="2.1")
    assert done.status_code == 303
    assert "is not a working day" in mia.get(done.location).text
    assert (desk.issue(code).state, desk.issue(code).deadline) == ("confirmed", date(2034, 3, 25))


@pytest.mark.row("T12")
def test_overdue_feedback_is_on_top_for_everybody_with_whom_it_blocks(
    desk: Desk, ben: FlaskClient, ada: FlaskClient
) -> None:
    """The person who owes it reads that it is theirs; others read nothing about a private issue."""
    code = desk.open_issue(desk.mia)
    hidden = desk.open_issue(desk.mia, private=True, summary="Secret")
    for each in (code, hidden):
        ask(desk, each, desk.ben)
    assert "Overdue feedback" not in ben.get(LIST).text
    desk.clock.forward(days=7)
    mine = ben.get(LIST).text
    assert mine.count("Your feedback was due") == 2
    with desk.statements() as seen:
        others = ada.get(LIST).text
    assert len(seen) <= 6
    assert "was due" in others
    assert "Waiting for it" in others
    assert "Secret" not in others
    assert hidden not in others


@pytest.mark.row("T13")
def test_the_ticket_leads_its_owner_to_the_letter_with_the_link(
    desk: Desk, ben: FlaskClient, ada: FlaskClient
) -> None:
    """The next step is there once there is a timeline; the ticket's page takes no more queries for it."""
    ticket = desk.order()
    desk.claim(ticket, desk.ben)
    desk.write(ticket, desk.ben)
    desk.work()
    code = desk.open_issue(desk.ada, ticket)
    ask(desk, code, desk.ada)
    give(desk, code, desk.ada)
    there = f"/support/desk/tickets/{ticket}"
    assert "Tell customer…" not in ben.get(there).text
    plan(desk, code, release="2.1")
    with desk.statements() as seen:
        page = ben.get(there).text
    assert len(seen) <= 8
    assert "Tell customer…" in page
    assert "Tell customer…" not in ada.get(there).text
    assert ada.get(f"{there}/investigating").status_code == 409
    email = ben.get(f"{there}/investigating").text
    assert f"/support/issues/{code}" in email
    seen_ = desk.ticket(ticket)
    numbers = {"claim": seen_.claim_number, "thread": seen_.thread}
    bare = press(ben, f"{there}/investigating", f"{there}/investigating", body="We look.", **numbers)
    assert (bare.status_code, "Add this link" in bare.text) == (422, True)
    body = f"We look: https://support.example/support/issues/{code}"
    body = email.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0].strip() if body else ""
    sent = press(ben, f"{there}/investigating", f"{there}/investigating", body=body, **numbers)
    assert sent.status_code == 303
    assert "Tell customer…" not in ben.get(there).text
    desk.work()
    desk.work()
    assert desk.issue(code).state == "confirmed"


@pytest.mark.row("T13")
def test_a_call_is_noted_instead_of_a_letter(desk: Desk, ben: FlaskClient) -> None:
    """With what was said."""
    ticket = desk.order()
    desk.claim(ticket, desk.ben)
    code = desk.open_issue(desk.ada, ticket)
    ask(desk, code, desk.ada)
    give(desk, code, desk.ada)
    plan(desk, code, release="2.1")
    there = f"/support/desk/tickets/{ticket}/investigating"
    assert press(ben, there, f"{there}/phone", body=" ").status_code == 422
    assert press(ben, there, f"{there}/phone", body="They were glad.").status_code == 303
    assert desk.issue(code).state == "confirmed"
    assert "They were glad." in ben.get(f"/support/desk/tickets/{ticket}").text


@pytest.mark.row("T11")
def test_steps_say_before_the_click_who_may_do_them(desk: Desk, ben: FlaskClient) -> None:
    """What touches a customer has no button for who was not assigned; the operation refuses it as well."""
    ticket = desk.in_progress(desk.ben)
    code = desk.open_issue(desk.ada, ticket)
    desk.issue_move(code, "grab", desk.ben)
    made = press(ben, at(code), f"{at(code)}/steps", what="Set the password anew", ticket=ticket)
    assert made.status_code == 303
    page = ben.get(at(code)).text
    assert "Only the person a manager assigned to the issue" in page
    assert "/steps/1/done" not in page
    look = f"/support/desk/tickets/{ticket}/access/{desk.give(ticket, 'correct horse')}/look"
    assert "Only the person a manager assigned to that issue" in ben.get(look).text
    assert press(ben, at(code), f"{at(code)}/steps/1/done").status_code == 409
    assert ben.get(f"/support/desk/tickets/{ticket}/consents/new?step=1").status_code == 200
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ada.id)
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ben.id)
    assert press(ben, at(code), f"{at(code)}/steps/1/done").status_code == 303
    assert press(ben, at(code), f"{at(code)}/steps/x/done").status_code == 404
