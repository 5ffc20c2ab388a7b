"""Doing one thing with several tickets, and taking it back (P6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import ConflictError, NotFoundError
from paidsupport.tickets.bulk import operations as bulk
from tests.people import Desk, press, sign_in


@pytest.mark.row("P6")
def test_several_tickets_are_changed_at_once_and_changed_back(app: Flask, desk: Desk) -> None:
    """From the list, without scripts; what cannot be done is said of its ticket, and undo says so too."""
    one, two, gone = desk.order(), desk.order(), desk.order()
    ada = sign_in(app, "ada")
    chosen = [f"{code}.1" for code in (one, two, gone)]
    desk.claim(gone, desk.ben)
    fields = {"do": "spam", "t": chosen, "back": "/support/desk/?part=unassigned"}
    answer = press(ada, "/support/desk/", "/support/desk/bulk", **fields)
    assert answer.status_code == 303
    page = BeautifulSoup(ada.get(answer.location).text, "html.parser")
    notice = str(page.select_one(".ps-notice[role=status]"))
    assert "2 tickets closed as spam." in notice
    assert gone in notice
    assert (desk.ticket(one).state, desk.ticket(gone).state) == ("invalid", "pending")
    desk.transition(two, "reopen", desk.mia, note="It is none.")
    undo = page.select_one(".ps-notice form")
    assert undo is not None
    answer = press(ada, answer.location, str(undo["action"]))
    assert two in ada.get(answer.location).text
    assert desk.ticket(one).state == "open"
    assert desk.happened(one)[-1] == "reopen"
    assert not desk.broken()


@pytest.mark.row("P6")
def test_what_was_done_can_be_undone_for_ten_minutes(desk: Desk) -> None:
    """Tags, priorities and owners come back through their own operations; later nothing does."""
    code = desk.order()
    desk.claim(code, desk.mia)
    version = desk.ticket(code).version
    for action, value in (("tag", "vip"), ("priority", "high"), ("hand-over", str(desk.ben.id))):
        with desk.ctx(desk.mia) as ctx:
            done = bulk.act(ctx, action, value, {code: version}, key=new_key())
            assert (len(done.tickets), done.refused) == (1, [])
            reference = done.reference
        with desk.ctx(desk.mia) as ctx:
            assert bulk.undo(ctx, reference).refused == []
        version = desk.ticket(code).version
    ticket = desk.ticket(code)
    assert (ticket.priority, ticket.owner_id) == (3, desk.mia.id)
    with desk.ctx(desk.mia) as ctx:
        reference = bulk.act(ctx, "priority", "low", {code: version}, key=new_key()).reference
    desk.clock.forward(seconds=timedelta(minutes=10).seconds)
    with desk.ctx(desk.mia) as ctx, pytest.raises(ConflictError):
        bulk.undo(ctx, reference)
    assert desk.ticket(code).priority == 4
    desk.work()
    with desk.ctx(desk.mia) as ctx, pytest.raises(NotFoundError):  # a worker has cleaned up
        bulk.undo(ctx, reference)
    assert not desk.broken()


@pytest.mark.row("P6")
def test_who_handed_a_ticket_over_takes_it_back(desk: Desk) -> None:
    """A developer, too, who does not hold it any more; not once the colleague has gone on with it."""
    left, gone_on = desk.order(), desk.order()
    for code in (left, gone_on):
        desk.claim(code, desk.ada)
    chosen = {code: desk.ticket(code).version for code in (left, gone_on)}
    with desk.ctx(desk.ada) as ctx:
        reference = bulk.act(ctx, "hand-over", str(desk.ben.id), chosen, key=new_key()).reference
    desk.transition(gone_on, "release", desk.ben, note="I am away.")
    with desk.ctx(desk.ben) as ctx, pytest.raises(NotFoundError):
        bulk.undo(ctx, reference)
    with desk.ctx(desk.ada) as ctx:
        assert [code for code, _why in bulk.undo(ctx, reference).refused] == [gone_on]
    assert desk.ticket(left).owner_id == desk.ada.id
    assert desk.ticket(gone_on).owner_id is None
    assert not desk.broken()
