"""Managers edit the reasons for which tickets end (P10)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from paidsupport.kernel.errors import TransitionRefusedError
from paidsupport.testing import mount_of
from tests.catalogue.rows import Manager, errors, told
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")

ALL = "/support/desk/setup/reasons"
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
