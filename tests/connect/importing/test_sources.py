"""Each source gives lines: what other systems say, in our words (P18)."""

from __future__ import annotations

import io
import json
import mailbox
import os
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from paidsupport.connect.importing.rules import schema
from paidsupport.connect.importing.sources.helpdesk import objects
from paidsupport.connect.importing.sources.places import Place
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.tickets.checklist.tables import Entry
from paidsupport.tickets.conversation.tables import Annotation, File, Message
from scripts import export_schema
from tests.connect.importing.moving import brought_about, moved, run
from tests.people import Desk

pytestmark = pytest.mark.row("P18")


def said(desk: Desk, code: str) -> tuple[list[tuple[str, str, str]], list[str]]:
    """The messages of a ticket (direction, author, text), and its annotations."""
    ticket = desk.ticket(code)
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(
            select(Message).where(Message.ticket_id == ticket.id).order_by(Message.number)
        )
        messages = [(each.direction, each.author_name, each.body) for each in rows]
        notes = ctx.session.scalars(select(Annotation).where(Annotation.ticket_id == ticket.id))
        return messages, [each.body for each in notes.all()]


def test_the_published_schema_is_current() -> None:
    """It is made from the code: run `make schema` after a change."""
    assert export_schema.IMPORT_PATH.read_text(encoding="utf-8") == export_schema.import_text()
    assert schema()["$defs"].keys() >= {"ticket", "message", "annotation", "file"}


def dumped(model: str, key: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401  # fields
    """An object as dumpdata writes it."""
    return {"model": model, "pk": key, "fields": fields}


_TICKET = {
    "title": "Pictures stay dark",
    "queue": 1,
    "created": "2024-02-03T10:00:00Z",
    "modified": "2024-02-09T10:00:00Z",
    "submitter_email": "jane@example.com",
    "assigned_to": ["ada"],
    "status": 4,
    "on_hold": False,
    "description": "All of them.",
    "resolution": "A cache.",
    "priority": 2,
    "due_date": "2024-03-01T00:00:00Z",
    "secret_key": "opens-a-page",
    "merged_to": None,
}
_DUMP = [
    # what refers to something may come before it
    dumped("helpdesk.followupattachment", 5, followup=3, file="helpdesk/att/log.txt", filename="log.txt"),
    dumped(
        "helpdesk.followup",
        3,
        ticket=1,
        date="2024-02-04T10:00:00Z",
        title="Comment",
        comment="Look again.",
        public=True,
        user=["ada"],
        new_status=3,
        time_spent="00:25:00",
    ),
    dumped(
        "helpdesk.followup",
        4,
        ticket=1,
        date="2024-02-05T10:00:00Z",
        title="Note",
        comment="Only for us.",
        public=False,
        user=["ada"],
        new_status=None,
        time_spent=None,
    ),
    dumped(
        "helpdesk.followup",
        6,
        ticket=1,
        date="2024-02-06T10:00:00Z",
        title="E-Mail",
        comment="Thanks!",
        public=True,
        user=None,
        new_status=None,
        time_spent=None,
    ),
    dumped("helpdesk.ticket", 1, **_TICKET),
    dumped("helpdesk.ticket", 2, **_TICKET | {"status": 1, "assigned_to": None, "title": "Ümläute"}),
    dumped("helpdesk.queue", 1, title="Gallery", slug="gallery"),
    dumped(
        "auth.user", 9, username="ada", email="ada@example.org", is_staff=True, first_name="", last_name=""
    ),
    dumped("helpdesk.ticketcc", 8, ticket=1, email="other@example.com"),
]


def test_a_dump_of_django_helpdesk_moves_in(lite_desk: Desk, tmp_path: Path) -> None:
    """Public follow-ups are messages, others annotations; a zip holds the attachments as well."""
    path = tmp_path / "dump.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("dump.json", json.dumps(_DUMP, ensure_ascii=False, indent=1))
        target.writestr("media/helpdesk/att/log.txt", "line 1")
    looked = run(lite_desk, path, "--from", "helpdesk", "--dry-run")
    assert looked.exit_code == 0, looked.output
    for word in ("field: ticket.due_date (2", "field: helpdesk.ticketcc", "queue: Gallery"):
        assert f"Unknown {word}" in looked.output
    assert "opens-a-page" not in looked.output
    done = run(lite_desk, path, "--from", "helpdesk")
    assert done.exit_code == 0, done.output
    codes = moved(lite_desk, "helpdesk")
    messages, notes = said(lite_desk, codes["1"])
    assert [(way, text) for way, _who, text in messages] == [
        *(("in", "All of them."), ("out", "Look again."), ("in", "Thanks!"))
    ]
    assert messages[1][1] == "Ada"
    assert notes == ["Only for us.", "Resolution: A cache."]
    ticket = lite_desk.ticket(codes["1"])
    assert (ticket.part, ticket.priority, lite_desk.ticket(codes["2"]).part) == ("closed", 2, "unassigned")
    with lite_desk.ctx() as ctx:
        [worked] = ctx.session.scalars(select(Entry))
        assert (worked.what, worked.person_id) == ("Comment", lite_desk.ada.id)
        [kept] = ctx.session.scalars(select(File))
        assert ctx.services.files.open(kept.storage_key).read() == b"line 1"
    assert lite_desk.broken() == {}
    assert brought_about(lite_desk) == {}


def test_an_array_of_any_size_is_read_object_by_object() -> None:
    """Also where a piece ends within a character, a number or an object; what is no array is refused."""
    many = [dumped("a.b", number, text="ü€" * (number % 977)) for number in range(2000)]
    for raw in (json.dumps(many).encode(), json.dumps(many, ensure_ascii=False, indent=2).encode()):
        assert list(objects(io.BytesIO(raw))) == many
    for raw in (b"", b"{}", b"[1]", b'[{"a": 1}', b'[{"a": 1', b"nonsense"):
        with pytest.raises(InvalidInputError):
            list(objects(io.BytesIO(raw)))


def email(number: int, sender: str, subject: str, text: str, *, answers: int = 0) -> EmailMessage:
    """An email."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "support@example.org", subject
    mail["Message-ID"], mail["Date"] = f"<{number}@example.com>", f"Mon, 0{number} Jan 2024 10:00:00 +0100"
    if answers:
        mail["In-Reply-To"] = f"<{answers}@example.com>"
    mail.set_content(text)
    return mail


@pytest.mark.parametrize("box", ["mbox", "maildir"])
def test_conversations_of_a_mailbox_move_in(lite_desk: Desk, tmp_path: Path, box: str) -> None:
    """What answers each other is one ticket, in whatever order it lies there."""
    path = tmp_path / "box"
    target = mailbox.mbox(path) if box == "mbox" else mailbox.Maildir(path)
    second = email(2, "Ada <ada@example.org>", "Re: Dark", "Look again.\n\n> They stay dark.", answers=1)
    first = email(1, "Jane <jane@example.com>", "Dark", "They stay dark.")
    first.add_attachment(b"line 1", maintype="text", subtype="plain", filename="log.txt")
    for each in (
        second,
        first,
        email(4, "Otto <otto@example.com>", "Hello", "Is anyone there?"),
        email(3, "Jane <jane@example.com>", "Re: Dark", "Thanks!", answers=2),
    ):
        target.add(each)
    target.close()
    if box == "maildir":
        secret = tmp_path / "secret"
        secret.write_text("From: eve@example.org\n\nThe key of the site.\n")
        (path / "cur" / "1.link:2,S").symlink_to(secret)
    done = run(lite_desk, path, "--from", "mbox", "--open")
    assert done.exit_code == 0, done.output
    codes = list(moved(lite_desk, "mbox").values())
    assert len(codes) == 2
    messages, _notes = said(lite_desk, codes[0])
    assert [(way, who, text) for way, who, text in messages] == [
        *(("in", "Jane", "They stay dark."), ("out", "Ada", "Look again."), ("in", "Jane", "Thanks!"))
    ]
    ticket = lite_desk.ticket(codes[0])
    assert (ticket.summary, ticket.customer_email, ticket.part) == ("Dark", "jane@example.com", "unassigned")
    assert ticket.submitted_at.isoformat() == "2024-01-01T09:00:00+00:00"
    with lite_desk.ctx() as ctx:
        assert [each.name for each in ctx.session.scalars(select(File))] == ["log.txt"]
    again = run(lite_desk, path, "--from", "mbox", "--open")
    assert "There already: 2" in again.output
    assert lite_desk.broken() == {}


def test_a_table_moves_in(lite_desk: Desk, tmp_path: Path) -> None:
    """Columns are found by their names or chosen; dates are as they are written; rows may go together."""
    path = tmp_path / "table.csv"
    path.write_bytes(
        "Nr;Betreff;Text;E-Mail;Datum;Status;Antwort;Farbe\r\n"
        '7;Bilder;"Sie sind\r\ndunkel";jane@example.com;03.02.2024 10:00;Erledigt;Schon gut;rot\r\n'
        "7;;Danke;jane@example.com;05.02.2024 10:00;Erledigt;;rot\r\n"
        "8;Größe;Zu klein;otto@example.com;04.02.2024;seltsam;;blau\r\n"
        "9;Ohne;Datum;otto@example.com;gestern;offen;;blau\r\n".encode("cp1252")
    )
    columns = {
        "source_id": "Nr",
        "summary": "Betreff",
        "body": "Text",
        "customer_email": "E-Mail",
        "submitted_at": "Datum",
        "state": "Status",
        "answer": "Antwort",
    }
    chosen = [part for field, name in columns.items() for part in ("--column", f"{field}={name}")]
    refused = run(lite_desk, path, "--from", "csv")
    assert refused.exit_code == 1
    assert "Choose the columns" in refused.output
    done = run(lite_desk, path, "--from", "csv", "--dates", "dmy", *chosen)
    assert done.exit_code == 0, done.output
    assert "Unknown status: seltsam" in done.output
    assert "Unknown field: Farbe" in done.output
    assert "submitted_at is not a moment" in done.output
    codes = moved(lite_desk, "csv")
    assert codes.keys() == {"7", "8"}
    messages, _notes = said(lite_desk, codes["7"])
    assert [text for _way, _who, text in messages] == ["Sie sind\ndunkel", "Schon gut", "Danke"]
    assert lite_desk.ticket(codes["8"]).summary == "Größe"
    assert lite_desk.ticket(codes["8"]).part == "unassigned"
    assert lite_desk.broken() == {}


def test_nothing_beside_leads_elsewhere(tmp_path: Path) -> None:
    """No path, no link, no pipe, and no name that is none."""
    folder = tmp_path / "box"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "a.jsonl").symlink_to(tmp_path / "secret")
    (folder / "circle").symlink_to(folder / "circle")
    (folder / "b.jsonl").write_text("{}")
    (folder / "fine").write_text("fine")
    os.mkfifo(folder / "pipe")
    place = Place(folder, (".jsonl",))
    assert place.path.name == "b.jsonl"
    for name in ("../secret", str(tmp_path / "secret"), "link", "circle", "pipe", "a\0b", "", "gone"):
        with pytest.raises((FileNotFoundError, IsADirectoryError)):
            place.beside(name)
    with place.beside("fine") as found:
        assert found.read() == b"fine"
