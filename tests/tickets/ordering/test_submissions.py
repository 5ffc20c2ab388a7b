"""Ordering: one ticket per form, checked at the fields, limited, without passwords (G1, G2)."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from paidsupport.kernel.errors import InvalidInputError, KeyReusedError, NotFoundError, TooManyError
from paidsupport.kernel.files import Upload
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.operations import NO_PASSWORDS, Order
from paidsupport.tickets.tables import Ticket
from tests.people import ORDER, Desk

AT_ONCE = 6


def submit(desk: Desk, order: Order, **more: Any) -> Ticket:  # noqa: ANN401  # client, uploads
    """Send this form."""
    with desk.ctx() as ctx:
        return submissions.submit(ctx, order, **{"client": order.key, **more})


def count(desk: Desk) -> int:
    """How many tickets there are."""
    with desk.ctx() as ctx:
        return ctx.session.scalar(select(func.count()).select_from(Ticket)) or 0


@pytest.mark.row("G1", "G2")
def test_an_order_becomes_a_ticket_with_copies_of_what_was_ordered(desk: Desk) -> None:
    """Price, requirements and answers are kept as they were; the code goes out by mail with the link."""
    code = desk.order(user_id="host-7")
    ticket = desk.ticket(code)
    assert (ticket.state, ticket.part, ticket.price_minor, ticket.currency) == (
        "open",
        "unassigned",
        4500,
        "USD",
    )
    assert len(ticket.requirements) == 3
    assert {answer["name"]: answer["value"] for answer in ticket.answers} == {
        "php": "8.2",
        "database": "PostgreSQL",
        "features": [],
    }
    (mail,) = desk.work()
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert code in mail["Subject"]
    assert code in text
    token = text.split("/support/t/", 1)[1].split()[0]
    with desk.ctx() as ctx:
        assert submissions.by_link(ctx, token).code == code
        assert [found.code for found in submissions.orders_of(ctx, "host-7")] == [code]
        assert submissions.orders_of(ctx, "host-8") == []


@pytest.mark.row("G2")
def test_the_private_link_is_nowhere_in_the_database(lite_desk: Desk) -> None:
    """A copy of the database opens no customer's page."""
    token = lite_desk.token(lite_desk.order())
    lite_desk.work()
    with lite_desk.ctx() as ctx:
        raw: Any = ctx.session.connection().connection.driver_connection
        dumped = "\n".join(raw.iterdump())
    assert "jane@example.com" in dumped
    assert token.rsplit(".", 1)[1] not in dumped


@pytest.mark.row("N1")
def test_the_same_form_at_once_is_one_ticket(desk: Desk) -> None:
    """However often it arrives at the same time, every sender gets the same code."""
    order = replace(ORDER, key="once")
    barrier = threading.Barrier(AT_ONCE)

    def click(_: int) -> str:
        barrier.wait(120)
        return submit(desk, order, client="192.0.2.1").code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = set(pool.map(click, range(AT_ONCE)))
    assert len(codes) == 1
    assert count(desk) == 1
    assert len(desk.work()) == 1
    assert desk.broken() == {}


def test_a_key_with_another_order_is_refused(desk: Desk) -> None:
    """Also when the key was used for something else."""
    code = submit(desk, replace(ORDER, key="once")).code
    with pytest.raises(KeyReusedError):
        submit(desk, replace(ORDER, key="once", details="Something else."))
    with desk.ctx(desk.ada) as ctx:
        annotation.annotate(ctx, code, "A note.", key="once")
    assert count(desk) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "Jane\nBcc: all@example.org"}, "name"),
        ({"name": "\u202eJane"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": ""}, "email"),
        ({"email": "jane@example.com\r\nBcc: all@example.org"}, "email"),
        ({"host_url": " "}, "host_url"),
        ({"host_url": "javascript:alert(1)"}, "host_url"),
        ({"host_url": "https://jane:secret@example.com"}, "host_url"),
        ({"host_access": "SSH, password: hunter2"}, "host_access"),
        ({"details": "FTP jane, Passwort: geheim"}, "details"),
        ({"details": "x" * 20_001}, "details"),
        ({"details": "a\0b"}, "details"),
        ({"acknowledged": frozenset({0, 2})}, "requirement_1"),
        ({"answers": {"database": ["PostgreSQL"]}}, "answer_php"),
        ({"answers": {"php": ["8.2"], "database": ["Oracle"]}}, "answer_database"),
        ({"answers": {"php": ["8.2", "7"], "database": ["PostgreSQL"]}}, "answer_php"),
    ],
    ids=str,
)
def test_what_cannot_be_taken_is_told_at_its_field(
    lite_desk: Desk, changed: dict[str, Any], field: str
) -> None:
    """One problem, at the field that has it, and no ticket."""
    with pytest.raises(InvalidInputError) as refused:
        submit(lite_desk, replace(ORDER, key="k", **changed))
    assert set(refused.value.problems) == {field}
    assert count(lite_desk) == 0


@pytest.mark.row("G1")
def test_passwords_have_no_place_in_an_order(lite_desk: Desk) -> None:
    """The sentence says where they will be asked for."""
    with pytest.raises(InvalidInputError) as refused:
        submit(lite_desk, replace(ORDER, key="k", host_access="root / password = x"))
    assert refused.value.problems["host_access"] == [NO_PASSWORDS]


def test_everything_that_is_wrong_is_told_at_once(lite_desk: Desk) -> None:
    """A form need not be sent five times to learn five things."""
    order = Order("upgrade", "", "", "", "password: x", "", frozenset(), {"disk": ["no"]}, "k")
    with lite_desk.ctx() as ctx:
        from paidsupport.catalogue import queries as catalogue  # noqa: PLC0415  # only here

        service = catalogue.orderable(ctx, "upgrade")
        big = Upload("big", 11 * 1024 * 1024, io.BytesIO())
        problems = submissions.examine(ctx, service, order, [big]).problems
    assert set(problems) == {
        *("name", "email", "host_url", "host_access", "files"),
        *("requirement_0", "requirement_1", "requirement_2"),
        *("answer_from_version", "answer_other_space"),
    }


def test_orders_are_limited_per_client_and_mails_per_address(lite_desk: Desk) -> None:
    """A client who floods us, or another person through our emails, is stopped for an hour."""
    for number in range(20):
        submit(lite_desk, replace(ORDER, key=f"a{number}", email=f"{number}@example.com"), client="192.0.2.1")
    with pytest.raises(TooManyError):
        submit(lite_desk, replace(ORDER, key="b"), client="192.0.2.1")
    for number in range(5):
        submit(lite_desk, replace(ORDER, key=f"c{number}"), client=f"192.0.2.{number + 2}")
    with pytest.raises(TooManyError):
        submit(lite_desk, replace(ORDER, key="d"), client="192.0.2.9")
    lite_desk.clock.forward(minutes=61)
    submit(lite_desk, replace(ORDER, key="e"), client="192.0.2.1")


def test_unknown_and_retired_services_cannot_be_ordered(lite_desk: Desk) -> None:
    """Both are simply not there."""
    with pytest.raises(NotFoundError):
        submit(lite_desk, replace(ORDER, key="k", service="nonsense"))


@pytest.mark.row("G2")
def test_a_link_ends_with_its_edition_and_some_time_after_its_ticket(lite_desk: Desk) -> None:
    """A new edition makes it void; half a year after the end it is closed."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    desk.finish(code, desk.ada)
    token = desk.token(code)

    def opens() -> bool:
        with desk.ctx() as ctx:
            try:
                return submissions.by_link(ctx, token).code == code
            except NotFoundError:
                return False

    days = mount_of(desk.app).settings.link_days
    desk.clock.now += timedelta(days=days, seconds=-1)
    assert opens()
    desk.clock.forward(seconds=1)
    assert not opens()
    desk.transition(code, "reopen", desk.ben, note="More to do.")
    assert opens()
    with desk.ctx() as ctx:
        ctx.session.execute(update(Ticket).values(link_edition=2))
    assert not opens()
