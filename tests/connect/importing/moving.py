"""What tests of moving in share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from paidsupport.connect.importing.tables import Imported
from paidsupport.connect.log.tables import Announcement
from paidsupport.connect.webhooks.tables import Delivery
from paidsupport.intake.duty.tables import CascadeStep
from paidsupport.kernel.db.base import Base
from paidsupport.tickets.deadlines.tables import Deadline
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.notices.tables import Notice
from paidsupport.tickets.tables import Ticket
from tests.people import Desk

#: What an import must not bring about.
BROUGHT_ABOUT: tuple[type[Base], ...] = (Email, Notice, Delivery, Announcement, Deadline, CascadeStep)


def line(kind: str, source_id: str, /, **said: Any) -> dict[str, Any]:  # noqa: ANN401  # fields
    """A line."""
    return {"type": kind, "source": "old", "source_id": source_id, **said}


def ticket(number: str, part: str = "closed", **said: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # fields
    """A ticket with a message of its customer, an answer, an annotation and a change of its status."""
    own = {"ticket_id": number}
    jane = {"customer_name": "Jane Doe", "customer_email": "jane@example.com"}
    changed = {"before": "new", "after": "resolved"}
    at = [f"2019-03-0{day}T09:30:00+01:00" for day in range(1, 6)]
    return [
        line("ticket", number, part=part, summary=f"Pictures {number}", submitted_at=at[0], **jane, **said),
        line("message", f"{number}-1", direction="in", body="They stay dark.", at=at[0], **own),
        line("message", f"{number}-2", direction="out", author_id="ada", body="Look again.", at=at[1], **own),
        line("annotation", f"{number}-3", author_id="zoe", body="A cache.", at=at[2], **own),
        line("ticket_event", f"{number}-4", kind="status", at=at[3], actor_id="ada", **own, data=changed),
        line("tag", f"{number}-5", name="gallery", **own),
    ]


PEOPLE = [
    line("person", "ada", name="Ada L.", email="ADA@example.org"),
    line("person", "zoe", name="Zoe", email="zoe@example.net"),
]


def written(folder: Path, lines: list[dict[str, Any]]) -> Path:
    """A file of lines."""
    path = folder / "import.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    return path


def run(desk: Desk, *args: object) -> Any:  # noqa: ANN401  # what click gives
    """The command."""
    return desk.app.test_cli_runner().invoke(args=["paidsupport", "import", *map(str, args)])


def moved(desk: Desk, source: str = "old") -> dict[str, str]:
    """The codes of the tickets that moved in, by their numbers before."""
    wanted = select(Imported.source_id, Ticket.code).join(Ticket, Ticket.id == Imported.row_id)
    with desk.ctx() as ctx:
        rows = ctx.session.execute(wanted.where(Imported.kind == "ticket", Imported.source == source))
        return {row.source_id: row.code for row in rows}


def brought_about(desk: Desk) -> dict[str, int]:
    """How many rows there are of what must not come of an import."""
    with desk.ctx() as ctx:
        counts = {row: ctx.session.scalar(select(func.count()).select_from(row)) for row in BROUGHT_ABOUT}
    return {row.__tablename__: number for row, number in counts.items() if number}
