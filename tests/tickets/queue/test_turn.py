"""Whose turn it is, and who had the last word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from paidsupport.kernel.actors import Actor
from paidsupport.tickets import turn
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.queries import Wanted
from tests.people import Desk


def in_list(desk: Desk, by: Actor, part: Any = None) -> tuple[turn.Turn, turn.LastWord | None]:  # noqa: ANN401
    """What a list says about the only ticket to a person."""
    with desk.ctx(by) as ctx:
        (row,) = queue.page(ctx.session, Wanted(part=part), ctx.now).rows
        state = next(
            s for flow in ctx.services.workflows.values() for s in flow.states if s.name == row.state
        )
        return turn.turn(row, state, row.owner_name, by.id, undecided=row.undecided), turn.last_word(row)


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


@pytest.mark.row("P6")
def test_work_waits_for_the_customer_only_while_they_have_to_decide(desk: Desk) -> None:
    """A word in between changes nothing; a question gives the turn away for as long as it is open."""

    def turns() -> set[str]:
        """What list, page and filter say."""
        with desk.ctx(desk.ada) as ctx:
            on_page = pages.for_desk(ctx, code).turn.whose
            flows = ctx.services.workflows.values()
            found = {
                each.value
                for each in turn.Whose
                if queue.page(
                    ctx.session, Wanted(part=None, turn=each, turns=turn.Turns.of(flows)), ctx.now
                ).rows
            }
        return found | {in_list(desk, desk.ada)[0].whose.value, on_page.value}

    code = desk.in_progress(desk.ada)
    desk.write(code, desk.ada)
    assert turns() == {"owner"}
    decision = desk.ask(code, desk.ada)
    desk.work()
    assert turns() == {"customer"}
    desk.answer(code, decision, "approved")
    assert turns() == {"owner"}
    desk.offer(code, desk.ada, days=3)
    desk.work()
    assert turns() == {"customer"}
    desk.clock.now += timedelta(days=4)
    assert turns() == {"owner"}
