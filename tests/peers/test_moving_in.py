"""A real Request Tracker moves in, is worked on, and is exported (P18)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from paidsupport.connect.importing import running
from paidsupport.connect.importing.operations.writing import Plan
from paidsupport.connect.importing.running import Report
from paidsupport.connect.importing.sources.kinds import KINDS, Wanted
from paidsupport.kernel.by_clock import ByClock
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.tables import Annotation, File, Message
from tests.connect.importing.moving import brought_about, moved
from tests.peers.between import Between
from tests.peers.moved_in import LOG, PNG, SHORT, TICKETS
from tests.peers.request_tracker import RequestTracker
from tests.people import Desk

pytestmark = pytest.mark.row("P18")


def desk_of(desk: Desk) -> ByClock:
    """Transactions of the desk."""
    mount = mount_of(desk.app)
    with desk.app.app_context():
        return ByClock(mount.services, mount.database, mount.clock)


def test_a_request_tracker_moves_in_is_worked_on_and_exported(
    lite_desk: Desk, request_tracker: RequestTracker, tmp_path: Path
) -> None:
    """Everything that was said, by whom and when; and no address in its answers is ever followed."""
    desk, report = lite_desk, Report()
    with Between(request_tracker.url) as between:
        secret = f"{request_tracker.login}:{request_tracker.password}"
        wanted = Wanted("rt", desk_of(desk).services, options={"url": between.url}, secret=secret)
        source = KINDS["rt"].open(wanted)
        running.move(desk_of(desk), source, Plan(), report)
        assert all(hit.path.startswith("/REST/2.0/") for hit in between.hits)
        assert {hit.method for hit in between.hits} == {"GET"}
    codes = moved(desk, "rt")
    assert len(codes) == len(TICKETS) + SHORT
    assert report.counts["ticket"] == len(codes)
    told = {about: {word for of, word in report.remarks if of == about} for about, _ in report.remarks}
    assert {"Ada Lovelace", "Ben Süß"} <= told["author"]
    assert "ticket.TimeEstimated" in told["field"]
    first, stalled = desk.ticket(codes["1"]), desk.ticket(codes["2"])
    assert (first.part, stalled.part, stalled.priority) == ("closed", "unassigned", 2)
    assert (first.customer_name, first.customer_email) == ("Jörg Müller-Weiß", "joerg@kueche.example")
    with desk.ctx() as ctx:
        rows = ctx.session.scalars(
            select(Message).where(Message.ticket_id == first.id).order_by(Message.number)
        ).all()
        assert [each.direction for each in rows] == ["in", "out", "in", "out"]
        assert rows[0].body.startswith("Guten Tag,\n\ndie Kasse zeigt nichts mehr an.")
        assert rows[1].body.split() == (
            ["Lieber", "Herr", "Müller-Weiß,", "bitte", "ziehen", "Sie", "das", "Kabel", "einmal", "ab."]
        )
        assert rows[1].author_name == "Ada Lovelace"
        [note] = ctx.session.scalars(select(Annotation).where(Annotation.ticket_id == first.id))
        assert note.body == "Ruft jedes Jahr an, immer dasselbe Kabel."
        files = ctx.session.scalars(select(File).where(File.ticket_id == first.id)).all()
        contents = {each.name: ctx.services.files.open(each.storage_key).read() for each in files}
        assert contents == {"kasse.log": LOG, "display.png": PNG}
    # asked again, it goes on behind a ticket, and nothing comes twice
    again = Report()
    source = KINDS["rt"].open(wanted_of(request_tracker, desk))
    running.move(desk_of(desk), source, Plan(), again, after="35")
    assert again.counts == {"known": len(codes) - 35}
    assert brought_about(desk) == {}
    assert desk.broken() == {}
    desk.claim(codes["2"], desk.ada)
    desk.write(codes["2"], desk.ada, "Hello Zoë, we have moved. Did you change the password?")
    assert len(desk.work()) == 1
    desk.receive(codes["2"], "I did.")
    assert desk.broken() == {}
    _exported(desk, tmp_path / "exported", len(codes))


def _exported(desk: Desk, target: Path, number: int) -> None:
    done = desk.app.test_cli_runner().invoke(args=["paidsupport", "export", "all", str(target)])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in (target / "desk.jsonl").read_text().splitlines()]
    counts = Counter(line["type"] for line in lines)
    assert counts["imported"] == counts["ticket"] == number
    with desk.ctx() as ctx:
        assert counts["message"] == ctx.session.scalar(select(func.count()).select_from(Message))
    assert {line["source"] for line in lines if line["type"] == "imported"} == {"rt"}


def wanted_of(tracker: RequestTracker, desk: Desk) -> Wanted:
    """How it is asked."""
    secret = f"{tracker.login}:{tracker.password}"
    return Wanted("rt", desk_of(desk).services, options={"url": tracker.url}, secret=secret)
