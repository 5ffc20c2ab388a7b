"""Tickets move in as they were: times, authors, files; and nothing else comes of it (P18)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from paidsupport.tickets.conversation.tables import Annotation, File, Message
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Event
from tests.connect.importing.moving import PEOPLE, brought_about, line, moved, run, ticket, written
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P18")


def test_tickets_are_as_they_were_and_nothing_else_comes_of_it(desk: Desk, tmp_path: Path) -> None:
    """Closed ones stay closed, open ones are in the queue, those of staff are theirs; no email, no notice."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "1.txt").write_text("a log")
    file = {"ticket_id": "7", "message_id": "7-1", "name": "../error log.txt", "stored_as": "files/1.txt"}
    lines = [
        *PEOPLE,
        line("organisation", "o1", name="Bank of Examples", kind="bank"),
        line("contact", "c1", organisation_id="o1", name="Jane", email="jane@example.com"),
        *ticket("7", organisation_id="o1", ended_at="2019-03-05T12:00:00+00:00"),
        line("file", "f1", **file),
        line(
            "work",
            "w1",
            ticket_id="7",
            person_id="ada",
            what="Looked",
            **dict.fromkeys(("started_at", "ended_at"), "2019-03-02T10:00:00+00:00"),
        ),
        *ticket("8", "unassigned"),
        *ticket("9", "pending", owner_id="ada"),
        *ticket("10", "pending", owner_id="zoe"),
    ]
    path = written(tmp_path, lines)
    done = run(desk, path)
    assert done.exit_code == 0, done.output
    assert "Moved in: 4 ticket" in done.output
    assert "Unknown author: Zoe" in done.output
    codes = moved(desk)
    assert codes.keys() == {"7", "8", "9", "10"}
    closed, free, held, orphan = (desk.ticket(codes[number]) for number in ("7", "8", "9", "10"))
    assert [each.part for each in (closed, free, held, orphan)] == [
        *("closed", "unassigned", "pending", "unassigned")
    ]
    assert held.owner_id == desk.ada.id
    assert closed.submitted_at == datetime(2019, 3, 1, 8, 30, tzinfo=UTC)
    assert closed.ended_at == datetime(2019, 3, 5, 12, tzinfo=UTC)
    assert closed.customer_address == "jane@example.com"
    with desk.ctx() as ctx:
        said = ctx.session.scalars(select(Message).where(Message.ticket_id == closed.id)).all()
        assert [(each.direction, each.author_name, each.body) for each in said] == [
            ("in", "Jane Doe", "They stay dark."),
            ("out", "Ada", "Look again."),
        ]
        assert said[1].author_id == desk.ada.id
        assert said[0].at == closed.submitted_at
        notes = ctx.session.scalars(select(Annotation).where(Annotation.ticket_id == closed.id)).all()
        assert [(each.author_id, each.author_name) for each in notes] == [(None, "Zoe")]
        [kept] = ctx.session.scalars(select(File))
        assert (kept.name, kept.message_id, kept.audience) == ("error log.txt", said[0].id, "customer")
        assert ctx.services.files.open(kept.storage_key).read() == b"a log"
        lines_told = ctx.session.scalars(
            select(Event).where(Event.ticket_id == closed.id).order_by(Event.number)
        ).all()
    kinds = [each.kind for each in lines_told]
    assert kinds[0] == "imported"
    assert kinds[-1] == "moved-in"
    assert {"imported-message", "imported-note", "imported-change", "imported-work"} <= set(kinds)
    assert desk.broken() == {}
    # weeks go by: a worker sends nothing, and calls nobody
    desk.work()
    desk.clock.forward(hours=8)
    assert desk.work() == []
    assert brought_about(desk) == {}
    assert desk.broken() == {}
    again = run(desk, path)
    assert again.exit_code == 0, again.output
    assert "Moved in" not in again.output
    assert moved(desk) == codes


def test_tickets_can_be_worked_on(lite_desk: Desk, tmp_path: Path) -> None:
    """Their pages show them, the search finds them; from now on they are like all others."""
    run(lite_desk, written(tmp_path, [*PEOPLE, *ticket("7"), *ticket("8", "unassigned")]))
    codes = moved(lite_desk)
    client = sign_in(lite_desk.app, "ada")
    page = client.get(f"/support/desk/tickets/{codes['7']}")
    assert page.status_code == 200
    for said in ("They stay dark.", "Look again.", "A cache.", "gallery"):
        assert said in page.text
    assert "moved it in from" in client.get(f"/support/desk/tickets/{codes['7']}/history").text
    assert codes["7"] in client.get("/support/desk/search?q=dark").text
    assert client.get(f"/support/t/{lite_desk.token(codes['8'])}").status_code == 200
    lite_desk.claim(codes["8"], lite_desk.ben)
    lite_desk.write(codes["8"], lite_desk.ben, "Hello Jane, we have moved. Does it work now?")
    assert len(lite_desk.work()) == 1
    lite_desk.receive(codes["8"], "It does.")
    with lite_desk.ctx() as ctx:
        assert pages.history(ctx, lite_desk.ticket(codes["8"]))
    assert lite_desk.broken() == {}


def test_a_dry_run_says_what_is_unknown_and_writes_nothing(lite_desk: Desk, tmp_path: Path) -> None:
    """Queues, authors, fields, files, lines that cannot be used."""
    lines = [
        *PEOPLE,
        *ticket("7", service_name="Café", colour="red"),
        line("file", "f", ticket_id="7", name="a.txt", stored_as="files/none"),
        line("message", "lost", ticket_id="9", direction="in", body="Who?", at="2019-01-01"),
        {"type": "planet"},
    ]
    done = run(lite_desk, written(tmp_path, lines), "--dry-run")
    assert done.exit_code == 0, done.output
    assert "Would move in: 1 ticket" in done.output
    for said in ("queue: Café", "author: Zoe", "field: ticket.colour", "file: a.txt (missing)"):
        assert f"Unknown {said}" in done.output
    assert "not behind its ticket" in done.output
    assert "there is no such type of line" in done.output
    assert moved(lite_desk) == {}


def test_logins_in_texts_are_masked(lite_desk: Desk, tmp_path: Path) -> None:
    """As in every message of a customer."""
    lines = ticket("7", details="password: hunter2-and-more")
    lines[1]["body"] = "The password is hunter2-and-more"
    run(lite_desk, written(tmp_path, [*PEOPLE, *lines]))
    code = moved(lite_desk)["7"]
    page = sign_in(lite_desk.app, "ada").get(f"/support/desk/tickets/{code}").text
    assert "hunter2" not in page
