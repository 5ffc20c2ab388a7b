"""Whatever staff write passes one gate, below all operations."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import JSON, Column, func, insert, literal, select, update

from paidsupport.intake.guides.tables import Guide
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, followers
from paidsupport.issues.queries.families import following
from paidsupport.issues.tables import Issue, IssueNote
from paidsupport.kernel.actors import CLOCK, Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.gate import UngatedError
from paidsupport.kernel.db.marks import Writer, written_by
from paidsupport.kernel.errors import GivenAwayError, InvalidInputError, TransitionRefusedError
from paidsupport.sales.organisations.tables import Organisation, OrganisationTicket
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.tables import Annotation, File
from tests.people import Desk
from tests.tickets.vault.test_vault import PASSWORD

pytestmark = pytest.mark.row("G15")

#: Columns of staff that hold no words.
_NO_WORDS = {"paidsupport_intake.called_at"}


@pytest.fixture
def code(lite_desk: Desk) -> str:
    """A ticket that Ada holds and on which the customer gave a password."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.give(code, PASSWORD)
    return code


def _belongs(desk: Desk, code: str) -> dict[str, int]:
    """The ids of a ticket with the secret, of an issue it follows, and of its organisation."""
    issue = desk.issue(desk.open_issue(desk.ben, code)).id
    with desk.ctx() as ctx:
        theirs = Organisation(
            reference="o",
            name="Club",
            folded="club",
            kind="other",
            created_at=ctx.now,
            changed_at=ctx.now,
        )
        ctx.session.add(theirs)
        ctx.session.flush()
        ticket = tickets.lock(ctx.session, code).id
        owned = OrganisationTicket(
            organisation_id=theirs.id, ticket_id=ticket, how="hand", by_name="Ada", at=ctx.now
        )
        ctx.session.add(owned)
        return {
            "paidsupport_ticket": ticket,
            "paidsupport_issue": issue,
            "paidsupport_organisation": theirs.id,
        }


def _place(column: Column[Any], ids: dict[str, int]) -> dict[str, object]:
    """What lets a new row of the column's table belong to the ticket, if it can."""
    table = column.table
    named = {key.parent.name: ids.get(key.column.table.name) for key in table.foreign_keys}
    place: dict[str, object] = {name: id_ for name, id_ in named.items() if id_ is not None}
    if table.name in ids and table.name != "paidsupport_ticket":
        place["id"] = ids[table.name]
    return place | ({"direction": "out"} if "direction" in table.c else {})


def refused(desk: Desk, by: Actor, write: Callable[[Context], object]) -> GivenAwayError:
    """What the gate says to something that is written."""

    def written(ctx: Context) -> None:
        write(ctx)
        ctx.session.flush()
        pytest.fail("it was written")

    with pytest.raises(GivenAwayError) as said, desk.ctx(by) as ctx:
        written(ctx)
    assert PASSWORD not in str(said.value)
    return said.value


def test_no_column_of_staff_takes_a_secret(lite_desk: Desk, code: str) -> None:
    """It is compared by the ticket, issue or organisation of the row, else with what its author may know."""
    ids = _belongs(lite_desk, code)
    columns = [each for each in written_by(metadata, Writer.STAFF) if str(each) not in _NO_WORDS]
    assert len(columns) > 80
    for column in columns:
        place = _place(column, ids)
        # nobody may write it where it belongs to the ticket; elsewhere those may not who can know it
        by = lite_desk.ben if place.keys() - {"direction"} else lite_desk.ada
        said = f"Log in with {PASSWORD}, please."
        value = {"reason": [said]} if isinstance(column.type, JSON) else said
        row = insert(column.table).values({**place, column.key: value})
        error = refused(lite_desk, by, lambda ctx, row=row: ctx.session.execute(row))  # type: ignore[misc]
        assert list(error.problems) == [column.key], str(column)


def test_every_way_of_writing_passes_it(lite_desk: Desk, code: str) -> None:
    """The ORM, statements of several rows, changes by condition, expressions, and what passes the ORM."""
    lite_desk.annotate(code, lite_desk.ada)
    row = {"author_name": "Ben", "about": "", "at": lite_desk.clock()}
    ticket = lite_desk.ticket(code).id
    harmless, harmful = ({"ticket_id": ticket, "body": text, **row} for text in ("Fine.", PASSWORD))
    here = update(Annotation).where(Annotation.ticket_id == ticket)

    def assigned(ctx: Context) -> None:
        ctx.session.scalars(select(Annotation)).one().body = PASSWORD

    ways: list[Callable[[Context], object]] = [
        assigned,
        lambda ctx: ctx.session.add(Annotation(**harmful)),
        lambda ctx: ctx.session.add_all([Annotation(**harmless), Annotation(**harmful)]),
        lambda ctx: ctx.session.execute(insert(Annotation), [harmless, harmful]),
        lambda ctx: ctx.session.execute(insert(Annotation).values([harmless, harmful])),
        lambda ctx: ctx.session.execute(here.values(body=PASSWORD)),
        lambda ctx: ctx.session.execute(here.values(body=Annotation.body + literal(f" {PASSWORD}"))),
        lambda ctx: ctx.session.execute(here.values(body=func.replace(Annotation.body, "n", PASSWORD))),
        lambda ctx: ctx.session.connection().execute(insert(Annotation), harmful),
    ]
    for way in ways:
        refused(lite_desk, lite_desk.ben, way)
    with lite_desk.ctx() as ctx:
        assert [each.body for each in ctx.session.scalars(select(Annotation))] == ["A note."]


def test_it_stays_shut_for_a_person_while_others_act(lite_desk: Desk, code: str) -> None:
    """What the clock does within a person's request writes nothing of theirs past the gate."""

    def write(ctx: Context) -> None:
        clock = replace(ctx, by=CLOCK)
        annotation.keep(clock, tickets.lock(clock.session, code), f"It is {PASSWORD}")

    refused(lite_desk, lite_desk.ben, write)


def test_nothing_of_staff_is_written_where_nobody_compares(lite_desk: Desk, code: str) -> None:
    """A session without a context is a fault of ours, not a way around the gate; so is one for reading."""
    row = insert(Annotation).values(ticket_id=lite_desk.ticket(code).id, body="A word.")
    database = mount_of(lite_desk.app).database
    for session_of in (database.writing, database.reading, database.snapshot):
        with session_of() as session, pytest.raises(UngatedError, match="annotation"):
            session.execute(row)


def test_a_file_is_compared_although_no_operation_asked(lite_desk: Desk, code: str) -> None:
    """The content of a file is in the file store: it is read there."""
    row = {"reference": "f", "ticket_id": lite_desk.ticket(code).id, "audience": "desk", "name": "plan.txt"}

    def write(ctx: Context) -> None:
        kept = ctx.services.files.keep(io.BytesIO(f"root\n{PASSWORD}".encode()))
        about = {"size": kept.size, "sha256": kept.sha256, "storage_key": kept.key, "at": ctx.now}
        ctx.session.add(File(**row, **about))

    assert list(refused(lite_desk, lite_desk.ben, write).problems) == ["files"]


def test_other_tickets_count_for_those_who_know_their_secrets(lite_desk: Desk, code: str) -> None:
    """An owner cannot paste a secret into the wrong ticket; who never saw it is told nothing of it."""
    desk, other = lite_desk, lite_desk.order()
    with pytest.raises(InvalidInputError, match=f"a login of ticket {code}") as said:
        desk.annotate(other, desk.ada, f"Try {PASSWORD}")
    assert PASSWORD not in str(said.value)
    guide = update(Guide).values(body=f"Log in with {PASSWORD}")
    refused(desk, desk.ada, lambda ctx: ctx.session.execute(guide))
    desk.annotate(other, desk.ben, f"Try {PASSWORD}")


def test_an_ordinary_word_is_no_trap(lite_desk: Desk) -> None:
    """A customer whose password is a word of ours does not stop the desk: programs may say it."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.give(code, "backup")
    lite_desk.write(code, lite_desk.ada)
    lite_desk.work()
    lite_desk.transition(code, "start", lite_desk.ada, note="On the phone.")


class TestOlderTexts:
    """A text that was there before the secret, or comes to its ticket later."""

    def test_an_issue_that_says_it_already_is_hidden(self, lite_desk: Desk) -> None:
        """Only its readers see it any more, and the ticket's owner is told."""
        desk = lite_desk
        code = desk.order()
        desk.claim(code, desk.ada)
        issue = desk.open_issue(desk.ben, code, summary=f"Log in with {PASSWORD}")
        desk.annotate(code, desk.ada, f"It is {PASSWORD}?")
        client = desk.app.test_client()
        assert PASSWORD in client.get(f"/support/issues/{issue}").text  # nobody can know yet
        desk.give(code, PASSWORD)
        assert client.get(f"/support/issues/{issue}").status_code == 404
        assert desk.issue(issue).private
        with desk.ctx() as ctx:
            note = ctx.session.scalars(select(Annotation.body).order_by(Annotation.id.desc())).first()
        assert note
        assert f"is already in: {issue}, a note." in note
        assert PASSWORD not in note
        with desk.ctx(desk.mia) as ctx, pytest.raises(TransitionRefusedError, match=f"ticket {code}"):
            access.set_private(ctx, issue, private=False, key=new_key())
        assert desk.broken() == {}

    def test_a_ticket_follows_no_issue_that_says_its_secret(self, lite_desk: Desk, code: str) -> None:
        """It is refused, and nothing of it is kept."""
        issue = lite_desk.open_issue(lite_desk.ben, details=f"Log in with {PASSWORD}.")

        def follow(ctx: Context) -> None:
            ticket = tickets.lock(ctx.session, code)
            followers.follow(ctx, issues.lock(ctx.session, issue, ctx.by), ticket)

        assert code in str(refused(lite_desk, lite_desk.mia, follow))
        with lite_desk.ctx() as ctx:
            asked = following(ctx.session.scalars(select(Issue.id).where(Issue.code == issue)).one())
            assert ctx.session.scalars(asked).all() == []

    def test_a_part_of_an_issue_knows_what_the_whole_is_followed_by(self, lite_desk: Desk, code: str) -> None:
        """A customer waits for all parts: their secret stands in none."""
        issue = lite_desk.issue(lite_desk.open_issue(lite_desk.ben, code))
        part = lite_desk.issue(lite_desk.open_issue(lite_desk.ben))
        lite_desk.change_issue(part.code, parent_id=issue.id)
        note = {"kind": "note", "about": "", "author_name": "Ben", "body": PASSWORD, "at": lite_desk.clock()}
        row = insert(IssueNote).values(issue_id=part.id, **note)
        refused(lite_desk, lite_desk.ben, lambda ctx: ctx.session.execute(row))
