"""Managers write rules of tone in plain words (P10)."""

from __future__ import annotations

import pytest
from flask import Flask

from paidsupport.kernel.codes import new_key
from paidsupport.tickets.conversation.operations import tone
from paidsupport.tickets.tone import operations, queries
from tests.catalogue.rows import Manager, errors, told
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")

THERE = "/support/desk/setup/tone"
NEW = f"{THERE}/new"


def ruled(desk: Desk) -> int:
    """A rule; returns its id."""
    typed = {"words": "no brainer", "reason": "It belittles.", "suggestion": "", "language": "en"}
    with desk.ctx(desk.mia) as ctx:
        return operations.keep(ctx, 0, typed, seen={}, key=new_key())


def remarks(desk: Desk, text: str) -> list[tuple[str, str]]:
    """The marked words of an email, and why."""
    with desk.ctx(desk.ada) as ctx:
        return [(tone.words(text, each), each.reason) for each in tone.remarks(ctx, text)]


def test_a_rule_is_written_tried_changed_and_removed(app: Flask, desk: Desk) -> None:
    """Whole words, in any case and over a line's end; emails are checked by it from then on."""
    mia = Manager(app)
    made = mia.send(NEW, words="simply\nrocket  science (really)", reason="It belittles.", suggestion="")
    assert made.status_code == 303
    text = "It is Simply\nno rocket\nscience (really). A simplyfied one."
    assert remarks(desk, text) == [("Simply", "It belittles."), ("rocket science (really)", "It belittles.")]
    tried = mia.client.post(THERE, data=mia.filled(THERE, "#ps-try", text="Simply do it."))
    page = mia.page(tried.location).text if tried.status_code == 303 else tried.text
    assert "It belittles." in page
    with desk.ctx() as ctx:
        [row] = queries.rules(ctx.session)
    one = f"{THERE}/{row.id}"
    assert mia.send(one, language="de").status_code == 303
    english = "We have looked at this for you and it is simply the one that we want to do now."
    assert remarks(desk, english) == []
    assert mia.press(one, f"{one}/remove").status_code == 303
    assert remarks(desk, text) == []
    kinds = [(kind, about) for kind, about, _ in told(desk, "tone")]
    assert kinds == [(kind, f"tone:{row.id}") for kind in ("added", "changed", "removed")]
    assert sign_in(app, "ada").get(THERE).status_code == 403
    assert desk.broken() == {}


def test_nothing_typed_is_a_pattern(lite_app: Flask, lite_desk: Desk) -> None:
    """What would hang a machine as a regular expression is looked for as it stands."""
    mia = Manager(lite_app)
    assert mia.send(NEW, words="(a+)+$\n.*", reason="So.").status_code == 303
    assert remarks(lite_desk, "a" * 20_000 + "!") == []
    assert mia.send(NEW, words="a " * 90, reason="So.").status_code == 303
    assert remarks(lite_desk, "a " * 80 + " " * 20_000) == []
    said = errors(mia.send(NEW, words=" ", reason=""))
    assert "Enter at least one word." in said
    assert "Say why" in said
    assert "at most 20 lines" in errors(mia.send(NEW, words="\n".join(map(str, range(21))), reason="So."))
