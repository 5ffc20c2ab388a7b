"""How urgent tickets are (P7)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.tickets.operations.representation import of_ticket
from paidsupport.tickets.priority import operations as priorities
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.queries import Wanted
from paidsupport.tickets.tables import Event
from tests.people import Desk, press, sign_in


@pytest.mark.row("P7")
def test_urgent_tickets_come_first_where_that_is_asked_for(app: Flask, desk: Desk) -> None:
    """Chosen on the ticket's page, told in its history, sorted and filtered by; ended ones have none."""
    usual, urgent, low = desk.order(), desk.order(), desk.order()
    ada, page = sign_in(app, "ada"), f"/support/desk/tickets/{urgent}"
    assert press(ada, page, f"{page}/priority", priority="urgent").status_code == 303
    assert "set the priority to Urgent" in ada.get(f"{page}/history").text
    with desk.ctx(desk.ben) as ctx:
        priorities.prioritise(ctx, low, "low", key=new_key())
        rows = queue.page(ctx.session, Wanted(sort="priority"), ctx.now).rows
        assert [row.code for row in rows] == [urgent, usual, low]
        assert [row.code for row in queue.page(ctx.session, Wanted(priority=1), ctx.now).rows] == [urgent]
        assert of_ticket(ctx, low)[1]["priority"] == "low"
        told = ctx.session.scalars(select(Event.data).where(Event.kind == "prioritised")).all()
        assert told[-1] == {"priority": "low", "before": "normal"}
        with pytest.raises(InvalidInputError):
            priorities.prioritise(ctx, low, "soon", key=new_key())
    desk.transition(low, "reject", desk.mia, reason="spam", note="Spam.")
    with desk.ctx(desk.ben) as ctx, pytest.raises(TransitionRefusedError):
        priorities.prioritise(ctx, low, "high", key=new_key())
    assert not desk.broken()
