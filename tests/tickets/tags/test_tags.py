"""Tags: put on, taken off, found, told, and gone with the customer (P7, P13)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, KeyReusedError, TransitionRefusedError
from paidsupport.ops.erasure import erasure
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queue import queries as queue
from paidsupport.tickets.queue.queries import Wanted
from paidsupport.tickets.tables import Event, Ticket
from paidsupport.tickets.tags import operations as tags
from paidsupport.tickets.tags.tables import Tag
from tests.people import Desk

pytestmark = pytest.mark.row("P7")


def add(desk: Desk, code: str, *names: str, key: str = "") -> None:
    """Ben tags a ticket."""
    for name in names:
        with desk.ctx(desk.ben) as ctx:
            tags.add(ctx, code, name, key=key or new_key())


def remove(desk: Desk, code: str, name: str, key: str = "") -> None:
    """Mia takes a tag off."""
    with desk.ctx(desk.mia) as ctx:
        tags.remove(ctx, code, name, key=key or new_key())


def on(desk: Desk, code: str) -> list[str]:
    """The tags of a ticket, on its page and in the queue."""
    with desk.ctx() as ctx:
        shown = [tag.name for tag in pages.for_desk(ctx, code).tags]
        rows = {row.code: row.tags for row in queue.page(ctx.session, Wanted(part=None), ctx.now).rows}
    assert sorted(shown) == sorted((rows[code] or "").split(",") if rows[code] else [])
    return shown


def told(desk: Desk, code: str) -> list[tuple[str, Any]]:
    """What the history says of tags."""
    wanted = select(Event.kind, Event.data).join(Ticket).where(Ticket.code == code)
    with desk.ctx() as ctx:
        rows = ctx.session.execute(wanted.where(Event.kind.in_(("tagged", "untagged"))).order_by(Event.id))
        return [(kind, data.get("tag")) for kind, data in rows]


def test_a_tag_is_put_on_and_taken_off(desk: Desk) -> None:
    """As it was typed but for spare spaces; no claim is lost by it, and history tells."""
    code, other = desk.order(), desk.order()
    add(desk, code, "  GCC   2.96 ", "Straße")
    add(desk, other, "GCC 2.96")
    assert on(desk, code) == ["GCC 2.96", "Straße"]
    remove(desk, code, "gcc 2.96")
    assert (on(desk, code), on(desk, other)) == (["Straße"], ["GCC 2.96"])
    assert told(desk, code) == [("tagged", "GCC 2.96"), ("tagged", "Straße"), ("untagged", "GCC 2.96")]
    assert desk.ticket(code).version == 1
    assert desk.broken() == {}


def test_a_form_sent_twice_tags_once(desk: Desk) -> None:
    """Also the one that takes it off; with another tag the key is used up."""
    code = desk.order()
    keys = new_key(), new_key()
    for _ in range(2):
        add(desk, code, "urgent", key=keys[0])
    for _ in range(2):
        remove(desk, code, "urgent", key=keys[1])
    with pytest.raises(KeyReusedError):
        add(desk, code, "other", key=keys[0])
    assert [kind for kind, _ in told(desk, code)] == ["tagged", "untagged"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Write the tag first"),
        ("\u200b ", "Write the tag first"),
        ("one, two", "no comma"),
        ("x" * 41, "to 40 characters"),
        ("two\nlines", "single line"),
        ("STRASSE", "“Straße” already"),
    ],
)
def test_what_is_no_tag_is_told_at_its_field(desk: Desk, typed: str, said: str) -> None:
    """Nothing visible, several, too long; or one that is there in another spelling."""
    code = desk.order()
    add(desk, code, "Straße")
    with pytest.raises(InvalidInputError, match=said) as refused:
        add(desk, code, typed)
    assert set(refused.value.problems) == {"tag"}
    assert on(desk, code) == ["Straße"]


def test_a_ticket_has_so_many_tags_and_no_more(desk: Desk) -> None:
    """One that is not there cannot be taken off either."""
    code = desk.order()
    add(desk, code, *(f"tag {number}" for number in range(tags.MOST)))
    with pytest.raises(InvalidInputError, match="at most 20 tags"):
        add(desk, code, "one more")
    with pytest.raises(InvalidInputError, match="any more"):
        remove(desk, code, "one more")


def test_no_tag_quotes_a_credential(desk: Desk) -> None:
    """Everything that is typed on a ticket is compared with what its customer gave."""
    code = desk.in_progress(desk.ada)
    desk.give(code, "correct Horse")
    with pytest.raises(InvalidInputError, match="reveals a login") as refused:
        add(desk, code, "correct Horse")
    assert set(refused.value.problems) == {"tag"}


def test_tickets_are_found_by_tag(desk: Desk) -> None:
    """By a filter, whatever the case; by words of it, together with words of the order."""
    one, two = desk.order(details="Move the albums."), desk.order()
    add(desk, one, "Old Server")
    add(desk, two, "old")
    found = {}
    with desk.ctx() as ctx:
        for wanted in (
            Wanted(tag="OLD server"),
            Wanted(tag="old"),
            Wanted(tag="server"),
            Wanted(part=None, words=["albums", "serv"]),
        ):
            found[wanted.tag] = [row.code for row in queue.page(ctx.session, wanted, ctx.now).rows]
    assert found == {"OLD server": [one], "old": [two], "server": [], "": [one]}


@pytest.mark.row("P13")
def test_the_tags_of_an_erased_ticket_are_gone(desk: Desk) -> None:
    """With the words in its history; it gets no new ones."""
    code = desk.order(email="gone@example.com")
    add(desk, code, "zebra", "Mr Zebra")
    remove(desk, code, "Zebra")
    desk.transition(code, "reject", desk.ada, reason="spam", note="Spam.")
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, "gone@example.com")
    assert on(desk, code) == []
    assert told(desk, code) == [("tagged", None), ("tagged", None), ("untagged", None)]
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Tag)) == 0
        assert queue.page(ctx.session, Wanted(part=None, words=["zebra"]), ctx.now).rows == []
    with pytest.raises(TransitionRefusedError, match="erased"):
        add(desk, code, "again")
    assert desk.broken() == {}
