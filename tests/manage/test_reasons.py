"""Managers edit the reasons for which tickets end, and those of issues (P10)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import delete

from paidsupport.kernel.configuration import file, loading
from paidsupport.kernel.configuration.tables import ReasonRow
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.testing import mount_of
from tests.catalogue.rows import Manager, errors, told
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")

ALL = "/support/desk/setup/reasons"
ISSUES = "/support/desk/issues"
ABANDON = f"{ALL}/paid/abandon"


def offered(app: Flask, code: str) -> list[str]:
    """What the form for abandoning a ticket offers."""
    page = sign_in(app, "ada").get(f"/support/desk/tickets/{code}/moves/abandon").text
    found = BeautifulSoup(page, "html.parser").select("#reason label")
    return [each.text.strip() for each in found]


def test_reasons_are_added_renamed_moved_and_retired(app: Flask, desk: Desk) -> None:
    """They are offered and accepted at once; what was ended for one keeps its words."""
    mia, code, other = Manager(app), desk.in_progress(desk.ada), desk.in_progress(desk.ada)
    before = offered(app, code)
    new = f"{ABANDON}/new_reason"
    said = {"label": "Moved house", "told": "You have moved.", "label_de": "Umgezogen"}
    assert mia.send(new, **said).status_code == 303
    assert offered(app, code) == [*before, "Moved house"]
    moved = mia.press(ALL, f"{ABANDON}/moved-house/move", to="place", place="1")
    assert mia.page(moved.location).select_one("#paid-abandon-moved-house-go[autofocus]")
    assert mia.send(f"{ABANDON}/no-response", label="They never wrote").status_code == 303
    assert offered(app, code)[0] == "Moved house"
    assert "They never wrote" in offered(app, code)
    assert "No reply" not in offered(app, code)
    desk.transition(code, "abandon", desk.ada, reason="moved-house", note="So they said.")
    desk.work()
    assert any("You have moved." in str(sent) for sent in desk.transport.sent)
    assert mia.press(ALL, f"{ABANDON}/moved-house/offer").status_code == 303
    assert "Moved house" not in offered(app, other)
    with pytest.raises(TransitionRefusedError):
        desk.transition(other, "abandon", desk.ada, reason="moved-house", note="Again.")
    history = sign_in(app, "ada").get(f"/support/desk/tickets/{code}/history").text
    assert "Moved house" in history
    assert mia.press(ALL, f"{ABANDON}/moved-house/offer").status_code == 303
    assert offered(app, other)[0] == "Moved house"
    kinds = [(kind, about) for kind, about, _ in told(desk, "reason")]
    own = "reason:paid/abandon/moved-house"
    assert kinds == [
        ("added", own),
        ("moved", own),
        ("changed", "reason:paid/abandon/no-response"),
        ("retired", own),
        ("reinstated", own),
    ]
    assert sign_in(app, "ada").get(ALL).status_code == 403
    assert desk.broken() == {}


def test_some_reasons_have_to_stay(lite_app: Flask, lite_desk: Desk) -> None:
    """Those of the desk itself, and the last one; and each needs words."""
    mia, win = Manager(lite_app), f"{ALL}/sales/win"
    page = mia.page(ALL)
    assert not page.select(f'form[action="{ALL}/paid/reject/spam/offer"]')
    assert "Enter the reason." in errors(mia.send(f"{win}/new_reason", label=" "))
    assert "Fill in the field above first" in errors(mia.send(f"{win}/paid", told_de="Danke"))
    reasons = ["paid", "gratis", "contract", "other"]
    for name in reasons[:-1]:
        assert mia.press(ALL, f"{win}/{name}/offer").status_code == 303
    assert "One reason has to stay" in errors(mia.press(ALL, f"{win}/other/offer"))
    assert mia.client.get(f"{win}/nothing").status_code == 404
    flow = mount_of(lite_app).services.workflows["sales"]
    assert [each.name for each in flow.transition("win").offered] == ["other"]
    assert [each.name for each in flow.transition("win").reasons] == reasons


def test_reasons_of_issues_are_edited_alike(app: Flask, desk: Desk) -> None:
    """They are offered, accepted and told in the history; the file holds them; customers are told none."""
    mia, dismiss = Manager(app), f"{ALL}/issue/dismiss"
    code = desk.open_issue(desk.ada)
    new = f"{dismiss}/new_reason"
    assert mia.send(new, label="Fixed upstream", label_de="Anderswo behoben").status_code == 303
    assert not mia.page(new).select("[name^=told]")
    assert mia.send(f"{dismiss}/no-fault", label="As it should be").status_code == 303
    assert mia.press(ALL, f"{dismiss}/fixed-upstream/move", to="place", place="1").status_code == 303
    assert mia.press(ALL, f"{dismiss}/will-not-be-done/offer").status_code == 303
    offered = [
        each.text.strip() for each in mia.page(f"{ISSUES}/{code}/moves/dismiss").select("#reason label")
    ]
    assert offered == [
        "Fixed upstream",
        "Duplicate",
        "As it should be",
        "Can't be reproduced",
        "Another reason",
    ]
    for reason in ("will-not-be-done", "no-such-reason"):
        with pytest.raises(TransitionRefusedError):
            desk.issue_move(code, "dismiss", desk.mia, reason=reason, note="No.")
    desk.issue_move(code, "dismiss", desk.mia, reason="fixed-upstream", note="There.")
    assert "Fixed upstream" in mia.page(f"{ISSUES}/{code}/history").text
    kinds = [(kind, about.removeprefix("reason:issue/dismiss/")) for kind, about, _ in told(desk, "reason")]
    assert kinds == [
        ("added", "fixed-upstream"),
        ("changed", "no-fault"),
        ("moved", "fixed-upstream"),
        ("retired", "will-not-be-done"),
    ]


def test_reasons_of_issues_are_in_the_file(app: Flask, desk: Desk) -> None:
    """It loads byte for byte where they are gone; a sentence for customers has no place in it."""
    assert Manager(app).send(f"{ALL}/issue/dismiss/new_reason", label="Fixed upstream").status_code == 303
    with desk.ctx() as ctx:
        whole = file.dump(ctx)
    reason = 'workflow = "issue"\ntransition = "dismiss"\nname = "fixed-upstream"\nlabel = "Fixed upstream"\n'
    assert reason in whole
    told_to = whole.replace(reason, f'{reason}told = "It is fixed."\n')
    with pytest.raises(InvalidInputError, match="Customers aren't told"), desk.ctx(desk.mia) as ctx:
        file.plan(ctx, told_to)
    with desk.ctx(desk.mia) as ctx, set_aside(ctx.session):
        ctx.session.execute(delete(ReasonRow))
        ctx.services.present.expire(ctx.session)
    with desk.ctx(desk.mia) as ctx:
        loading.load_at_once(ctx, whole, "Put back.")
    with desk.ctx() as ctx:
        assert file.dump(ctx) == whole
    assert desk.broken() == {}
