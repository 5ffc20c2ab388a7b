"""What the database itself refuses, whatever the code above it believes."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from paidsupport.kernel.errors import NotFoundError, StaleTicketError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.tables import Ticket
from tests.people import Desk

#: One statement for each thing that must be impossible; `:id` is a ticket in progress, `:open` an open one.
IMPOSSIBLE = {
    "two claims with one number": (
        "INSERT INTO paidsupport_claim (ticket_id, number, person_id, taken_at, ending)"
        " SELECT ticket_id, number, person_id, taken_at, '' FROM paidsupport_claim WHERE ticket_id = :id"
    ),
    "two first contacts": (
        "UPDATE paidsupport_letter SET contact = 'first', claim_number = 1 WHERE ticket_id = :id"
    ),
    "a contact that no claim fences": (
        "UPDATE paidsupport_letter SET claim_number = NULL WHERE contact = 'first' AND ticket_id = :id"
    ),
    "a letter taken under another claim": (
        "UPDATE paidsupport_letter SET taken_under = 7 WHERE contact = 'first' AND ticket_id = :id"
    ),
    "a letter in no known state": "UPDATE paidsupport_letter SET state = 'lost' WHERE ticket_id = :id",
    "an unassigned ticket with an owner": (
        "UPDATE paidsupport_ticket SET owner_id = (SELECT min(id) FROM paidsupport_person) WHERE id = :open"
    ),
    "a pending ticket without an owner": "UPDATE paidsupport_ticket SET owner_id = NULL WHERE id = :id",
    "a fourth part": "UPDATE paidsupport_ticket SET part = 'limbo' WHERE id = :open",
    "a negative price": "UPDATE paidsupport_ticket SET price_minor = -1 WHERE id = :id",
    "two tickets with one code": "UPDATE paidsupport_ticket SET code = 'PS-2222-2222'",
    "two events with one number": "UPDATE paidsupport_event SET number = 1 WHERE ticket_id = :id",
    "two deeds under one key": "UPDATE paidsupport_event SET key = 'same' WHERE ticket_id = :id",
    "two messages with one number": (
        "INSERT INTO paidsupport_message (ticket_id, number, direction, author_name, body, at)"
        " SELECT ticket_id, number, 'in', '', '', at FROM paidsupport_message WHERE ticket_id = :id"
    ),
    "a message of ours without a claim": (
        "UPDATE paidsupport_message SET claim_number = NULL WHERE ticket_id = :id"
    ),
    "a message in no direction": "UPDATE paidsupport_message SET direction = 'up' WHERE ticket_id = :id",
    "a message of no ticket": "UPDATE paidsupport_message SET ticket_id = 4711 WHERE ticket_id = :id",
    "a person with another role": "UPDATE paidsupport_person SET role = 'king'",
    "two deadlines of one kind": (
        "INSERT INTO paidsupport_deadline (ticket_id, kind, minutes, warn_left, started_at, left_minutes,"
        " outcome, letter_reference) SELECT ticket_id, kind, minutes, warn_left, started_at, 1, '', ''"
        " FROM paidsupport_deadline WHERE ticket_id = :id AND done_at IS NULL"
    ),
    "a deadline that runs and stands still": (
        "UPDATE paidsupport_deadline SET due_at = started_at, warn_at = started_at WHERE ticket_id = :id"
        " AND done_at IS NULL"
    ),
    "a deadline that is done and nobody knows how": (
        "UPDATE paidsupport_deadline SET done_at = started_at WHERE ticket_id = :id AND done_at IS NULL"
    ),
    "a warning of a deadline that stands still": (
        "UPDATE paidsupport_deadline SET look_at = started_at WHERE ticket_id = :id AND done_at IS NULL"
    ),
    "a deadline of another kind": "UPDATE paidsupport_deadline SET kind = 'lunch' WHERE ticket_id = :id",
    "a person who goes and leaves a ticket": "DELETE FROM paidsupport_person",
}


@pytest.mark.row("G6", "N1")
def test_the_database_refuses_what_must_be_impossible(desk: Desk) -> None:
    """Constraints hold without any of our code: each statement is refused."""
    open_code, code = desk.order(), desk.in_progress(desk.ada)
    ids = {"id": desk.ticket(code).id, "open": desk.ticket(open_code).id}
    done = []
    for what, statement in IMPOSSIBLE.items():
        with desk.ctx() as ctx:
            try:
                with ctx.session.begin_nested():
                    ctx.session.execute(text(statement), ids)
            except IntegrityError:
                continue
            done.append(what)
    assert done == []


@pytest.mark.row("G6")
def test_a_change_compares_the_version_in_the_database(desk: Desk) -> None:
    """Even where Python still believes in the version it read, no row is written."""
    code = desk.order()
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        overtake = update(Ticket).values(version=Ticket.version + 1)
        ctx.session.execute(overtake.execution_options(synchronize_session=False))
        assert ticket.version == 1
        with pytest.raises(StaleTicketError, match=code):
            tickets.change(ctx.session, ticket, summary="late")
    assert desk.ticket(code).summary != "late"


def test_a_lock_reads_the_ticket_anew(desk: Desk) -> None:
    """What the session saw before is not believed."""
    code = desk.order()
    with desk.ctx() as ctx:
        seen = ctx.session.scalars(select(Ticket).where(Ticket.code == code)).one()
        ctx.session.execute(update(Ticket).values(version=5).execution_options(synchronize_session=False))
        assert seen.version == 1
        assert tickets.lock(ctx.session, code).version == 5
        assert tickets.lock_by_id(ctx.session, seen.id).version == 5


def test_an_unknown_ticket_is_not_found(lite_desk: Desk) -> None:
    """By its code and by its id."""
    with lite_desk.ctx() as ctx:
        with pytest.raises(NotFoundError):
            tickets.lock(ctx.session, "PS-2222-2222")
        with pytest.raises(NotFoundError):
            tickets.lock_by_id(ctx.session, 4711)
