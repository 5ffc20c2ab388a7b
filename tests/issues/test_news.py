"""Whom an issue concerns is told: in the page and by one mail, with time left and deadline (P8, T15)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from paidsupport.issues.operations import access
from paidsupport.issues.queries.contents import readers
from paidsupport.issues.queries.news import notices_for
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.staff.concerns import Concern, Way
from paidsupport.tickets.notices.operations import digests
from tests.people import Desk, field, sign_in


@pytest.mark.row("P8", "T15")
def test_who_is_asked_gets_one_mail_with_time_left_and_deadline(desk: Desk) -> None:
    """Two things that are due are one mail; what was sent is not sent again."""
    desk.hush()
    with desk.ctx(desk.ben) as ctx:
        digests.prefer(ctx, dict.fromkeys(Concern, Way.NOW), 8)
    code = desk.open_issue(desk.ada, summary="Pictures stay dark")
    desk.change_issue(code, minutes_left=240, deadline=date(2034, 3, 14))
    desk.issue_move(code, "ask", desk.mia, colleague=desk.ben.id)
    mails = desk.work()
    assert [mail["To"] for mail in mails] == ["Ben <ben@example.org>"]
    assert mails[0]["Subject"] == f"[4h, 2034-03-14] {code}: Pictures stay dark"
    assert "Mia asked you for feedback" in mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"/desk/issues/{code}" in mails[0].as_string()
    assert desk.work() == []


@pytest.mark.row("T3")
def test_a_private_issue_is_told_to_nobody_who_may_not_see_it(desk: Desk) -> None:
    """Not by mail, not on the page, not in the count; and its mail holds the code alone."""
    code = desk.open_issue(desk.ada, summary="Albums open to strangers")
    desk.issue_move(code, "ask", desk.mia, colleague=desk.ben.id)
    desk.issue_move(code, "hand-over", desk.mia, colleague=desk.ada.id)
    with desk.ctx(desk.mia) as ctx:
        seen_by = readers(ctx.session, access.set_private(ctx, code, private=True, key=new_key()))
    assert desk.ben.id in seen_by  # he was asked, and knows it
    hidden = desk.open_issue(desk.ada, summary="Albums open to strangers, too", private=True)
    with desk.ctx(desk.ben) as ctx:
        assert hidden not in {row[2].code for row in notices_for(ctx.session, ctx.by)}
    for mail in desk.work():
        assert "strangers" not in mail.as_string()


@pytest.mark.row("P8")
def test_news_of_issues_stand_on_the_page_until_they_are_read(app: Flask, desk: Desk) -> None:
    """The count in the bar, the list of news, the issue's own page, and the button that ends it."""
    code = desk.open_issue(desk.ada)
    desk.issue_move(code, "ask", desk.mia, colleague=desk.ben.id)
    ben = sign_in(app, "ben")
    page = ben.get("/support/desk/news").text
    assert 'class="ps-pill">1<' in page
    assert "asked you for feedback" in page
    assert code in page
    at = f"/support/desk/issues/{code}"
    shown = ben.get(at).text
    until = shown.split('name="until" type="hidden" value="')[1].split('"')[0]
    # a browser does so by itself, and what was new stays in sight
    assert 'hx-trigger="load"' in shown
    token, key = field(shown, "csrf_token"), field(shown, "key")
    sent = {"csrf_token": token, "key": key, "until": until}
    part = ben.post(f"{at}/news", data=sent, headers={"HX-Request": "true"})
    assert "asked you for feedback" in part.text
    assert "<form" not in part.text
    assert "Mark as read" not in ben.get(at).text
    assert 'class="ps-pill"' not in ben.get("/support/desk/news").text
    assert desk.work() == [] or all("ben@" not in mail["To"] for mail in desk.work())
