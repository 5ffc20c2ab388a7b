"""Whatever people of the desk write passes one gate, below all operations."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import JSON, Column, func, insert, literal, select, update

from paidsupport.desk import annotation
from paidsupport.desk.issues import access, followers
from paidsupport.desk.visit import Visit
from paidsupport.domain.actors import CLOCK, Actor
from paidsupport.domain.codes import new_key
from paidsupport.errors import GivenAwayError, InvalidInputError, MoveRefusedError
from paidsupport.store import issues, tickets
from paidsupport.store.conversation import Annotation, File
from paidsupport.store.gate import UngatedError
from paidsupport.store.guides import Guide
from paidsupport.store.issue_families import following
from paidsupport.store.issues import Issue, IssueNote
from paidsupport.store.marks import Writer, written_by
from paidsupport.store.organisations import Organisation, OrganisationTicket
from paidsupport.store.plain import plainly
from paidsupport.store.tables import metadata
from paidsupport.testing import mount_of
from tests.desk.test_vault import PASSWORD
from tests.people import Desk

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
    with desk.visit() as visit:
        theirs = Organisation(
            reference="o",
            name="Club",
            folded="club",
            kind="other",
            created_at=visit.now,
            changed_at=visit.now,
        )
        visit.session.add(theirs)
        visit.session.flush()
        ticket = tickets.lock(visit.session, code).id
        owned = OrganisationTicket(
            organisation_id=theirs.id, ticket_id=ticket, how="hand", by_name="Ada", at=visit.now
        )
        visit.session.add(owned)
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


def refused(desk: Desk, by: Actor, write: Callable[[Visit], object]) -> GivenAwayError:
    """What the gate says to something that is written."""

    def written(visit: Visit) -> None:
        write(visit)
        visit.session.flush()
        pytest.fail("it was written")

    with pytest.raises(GivenAwayError) as said, desk.visit(by) as visit:
        written(visit)
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
        error = refused(lite_desk, by, lambda visit, row=row: visit.session.execute(row))  # type: ignore[misc]
        assert list(error.problems) == [column.key], str(column)


def test_every_way_of_writing_passes_it(lite_desk: Desk, code: str) -> None:
    """The ORM, statements of several rows, changes by condition, expressions, and what passes the ORM."""
    lite_desk.annotate(code, lite_desk.ada)
    row = {"author_name": "Ben", "about": "", "at": lite_desk.clock()}
    ticket = lite_desk.ticket(code).id
    harmless, harmful = ({"ticket_id": ticket, "body": text, **row} for text in ("Fine.", PASSWORD))
    here = update(Annotation).where(Annotation.ticket_id == ticket)

    def assigned(visit: Visit) -> None:
        visit.session.scalars(select(Annotation)).one().body = PASSWORD

    ways: list[Callable[[Visit], object]] = [
        assigned,
        lambda visit: visit.session.add(Annotation(**harmful)),
        lambda visit: visit.session.add_all([Annotation(**harmless), Annotation(**harmful)]),
        lambda visit: visit.session.execute(insert(Annotation), [harmless, harmful]),
        lambda visit: visit.session.execute(insert(Annotation).values([harmless, harmful])),
        lambda visit: visit.session.execute(here.values(body=PASSWORD)),
        lambda visit: visit.session.execute(here.values(body=Annotation.body + literal(f" {PASSWORD}"))),
        lambda visit: visit.session.execute(here.values(body=func.replace(Annotation.body, "n", PASSWORD))),
        lambda visit: plainly(visit.session, insert(Annotation), harmful),
    ]
    for way in ways:
        refused(lite_desk, lite_desk.ben, way)
    with lite_desk.visit() as visit:
        assert [each.body for each in visit.session.scalars(select(Annotation))] == ["A note."]


def test_it_stays_shut_for_a_person_while_others_act(lite_desk: Desk, code: str) -> None:
    """What the clock does within a person's request writes nothing of theirs past the gate."""

    def write(visit: Visit) -> None:
        clock = replace(visit, by=CLOCK)
        annotation.keep(clock, tickets.lock(clock.session, code), f"It is {PASSWORD}")

    refused(lite_desk, lite_desk.ben, write)


def test_nothing_of_staff_is_written_where_nobody_compares(lite_desk: Desk, code: str) -> None:
    """A session without a visit is a fault of ours, not a way around the gate; so is one for reading."""
    row = insert(Annotation).values(ticket_id=lite_desk.ticket(code).id, body="A word.")
    database = mount_of(lite_desk.app).database
    for session_of in (database.writing, database.reading, database.snapshot):
        with session_of() as session, pytest.raises(UngatedError, match="annotation"):
            session.execute(row)


def test_a_file_is_compared_although_no_operation_asked(lite_desk: Desk, code: str) -> None:
    """The content of a file is in the file store: it is read there."""
    row = {"reference": "f", "ticket_id": lite_desk.ticket(code).id, "audience": "desk", "name": "plan.txt"}

    def write(visit: Visit) -> None:
        kept = visit.house.files.keep(io.BytesIO(f"root\n{PASSWORD}".encode()))
        about = {"size": kept.size, "sha256": kept.sha256, "storage_key": kept.key, "at": visit.now}
        visit.session.add(File(**row, **about))

    assert list(refused(lite_desk, lite_desk.ben, write).problems) == ["files"]


def test_other_tickets_count_for_those_who_know_their_secrets(lite_desk: Desk, code: str) -> None:
    """An owner cannot paste a secret into the wrong ticket; who never saw it is told nothing of it."""
    desk, other = lite_desk, lite_desk.order()
    with pytest.raises(InvalidInputError, match=f"a credential of ticket {code} away") as said:
        desk.annotate(other, desk.ada, f"Try {PASSWORD}")
    assert PASSWORD not in str(said.value)
    guide = update(Guide).values(body=f"Log in with {PASSWORD}")
    refused(desk, desk.ada, lambda visit: visit.session.execute(guide))
    desk.annotate(other, desk.ben, f"Try {PASSWORD}")


def test_an_ordinary_word_is_no_trap(lite_desk: Desk) -> None:
    """A customer whose password is a word of ours does not stop the desk: programs may say it."""
    code = lite_desk.order()
    lite_desk.claim(code, lite_desk.ada)
    lite_desk.give(code, "backup")
    lite_desk.write(code, lite_desk.ada)
    lite_desk.work()
    lite_desk.move(code, "start", lite_desk.ada, note="On the phone.")


class TestOlderTexts:
    """A text that was there before the secret, or comes to its ticket later."""

    def test_an_issue_that_says_it_already_is_hidden(self, lite_desk: Desk) -> None:
        """Nobody but its readers sees it any more, and whoever holds the ticket is told."""
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
        with desk.visit() as visit:
            note = visit.session.scalars(select(Annotation.body).order_by(Annotation.id.desc())).first()
        assert note
        assert f"stands in {issue}, a note already" in note
        assert PASSWORD not in note
        with desk.visit(desk.mia) as visit, pytest.raises(MoveRefusedError, match=f"ticket {code}"):
            access.set_private(visit, issue, private=False, key=new_key())
        assert desk.broken() == {}

    def test_a_ticket_follows_no_issue_that_says_its_secret(self, lite_desk: Desk, code: str) -> None:
        """It is refused, and nothing of it is kept."""
        issue = lite_desk.open_issue(lite_desk.ben, details=f"Log in with {PASSWORD}.")

        def follow(visit: Visit) -> None:
            ticket = tickets.lock(visit.session, code)
            followers.follow(visit, issues.lock(visit.session, issue, visit.by), ticket)

        assert code in str(refused(lite_desk, lite_desk.mia, follow))
        with lite_desk.visit() as visit:
            asked = following(visit.session.scalars(select(Issue.id).where(Issue.code == issue)).one())
            assert visit.session.scalars(asked).all() == []

    def test_a_part_of_an_issue_knows_what_the_whole_is_followed_by(self, lite_desk: Desk, code: str) -> None:
        """A customer waits for all parts: their secret stands in none."""
        issue = lite_desk.issue(lite_desk.open_issue(lite_desk.ben, code))
        part = lite_desk.issue(lite_desk.open_issue(lite_desk.ben))
        lite_desk.change_issue(part.code, parent_id=issue.id)
        note = {"kind": "note", "about": "", "author_name": "Ben", "body": PASSWORD, "at": lite_desk.clock()}
        row = insert(IssueNote).values(issue_id=part.id, **note)
        refused(lite_desk, lite_desk.ben, lambda visit: visit.session.execute(row))
