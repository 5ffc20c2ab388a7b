"""The closing report, made of the work, and the reminders that come after it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from paidsupport.kernel.actors import CLOCK
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import NotTheOwnerError, StaleThreadError, TransitionRefusedError
from paidsupport.kernel.files import Upload
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.deadlines.operations import reminders
from paidsupport.tickets.emails.tables import Reminder
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.vault.tables import Secret
from tests.people import Desk
from tests.tickets.checklist.test_checklists import BACKUP, working


def drafted(desk: Desk, code: str) -> str:
    """The report as the desk would write it for Ada."""
    with desk.ctx(desk.ada) as ctx:
        return report.draft(ctx, tickets.lock(ctx.session, code))


@pytest.mark.row("G18", "N7")
def test_the_report_is_drawn_from_the_work(desk: Desk) -> None:
    """Ticked items with their evidence, what was left out and why, the log, settings, and the boundary."""
    code = working(desk)
    desk.tick(code, desk.ada, "backup", **BACKUP, delete_after="2034-04-02")
    desk.tick(code, desk.ada, "new-version", version="1.5 to 2.3")
    desk.clock.forward(minutes=30)
    with desk.ctx(desk.ada) as ctx:
        worklog.add(ctx, code, Stretch("Ran the upgrade.", "web1", 90), key=new_key())
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        draft = Draft("The list.", ticket.claim_number, ticket.thread, new_key())
        upload = Upload("albums.csv", 1, io.BytesIO(b"x"))
        correspondence.write(ctx, code, draft, [upload])
    text = drafted(desk, code)
    for words in (
        "Files I sent you\n----------------\n- albums.csv",
        "The old gallery and all albums were backed up first.",
        "Where is it: /home/jane/backup",
        "From which version to which: 1.5 to 2.3",
        "14 March 2034, 1 h 30 min, web1: Ran the upgrade.",
        "you can delete it from 2 April 2034.",
        "open /upgrade on your site",
        "Where support ends",
        "USD 60.00",
    ):
        assert words in text
    assert "test photo" not in text, "what was not ticked was not done"
    assert "Remind the customer" not in text, "what is for ourselves is not told"
    assert "Passwords" not in text, "nothing was given"


@pytest.mark.row("G18")
def test_only_a_report_of_this_round_that_has_left_lets_close(desk: Desk) -> None:
    """Queued is not enough, and the owner alone sends it, after having written before."""
    code = desk.in_progress(desk.ada)
    desk.tick_all(code, desk.ada)
    with pytest.raises(TransitionRefusedError, match="The closing report has not been sent"):
        desk.transition(code, "close", desk.ada)
    with pytest.raises(NotTheOwnerError):
        desk.report(code, desk.ben)
    desk.report(code, desk.ada)
    assert desk.items(code)["report"].state == "done"
    with pytest.raises(TransitionRefusedError, match="The closing report has not been sent"):
        desk.transition(code, "close", desk.ada)
    (mail,) = desk.work()
    assert mail["X-Paidsupport-Kind"] == "report"
    assert desk.transition(code, "close", desk.ada).state == "closed"
    assert desk.broken() == {}


@pytest.mark.row("G18")
def test_a_report_is_no_first_letter(lite_desk: Desk) -> None:
    """After a hand-over the new owner introduces themselves first."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    desk.transition(code, "hand-over", desk.ada, colleague=desk.ben.id)
    with pytest.raises(TransitionRefusedError, match="Write to the customer first"):
        desk.report(code, desk.ben)


@pytest.mark.row("G18")
def test_a_report_over_a_stale_thread_is_not_sent(lite_desk: Desk) -> None:
    """The customer has written meanwhile: it may not be over."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    seen = desk.ticket(code)
    desk.receive(code, "One more thing!")
    with pytest.raises(StaleThreadError), desk.ctx(desk.ada) as ctx:
        report.send(ctx, code, Draft("Done.", seen.claim_number, seen.thread, new_key()))
    assert desk.items(code)["report"].state == "open"


def given(desk: Desk, code: str, kind: str = "password") -> None:
    """The customer has given something, and it is destroyed already."""
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        ctx.session.add(
            Secret(
                reference=new_key(),
                ticket_id=ticket.id,
                kind=kind,
                label="FTP",
                given_at=ctx.now,
                destroyed_at=ctx.now,
            )
        )


@pytest.mark.row("G16", "G18")
def test_who_gave_a_password_is_told_to_change_it(lite_desk: Desk) -> None:
    """In the report, and on some later days until it is confirmed."""
    desk = lite_desk
    code = desk.in_progress(desk.ada)
    given(desk, code)
    assert "change every password" in drafted(desk, code)
    desk.finish(code, desk.ada)
    desk.work()
    reminded = []
    for day in range(1, 40):
        desk.clock.forward(days=1)
        for mail in desk.work():
            body = mail.get_body(("plain",))
            assert body is not None
            assert "FTP: change the password" in body.get_content()
            reminded.append(day)
    assert reminded == [2, 7, 21]
    assert desk.happened(code).count("reminded") == 3
    assert desk.broken() == {}


@pytest.mark.row("G16", "P9")
@pytest.mark.parametrize("why", ["changed", "opened again"])
def test_nobody_is_reminded_of_what_is_done(lite_desk: Desk, why: str) -> None:
    """Once the customer has changed it, or while the ticket is worked on again."""
    desk = lite_desk
    desk.hush()
    code = desk.in_progress(desk.ada)
    given(desk, code)
    desk.finish(code, desk.ada)
    desk.clock.forward(days=1)
    desk.work()
    if why == "changed":
        with desk.ctx() as ctx:
            for secret in ctx.session.scalars(select(Secret)):
                secret.changed_at = ctx.now
    else:
        desk.transition(code, "reopen", desk.ben, note="Rotation fails.")
    desk.clock.forward(days=30)
    # of a deadline that nobody met the desk hears
    assert [mail["To"] for mail in desk.work() if "mia@" not in mail["To"]] == []
    with desk.ctx() as ctx:
        assert {row.outcome for row in ctx.session.scalars(select(Reminder))} == {"dropped"}


@pytest.mark.row("G19", "P9")
@pytest.mark.parametrize(("named", "day"), [("2034-03-30", date(2034, 3, 30)), ("", date(2034, 3, 21))])
def test_the_customer_is_told_when_the_backup_can_go(desk: Desk, named: str, day: date) -> None:
    """On the day the developer named, or a week after the end, once, with where it lies."""
    code = working(desk)
    desk.tick(code, desk.ada, "backup", **BACKUP, delete_after=named)
    desk.finish(code, desk.ada)
    desk.work()
    desk.clock.now = datetime(day.year, day.month, day.day, 7, 0, tzinfo=UTC)
    assert desk.work() == []
    desk.clock.forward(hours=2)
    (mail,) = desk.work()
    body = mail.get_body(("plain",))
    assert body is not None
    assert "/home/jane/backup (2 GB)" in body.get_content()
    assert mail["To"] == "jane@example.com"
    desk.clock.forward(days=30)
    assert desk.work() == []
    assert desk.broken() == {}


@pytest.mark.row("P9")
def test_two_workers_write_one_reminder(lite_desk: Desk) -> None:
    """The second one finds it done."""
    desk = lite_desk
    code = working(desk)
    desk.tick(code, desk.ada, "backup", **BACKUP)
    desk.finish(code, desk.ada)
    desk.clock.forward(days=8)
    with desk.ctx(CLOCK) as ctx:
        (first,) = reminders.due(ctx)
    for outcome in ("sent", ""):
        with desk.ctx(CLOCK) as ctx:
            assert reminders.tend(ctx, first) == outcome


@pytest.mark.row("G18")
def test_the_report_says_each_decision_once(lite_desk: Desk) -> None:
    """A later answer takes the place of an earlier one; one for a line stands with it and nowhere else."""
    desk = lite_desk
    code = desk.risky(desk.ada)
    for item, choice in (("", "declined"), ("configuration", "approved")):
        asked = desk.ask(code, desk.ada, item)
        desk.work()
        desk.answer(code, asked, choice)
    other = desk.ask(code, desk.ada, what="Delete the old logs")
    extra = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, other, "declined")
    desk.answer(code, extra, "approved")
    desk.tick_all(code, desk.ada)
    text = drafted(desk, code)
    assert text.count("Restart Apache") == 1
    assert (
        "was changed or a service was restarted.\n  You approved on 14 March 2034: “Restart Apache”" in text
    )
    assert "- You declined on 14 March 2034: “Delete the old logs”" in text
    assert "You accepted on 14 March 2034: “E-cards and the random block”, for USD 20.00 more" in text
    assert text.count("USD 20.00") == 1
