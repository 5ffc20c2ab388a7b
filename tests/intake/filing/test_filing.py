"""An issue is made of a request without anything personal; nothing personal gets in later (T3, T4, N5)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import String, Text, func, select

from paidsupport.intake.filing import operations as filing
from paidsupport.intake.filing.operations import ABOUT
from paidsupport.intake.triage import operations as triage
from paidsupport.issues.operations import access, followers, notes, privacy, tags
from paidsupport.issues.operations.opening import Opening, open_issue
from paidsupport.issues.queries.contents import KEPT
from paidsupport.issues.queries.followers import notes_on_tickets
from paidsupport.issues.tables import Follower, Issue, IssueEvent, IssueNote, IssueTag
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    StaleTicketError,
    TransitionRefusedError,
)
from paidsupport.ops.erasure import erasure
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.tables import Annotation
from paidsupport.tickets.queries import pages
from tests.calling import call, take_calls
from tests.intake.triage.test_triage import asked
from tests.people import Desk

pytestmark = pytest.mark.row("T3")

#: Ben is of the desk: that he is greeted says nothing of the customer.
MAIL = """Dear Ben,

the gallery on https://photos.doe-prints.net/upload says "error 409" since version 1.2.3. My machine is
10.1.2.3, my account number is 4711-08. Call me at +49 30 7654321.

Kind regards,
Jane Doe
"""
#: Of this, nothing may be in an issue.
PERSONAL = ("Jane", "Doe", "doe-prints", "10.1.2.3", "4711-08", "7654321", "jane@example.com")


def file(desk: Desk, code: str, by: Actor, *, key: str = "", version: int = 0, **typed: Any) -> Issue:  # noqa: ANN401  # fields of a Filing
    """File an issue for a request as it is now, filled from it but for what was `typed`."""
    with desk.ctx(by) as ctx:
        ticket = tickets.lock(ctx.session, code)
        filled = replace(filing.draft(ctx, ticket), **typed)
        return filing.file(ctx, code, filled, version=version or ticket.version, key=key or new_key())


def marks(desk: Desk, code: str, by: Actor) -> dict[str, str]:
    """The marks of what is recognised in a request, by what it says."""
    with desk.ctx(by) as ctx:
        ticket = tickets.lock(ctx.session, code)
        found = filing.preview(ctx, ticket, filing.draft(ctx, ticket)).found
        return {each.text: each.mark for each in found}


def texts(desk: Desk) -> list[tuple[str, str]]:
    """Every text in every table of issues, with the name of its column."""
    found = []
    with desk.ctx() as ctx:
        for table in Base.metadata.sorted_tables:
            if table.name.startswith(("paidsupport_issue", "paidsupport_estimate", "paidsupport_step")):
                for column in table.columns:
                    if not isinstance(column.type, String | Text) and "JSON" not in str(column.type):
                        continue
                    found += [
                        (f"{table.name}.{column.name}", str(value))
                        for value in ctx.session.scalars(select(column))
                    ]
    return found


@pytest.mark.row("T4")
def test_a_bug_becomes_an_issue_that_is_new_nobodys_and_tagged(desk: Desk) -> None:
    """One operation: the request is claimed and follows, the issue waits, and nothing personal is in it."""
    code = asked(desk, MAIL, Subject="Upload of Jane Doe fails")
    issue = file(desk, code, desk.ada, note="Jane Doe uses the account 4711-08.")
    assert (issue.state, issue.owner_id, issue.reporter_id) == ("new", None, desk.ada.id)
    assert issue.summary == "Upload of [name] fails"
    assert 'says "error 409" since version 1.2.3' in issue.details
    assert [word for word in PERSONAL if word in issue.details] == []
    ticket = desk.ticket(code)
    assert (ticket.state, ticket.owner_id) == ("following", desk.ada.id)
    assert desk.happened(code)[-3:] == ["claim", "follow", "issue-followed"]
    with desk.ctx(desk.ben) as ctx:
        assert ctx.session.scalars(select(IssueTag.name)).all() == ["Customer"]
        [(private, of)] = notes_on_tickets(ctx.session, issue, ABOUT)
        assert (private.body, of, private.ticket_id) == (
            "Jane Doe uses the account 4711-08.",
            code,
            ticket.id,
        )
        [waiting] = followers.waiting(ctx, issue)
        assert (waiting.ticket.code, waiting.follower.stage) == (code, "production")
    assert desk.broken() == {}


@pytest.mark.row("N5")
def test_no_text_of_any_table_of_issues_names_a_customer_after_a_whole_story(desk: Desk) -> None:
    """Columns that are added later are looked at as well: they are read from the tables themselves."""
    code = asked(desk, MAIL, Subject="Jane Doe: upload fails")
    issue = file(desk, code, desk.ada, note="It is Jane Doe, jane@example.com.").code
    with desk.ctx(desk.ben) as ctx:
        notes.write(ctx, issue, "The customer uploads twice.", key=new_key())
        part = open_issue(ctx, Opening("bug", "A part", "Of it.", parent=issue), key=new_key()).code
    desk.issue_move(issue, "ask", desk.mia, colleague=desk.ben.id, note="Look at the upload.")
    path = "Read the header first."
    for each in (issue, part):
        desk.change_issue(each, feedback_at=desk.clock(), estimate_minutes=240, path=path)
    desk.issue_move(issue, "answer", desk.ben)
    acts: tuple[Callable[[Context], object], ...] = (
        lambda ctx: notes.write(ctx, issue, "Ask Jane how she did it.", key=new_key()),
        lambda ctx: notes.write(ctx, part, "jane@example.com did it.", key=new_key()),
        lambda ctx: open_issue(ctx, Opening("bug", "For Doe", "x", parent=issue), key=new_key()),
        lambda ctx: open_issue(ctx, Opening("bug", "New", "Call +49 30 7654321."), key=new_key()),
    )
    for act in acts:
        with desk.ctx(desk.ben) as ctx, pytest.raises(InvalidInputError, match="personal"):
            act(ctx)
    with desk.ctx(desk.ben) as ctx, pytest.raises(InvalidInputError, match="jane doe"):
        tags.put(ctx, ctx.session.scalars(select(Issue).where(Issue.code == issue)).one(), "jane doe")
    found = texts(desk)
    assert {"paidsupport_issue.details", "paidsupport_issue_note.body", "paidsupport_issue_event.data"} <= {
        name for name, _ in found
    }
    everything = [word.casefold() for word in (*PERSONAL, "jane doe", code)]
    # the code of a request names nobody: histories and words may hold it, texts for readers not
    bad = [
        (name, value)
        for name, value in found
        for word in everything
        if word in value.casefold()
        and not (word == code.casefold() and name.endswith(("event.data", "word")))
    ]
    assert bad == []
    assert desk.broken() == {}


def test_what_is_kept_needs_a_reason_and_may_be_said_later(desk: Desk) -> None:
    """History has a hash and a kind of it, a note has the reason, and only this issue may say it again."""
    code = asked(desk, MAIL)
    mark = marks(desk, code, desk.ada)["10.1.2.3"]
    for reason, said in (("", "Enter a reason"), ("It is of jane@example.com", "personal")):
        with pytest.raises(InvalidInputError, match=said) as wrong:
            file(desk, code, desk.ada, kept={mark: reason})
        assert list(wrong.value.problems) == [f"why-{mark}"]
    assert desk.ticket(code).state == "new"
    issue = file(desk, code, desk.ada, kept={mark: "The fault depends on this network."})
    assert "10.1.2.3" in issue.details
    assert "Jane" not in issue.details
    with desk.ctx(desk.ben) as ctx:
        [told] = ctx.session.scalars(select(IssueEvent).where(IssueEvent.kind == KEPT))
        assert told.data == {"kept": [mark], "kinds": ["IP address"]}
        [note] = ctx.session.scalars(select(IssueNote).where(IssueNote.kind == "kept"))
        assert note.body == "IP address: The fault depends on this network."
        notes.write(ctx, issue.code, "10.1.2.3 answers.", key=new_key())
    other = desk.open_issue(desk.ada)
    with desk.ctx(desk.ben) as ctx, pytest.raises(InvalidInputError, match="IP address"):
        notes.write(ctx, other, "10.1.2.3 answers.", key=new_key())
    with desk.ctx(desk.ben) as ctx:
        key = new_key()
        for _ in range(2):
            privacy.keep(ctx, other, "10.1.2.3", "It is ours.", key=key)
        notes.write(ctx, other, "10.1.2.3 answers.", key=new_key())
        with pytest.raises(InvalidInputError, match="Nothing in this text is flagged"):
            privacy.keep(ctx, other, "nothing", "x", key=new_key())
        with pytest.raises(InvalidInputError, match="password"):
            privacy.keep(ctx, other, "password: Tr0ub4dor&3", "x", key=new_key())
    assert desk.broken() == {}


def test_what_nobody_has_looked_at_is_not_filed(desk: Desk) -> None:
    """A form shows what it cuts; what was typed afterwards is shown first."""
    code = asked(desk, MAIL)
    seen = set(marks(desk, code, desk.ada).values())
    with pytest.raises(InvalidInputError, match="Some of it is new"):
        file(desk, code, desk.ada, seen=seen, details=f"{MAIL}\nAlso 10.9.9.9")
    assert file(desk, code, desk.ada, seen=seen).state == "new"


def test_colleagues_may_be_named_and_a_reason_names_nobody(desk: Desk) -> None:
    """“Ben” is of the desk, unless the customer is called so."""
    issue = desk.open_issue(desk.ada, details="Ben has seen it. Regards,\nAda")
    with desk.ctx(desk.ada) as ctx:
        notes.write(ctx, issue, "Dear Ben,\nlook.", key=new_key())
        with pytest.raises(InvalidInputError, match="Vera"):
            notes.write(ctx, issue, "Dear Vera,\nlook.", key=new_key())
    ticket = desk.order(name="Ben Brook", email="b@example.org")
    with desk.ctx(desk.ada) as ctx, pytest.raises(InvalidInputError, match="Ben"):
        open_issue(
            ctx,
            Opening("bug", "Ben’s album", "It is empty."),
            tickets=[tickets.lock(ctx.session, ticket)],
            key=new_key(),
        )


def test_the_same_form_twice_files_once_and_who_is_late_is_told(desk: Desk) -> None:
    """One key, one issue, one private note; another text under it is refused; so is an old version."""
    code = asked(desk, MAIL)
    key, version = new_key(), desk.ticket(code).version
    first, second = (
        file(desk, code, desk.ada, key=key, version=version, note="Jane.").code for _ in range(2)
    )
    assert first == second
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Issue)) == 1
        assert ctx.session.scalar(select(func.count()).where(Annotation.about == "issue")) == 1
    with pytest.raises(KeyReusedError):
        file(desk, code, desk.ada, key=key, version=version, summary="Another")
    with pytest.raises(StaleTicketError):
        file(desk, code, desk.ada, version=version)
    with pytest.raises(TransitionRefusedError, match="with Ada"):
        file(desk, code, desk.ben)
    # a second issue of the same request
    assert file(desk, code, desk.ada, summary="Another fault").code != first
    order = desk.order()
    with pytest.raises(TransitionRefusedError, match="Only an open request"):
        file(desk, order, desk.ada)
    assert desk.broken() == {}


def test_of_two_who_file_at_once_one_does(desk: Desk) -> None:
    """The other one is told who was faster, and leaves no issue behind."""
    code = asked(desk, MAIL)
    version = desk.ticket(code).version

    def act(by: Actor) -> str:
        try:
            return file(desk, code, by, version=version).code
        except (StaleTicketError, TransitionRefusedError) as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(act, (desk.ada, desk.ben)))
    assert sum(each.startswith("IS-") for each in made) == 1, made
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Issue)) == 1
    assert desk.broken() == {}


def test_nothing_is_left_of_a_filing_that_fails(desk: Desk) -> None:
    """There is neither a private note nor an issue, and the request is not claimed."""
    code = asked(desk, MAIL)
    with pytest.raises(InvalidInputError) as wrong:
        file(desk, code, desk.ada, summary=" ", note="Jane.", kind="riddle")
    assert set(wrong.value.problems) == {"summary", "kind"}
    with pytest.raises(InvalidInputError, match="Choose the stage"):
        file(desk, code, desk.ada, stage="moon")
    assert desk.ticket(code).state == "new"
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(Issue)).all() == []
        assert ctx.session.scalars(select(Annotation)).all() == []


def test_a_request_follows_an_issue_that_is_there(desk: Desk) -> None:
    """By its code, if one may see it; not twice; not if it says who this customer is."""
    shown = desk.open_issue(desk.mia, summary="Upload fails")
    hidden = desk.open_issue(desk.mia, summary="Upload opens all", private=True)
    closed = desk.open_issue(desk.mia)
    desk.issue_move(closed, "dismiss", desk.mia, reason="no-fault", note="As it should.")
    naming = desk.open_issue(desk.mia, details="It is about Jane Doe.")
    code = asked(desk, MAIL)
    for other, said in (
        (hidden, "no such issue"),
        ("IS-0000-0000", "no such issue"),
        (closed, "closed"),
        (naming, "about this customer"),
    ):
        with pytest.raises(InvalidInputError, match=said) as wrong:
            file(desk, code, desk.ada, issue=other)
        assert list(wrong.value.problems) == ["issue"]
    file(desk, code, desk.ada, issue=shown.lower(), stage="git")
    with pytest.raises(InvalidInputError, match="already waiting for"):
        file(desk, code, desk.ada, issue=shown)
    with desk.ctx() as ctx:
        row = ctx.session.scalars(select(Follower)).one()
        assert (row.stage, row.ended_at) == ("git", None)
    with pytest.raises(TransitionRefusedError):
        file(desk, code, desk.mia, issue=hidden)
    assert desk.broken() == {}


@pytest.mark.row("T6")
def test_a_call_that_ends_as_a_bug_names_no_caller(desk: Desk) -> None:
    """Merchants and banks try it on their test system first; the number and the house are cut out."""
    take_calls(desk)
    said = "Acme Books GmbH cannot pay out. Reach Max on 030 / 999 88 77, host acme-till."
    told = {"caller": "bank", "organisation": "Acme Books GmbH", "subject": "Acme: payouts", "notes": said}
    code = call(desk, desk.ada, take=False, **told).code
    issue = file(desk, code, desk.ada)
    assert issue.summary == "[name]: payouts"
    for word in ("Acme", "999", "Jane"):
        assert word not in issue.details
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(Follower.stage)).all() == ["staging"]


@pytest.mark.row("P13")
def test_erasing_the_customer_reaches_the_private_note(desk: Desk) -> None:
    """And the issue stays as it is: there was never anything of theirs in it."""
    code = asked(desk, MAIL)
    issue = file(desk, code, desk.ada, note="Jane Doe, 4711-08.")
    desk.transition(code, "dismiss", desk.ada, reason="other", note="Gone.")
    with desk.ctx(desk.mia) as ctx:
        assert erasure.erase(ctx, "jane@example.com").codes == [code]
    with desk.ctx(desk.mia) as ctx:
        assert "Jane" not in "".join(note.body for note, _ in notes_on_tickets(ctx.session, issue, ABOUT))
        # nobody is called “erased”
        notes.write(ctx, issue.code, "The file was erased.", key=new_key())
    assert desk.issue(issue.code).details == issue.details
    assert desk.broken() == {}


def test_the_ticket_tells_of_a_private_issue_only_that_there_is_one(desk: Desk) -> None:
    """Its owner, its reporter and managers see which one; all others only read that it is private."""
    code = asked(desk, MAIL)
    issue = file(desk, code, desk.ada, private=True).code
    for by, seen in ((desk.ada, True), (desk.ben, False)):
        with desk.ctx(by) as ctx:
            [row] = pages.for_desk(ctx, code).followed
            assert (row.issue.code, row.reads) == (issue, seen)
    with desk.ctx(desk.ben) as ctx:
        page = pages.for_desk(ctx, code)
        assert not any(issue in note.body for note in page.annotations)
        with pytest.raises(NotFoundError):
            privacy.keep(ctx, issue, "10.1.2.3", "x", key=new_key())


def test_a_bug_can_still_be_followed_elsewhere(desk: Desk) -> None:
    """With a note instead of an issue, as before."""
    code = asked(desk, MAIL)
    with desk.ctx(desk.ada) as ctx:
        triage.decide(ctx, code, "bug", version=1, key=new_key(), note="https://bugs.example.org/1")
    assert desk.ticket(code).state == "following"
    # and an issue can be filed later
    assert file(desk, code, desk.ada).state == "new"
    assert desk.broken() == {}


def test_the_doctor_finds_a_customer_in_an_issue(lite_desk: Desk) -> None:
    """Whatever way they got in."""
    code = asked(lite_desk, MAIL)
    issue = file(lite_desk, code, lite_desk.ada)
    lite_desk.change_issue(issue.code, details="It is jane@example.com.")
    assert list(lite_desk.broken()) == ["issues name no customers"]


def test_who_must_tell_the_customer_still_sees_an_issue_that_is_hidden(desk: Desk) -> None:
    """Making it private later takes it from no one whose customer waits for it."""
    code = asked(desk, MAIL)
    issue = file(desk, code, desk.ada).code
    desk.transition(code, "hand-over", desk.ada, colleague=desk.ben.id)
    with desk.ctx(desk.ada) as ctx:
        access.set_private(ctx, issue, private=True, key=new_key())
    with desk.ctx(desk.ben) as ctx:
        assert access.see(ctx, issue).private
