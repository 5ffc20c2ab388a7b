"""Whose turn it is, and who had the last word."""

from __future__ import annotations

from typing import Any

import pytest

from paidsupport.kernel.actors import Actor
from paidsupport.tickets import turn
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.queries import Wanted
from tests.people import Desk


def in_list(desk: Desk, by: Actor, part: Any = None) -> tuple[turn.Turn, turn.LastWord | None]:  # noqa: ANN401
    """What a list says of the only ticket to somebody."""
    with desk.ctx(by) as ctx:
        (row,) = queue.page(ctx.session, Wanted(part=part)).rows
        state = next(
            s for flow in ctx.services.workflows.values() for s in flow.states if s.name == row.state
        )
        return turn.turn(row, state, row.owner_name, by.id), turn.last_word(row)


@pytest.mark.row("P6")
def test_a_list_says_whose_turn_it_is_and_what_was_said_last(desk: Desk) -> None:
    """The desk, then the owner, the customer, and the owner again; with the words behind the greeting."""
    code = desk.order(name="Karla Meier")
    found, said = in_list(desk, desk.ada)
    assert (found.whose, found.label, said) == (turn.Whose.DESK, "Desk", None)
    desk.claim(code, desk.ada)
    assert in_list(desk, desk.ada)[0] == turn.Turn(turn.Whose.OWNER, "You", yours=True)
    assert in_list(desk, desk.ben)[0].label == desk.ada.name
    desk.write(code, desk.ada)
    found, said = in_list(desk, desk.ada)
    assert found.label == "Customer"
    assert said
    assert (said.from_customer, said.name) == (False, desk.ada.name)
    desk.receive(code, "Dear Ada,\n\nThe albums are gone.\n\nKarla")
    found, said = in_list(desk, desk.ada)
    assert found.yours
    assert said
    assert (said.from_customer, said.name, said.words) == (True, "Karla Meier", "The albums are gone")
    desk.receive(code, "password: hunter2secret")
    said = in_list(desk, desk.ada)[1]
    assert said
    assert "hunter2secret" not in said.words
