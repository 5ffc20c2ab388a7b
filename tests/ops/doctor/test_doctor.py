"""The doctor: content with a desk that is lived in, and not with any kind of broken one (N9)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, case, delete, func, insert, select, text, true, update
from sqlalchemy.orm import Session

from paidsupport.capabilities import ALL
from paidsupport.issues.operations import history as issue_history
from paidsupport.issues.tables import Issue
from paidsupport.issues.workflow import HAND_OVER
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.invariants import invariants_of
from paidsupport.kernel.jobs.tables import ParkedJob
from paidsupport.ops.doctor import doctor
from paidsupport.testing import mount_of
from paidsupport.tickets.deadlines.tables import NEVER
from tests.ops.living import Lived

pytestmark = pytest.mark.row("N9")

TABLES: dict[str, Table] = {
    name.removeprefix("paidsupport_"): table for name, table in Base.metadata.tables.items()
}
TICKET, CLAIM, EVENT, MESSAGE = (TABLES[name] for name in ("ticket", "claim", "event", "message"))
LETTER, FILE, ANNOTATION = (TABLES[name] for name in ("letter", "file", "annotation"))
CONTACTED = TABLES["contact_log"]
SECRET, LOOK = (TABLES[name] for name in ("secret", "look"))
#: Secrets that are kept, and those that are not.
KEPT, GONE = SECRET.c.destroyed_at.is_(None), SECRET.c.destroyed_at.is_not(None)
#: The name of the master key, as a secret has it that is kept.
KEY = select(func.max(SECRET.c.key_id)).where(KEPT).scalar_subquery()
DECISION, ITEM = TABLES["decision"], TABLES["item"]
DEADLINE = TABLES["deadline"]
#: What a deadline is again that stands still.
STILL = {"done_at": None, "outcome": "", "due_at": None, "warn_at": None, "left_minutes": 1}
ERASED = "erased data is gone"
#: What is compared with the history: a line that was changed is found there too.
COMPARED = {
    *(
        "answers are in the history",
        "prices follow from offers",
        "news is consistent",
        "cascades are in the history",
    ),
    ERASED,
    *("requests have a source", "issued invoices are unchanged", "at most one first contact per ticket"),
}
MAIL, INTAKE, POINTER, ASKED = (TABLES[name] for name in ("raw_mail", "intake", "pointer", "asked"))
NOTICE, PERSON = TABLES["notice"], TABLES["person"]
INVOICE, LINE, COUNTER = (TABLES[name] for name in ("invoice", "invoice_line", "invoice_counter"))
#: The one that stands and the one that was cancelled, both of the closed ticket.
STANDING = (INVOICE.c.state == "issued") & (INVOICE.c.kind == "invoice")
ISSUE, ISSUE_EVENT, ISSUE_TAG = TABLES["issue"], TABLES["issue_event"], TABLES["issue_tag"]
TASK = TABLES["step"]
WROTE, MARK, FORM = (TABLES[f"ledger_{name}"] for name in ("line", "mark", "form"))
STEP, DELIVERY = TABLES["cascade_step"], TABLES["delivery"]
SHOP, CONTACT, BELONGS = TABLES["organisation"], TABLES["contact"], TABLES["organisation_ticket"]
WISH = TABLES["wish"]
PROVIDER = TABLES["payment_provider"]
BANK_LINE = TABLES["bank_line"]
#: The line of a statement that is a payment.
IS_PAYMENT = BANK_LINE.c.payment_id.is_not(None)
PAYMENT, REFUND, ASKING = (TABLES[f"payment{name}"] for name in ("", "_refund", "_task"))
HINT = TABLES["payment_event"]
SERVICE, SET_UP = TABLES["service"], TABLES["configuration_event"]
TEMPLATE, QUESTION = TABLES["checklist_item"], TABLES["question"]
GIVEN = WISH.c.decision == "gratis"
#: Somebody who was not on duty.
SOMEBODY = select(func.min(TABLES["person"].c.id)).scalar_subquery()
#: A message of another ticket than the one that follows an issue.
FIRST_MESSAGE = select(func.min(TABLES["message"].c.id)).scalar_subquery()
FOLLOWER, TASK = TABLES["follower"], TABLES["step"]
#: The id of nothing.
NOWHERE = 4711


def broken(ctx: Context) -> set[str]:
    """The sentences of the invariants that do not hold."""
    return {sentence for sentence, lines in doctor.examine(ctx).items() if lines}


def copy(ctx: Context, table: Table, where: Any, **changed: Any) -> None:  # noqa: ANN401  # SQL, columns
    """Put a second row like the first one that is found into a table."""
    row = ctx.session.execute(select(table).where(where).order_by(table.c.id)).first()
    assert row
    values = dict(row._mapping) | {"id": NOWHERE + 1} | changed
    for column in ("reference", "storage_key", "key"):
        if column in values and column not in changed:
            values[column] = f"another {column}"
    ctx.session.execute(insert(table).values(values))


def change(ctx: Context, table: Table, where: Any, **values: Any) -> None:  # noqa: ANN401  # SQL, columns
    """Overwrite rows; there must be some."""
    done = ctx.session.execute(update(table).where(where).values(**values))
    assert done.rowcount  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult


def touch(ctx: Context, ticket: int) -> None:
    """Do a step that touches a customer, past everything that is asked for that."""
    values = {
        "issue_id": select(func.min(ISSUE.c.id)).scalar_subquery(),
        "what": "Set the password anew",
        "touches": True,
        "ticket_id": ticket,
        "for_review": False,
        "added_by": "Ada",
        "added_at": ctx.now,
        "done_by_id": SOMEBODY,
        "done_by": "Ada",
        "done_at": ctx.now,
    }
    ctx.session.execute(insert(TASK).values(**values))


def remove(ctx: Context, table: Table, where: Any) -> None:  # noqa: ANN401  # SQL
    """Delete rows; there must be some."""
    done = ctx.session.execute(delete(table).where(where))
    assert done.rowcount  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def person(name: str) -> Any:  # noqa: ANN401  # a SQL expression
    """The id of a member of staff."""
    return select(PERSON.c.id).where(PERSON.c.name == name).scalar_subquery()


def of(table: Table, ids: dict[str, int], name: str) -> Any:  # noqa: ANN401  # a SQL expression
    """The rows of a ticket."""
    return (table.c.id if table is TICKET else table.c.ticket_id) == ids[name]


def under_no_claim(ctx: Context, ids: dict[str, int]) -> None:
    """A letter and its message agree about a claim that nobody ever had."""
    mine = of(LETTER, ids, "contacted") & LETTER.c.claim_number.is_not(None)
    change(ctx, LETTER, mine, claim_number=99, taken_under=99)
    change(ctx, MESSAGE, of(MESSAGE, ids, "contacted") & (MESSAGE.c.direction == "out"), claim_number=99)


def gone(ctx: Context) -> int:
    """The id of a person who was disabled."""
    copy(ctx, PERSON, PERSON.c.id > 0, active=False, host_user_id="gone", email="", address="")
    return NOWHERE + 1


def held_by_one_who_is_gone(ctx: Context, ids: dict[str, int]) -> None:
    """A ticket is with a person who was disabled; their issues went to Mia."""
    owner = select(TICKET.c.owner_id).where(of(TICKET, ids, "working")).scalar_subquery()
    change(ctx, ISSUE, ISSUE.c.owner_id == owner, owner_id=person("Mia"))
    change(ctx, PERSON, PERSON.c.id == owner, active=False)


def of_no_ticket(name: str) -> Corruption:
    """A row of this table that belongs to nothing."""
    extra = {"message_id": None} if name == "file" else {}
    table = TABLES[name]
    return lambda ctx, _ids: copy(ctx, table, table.c.id > 0, ticket_id=NOWHERE, **extra)


def never_asked(ctx: Context, ids: dict[str, int]) -> None:
    """The page that a customer was asked about is not there, and is not counted."""
    remove(ctx, ASKED, of(ASKED, ids, "asked"))
    remove(ctx, POINTER, of(POINTER, ids, "asked"))


def looked_late(ctx: Context, ids: dict[str, int]) -> None:
    """Somebody looked who had held the ticket, and had released it before."""
    change(ctx, SECRET, KEPT, ticket_id=ids["released"])
    change(ctx, LOOK, LOOK.c.id > 0, ticket_id=ids["released"], claim_number=1, at=ctx.now)


def note_call(ctx: Context, ids: dict[str, int], name: str = "asked", **changed: object) -> None:
    """The request came by a call, complete but for what is changed."""
    noted = {"channel": "phone", "caller": "user", "phone": "030 1234567", "digits": "01234567"}
    when = {"called_at": ctx.now, "taken_by_id": SOMEBODY}
    change(ctx, INTAKE, of(INTAKE, ids, name), **{**noted, **when, **changed})


def due_although_made(ctx: Context, ids: dict[str, int]) -> None:
    """The first contact was made, and is due all the same; the ticket agrees."""
    mine = of(DEADLINE, ids, "contacted") & (DEADLINE.c.kind == "first-contact")
    change(ctx, DEADLINE, mine, done_at=None, outcome="")
    row = ctx.session.execute(select(DEADLINE).where(mine)).one()
    due = {"due_at": row.due_at, "due_kind": row.kind, "near_at": row.warn_at}
    change(ctx, TICKET, of(TICKET, ids, "contacted"), **due)


Corruption = Callable[[Context, dict[str, int]], None]
#: What can be wrong, by the invariant that finds it: one for every branch of every check.
#: What a desk with every capability must hold.
INVARIANTS = invariants_of(*Capabilities(ALL).background.invariants)

CORRUPTIONS: dict[str, dict[str, Corruption]] = {
    "owners of tickets work here": {"one does not": held_by_one_who_is_gone},
    "assignees of issues work here": {
        "one does not": lambda v, _i: change(
            v, ISSUE, ISSUE.c.state.in_(HAND_OVER.sources) & ISSUE.c.owner_id.is_not(None), owner_id=gone(v)
        ),
    },
    "one owner per claim number": {
        "a number twice": lambda v, i: copy(v, CLAIM, of(CLAIM, i, "closed")),
        "the claim of a held ticket has ended": lambda v, i: change(
            v, CLAIM, of(CLAIM, i, "working"), ended_at=v.now
        ),
        "the ticket has another number": lambda v, i: change(
            v, TICKET, of(TICKET, i, "working"), claim_number=9
        ),
        "the ticket has another owner": lambda v, i: change(
            v, TICKET, of(TICKET, i, "working"), owner_id=TICKET.c.owner_id + 1
        ),
        "the claim of a free ticket goes on": lambda v, i: change(
            v, CLAIM, of(CLAIM, i, "released"), ended_at=None
        ),
    },
    "at most one first contact per ticket": {
        "a second one of the kind": lambda v, i: change(
            v, LETTER, of(LETTER, i, "passed") & (LETTER.c.kind == "handover"), kind="first-contact"
        ),
        "one slot twice": lambda v, i: change(
            v,
            LETTER,
            of(LETTER, i, "passed") & (LETTER.c.kind == "message"),
            contact="claim-3",
        ),
        "a second one by the log": lambda v, i: change(
            v, CONTACTED, of(CONTACTED, i, "passed") & (CONTACTED.c.slot != "first"), slot="first"
        ),
        "the log was cut": lambda v, i: remove(v, CONTACTED, of(CONTACTED, i, "contacted")),
        "a line of the log is gone": lambda v, i: remove(
            v, CONTACTED, of(CONTACTED, i, "contacted") & (CONTACTED.c.what != "written")
        ),
        "the place was given away": lambda v, i: change(
            v, LETTER, of(LETTER, i, "contacted") & (LETTER.c.contact == "first"), contact=None
        ),
        "one that was sent waits to be sent": lambda v, i: change(
            v,
            LETTER,
            of(LETTER, i, "contacted") & (LETTER.c.contact == "first"),
            state="queued",
            due_at=v.now,
        ),
    },
    "no email left under a lost claim": {
        "by somebody else": lambda v, i: change(
            v,
            LETTER,
            of(LETTER, i, "contacted") & LETTER.c.message_id.is_not(None),
            author_id=LETTER.c.author_id + 1,
        ),
        "under a claim that never was": under_no_claim,
        "taken without its claim": lambda v, i: change(
            v, LETTER, of(LETTER, i, "contacted") & LETTER.c.message_id.is_not(None), taken_under=None
        ),
    },
    "emails and messages agree": {
        "a message without a letter": lambda v, i: remove(
            v, LETTER, of(LETTER, i, "working") & (LETTER.c.kind == "message")
        ),
        "a message with two letters": lambda v, i: copy(
            v, LETTER, of(LETTER, i, "working") & (LETTER.c.kind == "message")
        ),
        "different claims": lambda v, i: change(
            v, MESSAGE, of(MESSAGE, i, "passed") & (MESSAGE.c.number == 3), claim_number=1
        ),
        "different tickets": lambda v, i: change(
            v, LETTER, of(LETTER, i, "working") & (LETTER.c.kind == "message"), ticket_id=i["contacted"]
        ),
    },
    "parts match states": {
        "an unknown state": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), state="limbo"),
        "a state of another part": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), state="pending"),
        "an unknown workflow": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), workflow="magic"),
    },
    "owners, claims and ends are consistent": {
        "a held ticket without a lease": lambda v, i: change(
            v, TICKET, of(TICKET, i, "working"), lease_until=None
        ),
        "a held ticket without an owner": lambda v, i: change(
            v, TICKET, of(TICKET, i, "working"), owner_id=None
        ),
        "a free ticket with a lease": lambda v, i: change(
            v, TICKET, of(TICKET, i, "open"), lease_until=v.now
        ),
        "a free ticket with an owner": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), owner_id=1),
        "an end that has no time": lambda v, i: change(v, TICKET, of(TICKET, i, "closed"), ended_at=None),
        "a time of an end that is none": lambda v, i: change(
            v, TICKET, of(TICKET, i, "open"), ended_at=v.now
        ),
    },
    "histories are unbroken": {
        "an event is missing": lambda v, i: remove(v, EVENT, of(EVENT, i, "working") & (EVENT.c.number == 2)),
        "the last event is missing": lambda v, i: remove(
            v,
            EVENT,
            of(EVENT, i, "working")
            & (
                EVENT.c.number
                == select(func.max(EVENT.c.number)).where(of(EVENT, i, "working")).scalar_subquery()
            ),
        ),
        "all events are missing": lambda v, i: remove(v, EVENT, of(EVENT, i, "contacted")),
        "an event is there twice": lambda v, i: copy(v, EVENT, of(EVENT, i, "working")),
        "the ticket has another count": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), event_count=9),
        "the ticket has another end": lambda v, i: change(
            v, TICKET, of(TICKET, i, "open"), event_hash="f" * 64
        ),
        "data was erased without an erasure": lambda v, i: change(
            v, EVENT, of(EVENT, i, "working") & (EVENT.c.number == 2), salt="", data={}
        ),
        "the code was changed": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), code="PS-2222-2222"),
    },
    "conversations are complete": {
        "a message is missing": lambda v, i: remove(
            v, MESSAGE, of(MESSAGE, i, "working") & (MESSAGE.c.direction == "in")
        ),
        "a number is left out": lambda v, i: change(
            v, MESSAGE, of(MESSAGE, i, "working") & (MESSAGE.c.number == 3), number=4
        ),
        "the ticket counts more": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), thread=1),
    },
    "answers are in the history": {
        "an answer without its event": lambda v, i: change(
            v, DECISION, of(DECISION, i, "decided") & (DECISION.c.number == 3), answer="declined"
        ),
        "an event without its answer": lambda v, i: change(
            v, DECISION, of(DECISION, i, "refused") & (DECISION.c.kind == "offer"), answer=""
        ),
        "another answer than was told": lambda v, i: change(
            v, DECISION, of(DECISION, i, "refused") & (DECISION.c.kind == "offer"), answer="withdrawn"
        ),
        "a question that is gone": lambda v, i: remove(
            v, DECISION, of(DECISION, i, "refused") & (DECISION.c.kind == "offer")
        ),
        "another text": lambda v, i: change(
            v, DECISION, of(DECISION, i, "decided") & (DECISION.c.number == 1), risk="None at all."
        ),
        "another text with its hash": lambda v, i: change(
            v, DECISION, of(DECISION, i, "decided") & (DECISION.c.number == 1), text_hash="0" * 64
        ),
    },
    "prices follow from offers": {
        "a price that nobody agreed on": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), price_minor=1),
        "an offer that was not added": lambda v, i: change(
            v, TICKET, of(TICKET, i, "decided"), price_minor=4500
        ),
    },
    "approvals and checklist agree": {
        "ticked without an answer": lambda v, i: change(
            v, DECISION, of(DECISION, i, "decided") & (DECISION.c.number == 1), item_id=None
        ),
        "locked without a no": lambda v, i: change(
            v, DECISION, of(DECISION, i, "refused") & (DECISION.c.number == 1), item_id=None
        ),
        "open after a no": lambda v, i: change(
            v, ITEM, of(ITEM, i, "refused") & (ITEM.c.state == "refused"), state="open"
        ),
    },
    "no row points to a missing one": {
        **{
            f"{name} of no ticket": of_no_ticket(name)
            for name in ("event", "claim", "message", "annotation", "file")
        },
        "a letter of no ticket": lambda v, _i: copy(
            v, LETTER, LETTER.c.message_id.is_(None), ticket_id=NOWHERE
        ),
        "a ticket of nobody": lambda v, i: change(v, TICKET, of(TICKET, i, "closed"), owner_id=NOWHERE),
        "a claim of nobody": lambda v, i: change(v, CLAIM, of(CLAIM, i, "released"), person_id=NOWHERE),
        "a letter of no message": lambda v, i: change(
            v, LETTER, of(LETTER, i, "open") & LETTER.c.message_id.is_(None), message_id=NOWHERE
        ),
        "a file of no message": lambda v, _i: change(v, FILE, FILE.c.id > 0, message_id=NOWHERE),
    },
    "files exist": {
        "a file without content": lambda v, _i: change(v, FILE, FILE.c.id > 0, storage_key="0" * 40),
        "a key that is a path": lambda v, _i: change(v, FILE, FILE.c.id > 0, storage_key="../../etc/passwd"),
    },
    "deleted logins are empty": {
        "something is sealed in one": lambda v, _i: change(v, SECRET, GONE, sealed=b"x", key_id=KEY),
        "its data key is named": lambda v, _i: change(v, SECRET, GONE, key_reference="0" * 40),
    },
    "data keys exist": {
        "one is not": lambda v, _i: change(v, SECRET, KEPT, key_reference="0" * 40),
        "one is not named": lambda v, _i: change(v, SECRET, KEPT, key_reference=None),
        "nothing is sealed": lambda v, _i: change(v, SECRET, KEPT, key_reference=None, sealed=None),
    },
    "only owners viewed logins": {
        "by somebody else": lambda v, _i: change(v, LOOK, LOOK.c.id > 0, person_id=LOOK.c.person_id + 1),
        "under a claim that never was": lambda v, _i: change(v, LOOK, LOOK.c.id > 0, claim_number=9),
        "before the claim": lambda v, _i: change(v, LOOK, LOOK.c.id > 0, at=v.now - timedelta(days=99)),
        "after the claim": looked_late,
        "at another ticket's secret": lambda v, i: change(v, SECRET, KEPT, ticket_id=i["working"]),
    },
    "ended tickets have no logins": {
        "one does": lambda v, i: copy(
            v, SECRET, KEPT, ticket_id=i["closed"], kind="key", sealed=None, key_reference=None
        ),
    },
    "erased data is gone": {
        "the number of somebody who called": lambda v, i: note_call(v, i, "forgotten"),
        "the address has come back": lambda v, i: change(
            v, TICKET, of(TICKET, i, "erased"), customer_email="jane@example.com"
        ),
        "a file has come back": lambda v, i: change(
            v,
            FILE,
            of(FILE, i, "erased"),
            storage_key=select(FILE.c.storage_key).where(of(FILE, i, "working")).scalar_subquery(),
        ),
    },
    "received emails are accounted for": {
        "a mail without content": lambda v, _i: change(
            v, MAIL, MAIL.c.state == "ignored", storage_key="0" * 40
        ),
        "a filed mail on no ticket": lambda v, _i: change(v, MAIL, MAIL.c.state == "filed", message_id=None),
        "a filed mail on another ticket": lambda v, i: change(
            v, MAIL, MAIL.c.state == "filed", ticket_id=i["open"]
        ),
        "a mail that claims a message of ours": lambda v, i: change(
            v,
            MAIL,
            MAIL.c.state == "filed",
            message_id=select(func.min(MESSAGE.c.id))
            .where(of(MESSAGE, i, "closed") & (MESSAGE.c.direction == "out"))
            .scalar_subquery(),
        ),
        "a mail without a reason": lambda v, _i: change(
            v, MAIL, MAIL.c.state == "ignored", reason="", received_at=v.now - timedelta(days=1)
        ),
    },
    "news is consistent": {
        "of one's own deed": lambda v, i: change(
            v, NOTICE, of(NOTICE, i, "working") & (NOTICE.c.kind == "annotated"), person_id=person("Mia")
        ),
        "told by a letter about something else": lambda v, i: change(
            v,
            NOTICE,
            of(NOTICE, i, "working") & (NOTICE.c.kind == "annotated"),
            letter_id=select(func.min(LETTER.c.id)).scalar_subquery(),
        ),
    },
    "an email about news is for one person": {
        "two hear by it": lambda v, i: copy(
            v, NOTICE, of(NOTICE, i, "working") & (NOTICE.c.kind == "annotated"), person_id=person("Ben")
        ),
    },
    "histories are read for news": {
        "further than they go": lambda v, _i: change(v, TABLES["notice_progress"], true(), last_event=10**6),
        "nobody knows how far": lambda v, _i: remove(v, TABLES["notice_progress"], true()),
    },
    "cascades are in the history": {
        "a step twice": lambda v, i: copy(v, STEP, of(STEP, i, "open"), person_id=SOMEBODY),
        "a step too few": lambda v, i: remove(v, STEP, of(STEP, i, "open") & (STEP.c.step == 1)),
        "the same person twice": lambda v, i: change(v, STEP, of(STEP, i, "open"), person_id=SOMEBODY),
        "somebody after the managers": lambda v, i: change(
            v, STEP, of(STEP, i, "open"), person_id=case((STEP.c.step == 2, SOMEBODY))
        ),
        "one that history does not know": lambda v, i: copy(
            v, STEP, of(STEP, i, "open"), ticket_id=i["working"]
        ),
        "one that only history knows": lambda v, i: remove(v, STEP, of(STEP, i, "open")),
    },
    "webhook requests are delivered or given up": {
        "one that says something else": lambda v, _i: change(
            v, DELIVERY, DELIVERY.c.id > 0, body='{"id": "x"}'
        ),
        "delivered at no moment": lambda v, _i: change(v, DELIVERY, DELIVERY.c.id > 0, delivered_at=None),
        "on its way for a day": lambda v, _i: change(
            v,
            DELIVERY,
            DELIVERY.c.id > 0,
            state="sending",
            delivered_at=None,
            taken_at=v.now - timedelta(days=1),
        ),
    },
    "requests have a source": {
        "a mail that came from nowhere": lambda v, i: remove(v, INTAKE, of(INTAKE, i, "asked")),
        "an order that came by mail": lambda v, i: change(v, INTAKE, INTAKE.c.id > 0, ticket_id=i["open"]),
    },
    "waiting requests have a question": {
        "a question that was never asked": never_asked,
    },
    "pointers are counted": {
        "a row less": lambda v, i: remove(v, ASKED, of(ASKED, i, "asked")),
        "another answer": lambda v, i: change(v, ASKED, of(ASKED, i, "asked"), answer="not-helped"),
    },
    "organisations are consistent": {
        "one was merged and left something": lambda v, _: change(
            v,
            SHOP,
            SHOP.c.folded == "example shop",
            merged_into_id=SHOP.c.id + 1,
            archived_at=SHOP.c.created_at,
        ),
    },
    "contacts can be found": {
        "by another address": lambda v, _: change(v, CONTACT, CONTACT.c.id > 0, folded="else@shop.example"),
    },
    "histories say when a ticket got its organisation": {
        "another ticket": lambda v, i: change(v, BELONGS, BELONGS.c.id > 0, ticket_id=i["open"]),
    },
    "feature requests were decided": {
        "a present without its issue": lambda v, _: change(v, WISH, GIVEN, issue_id=None),
        "an issue for nothing": lambda v, _: change(v, WISH, GIVEN, decision="refuse"),
        "no reason": lambda v, _: change(v, WISH, GIVEN, reason=""),
    },
    "missing documentation has issues": {
        "nothing was opened": lambda v, i: copy(
            v, ASKED, of(ASKED, i, "asked"), answer="nowhere", pointer_id=None
        ),
    },
    "merged tickets are consistent": {
        "it has not ended": lambda v, i: change(
            v, TICKET, of(TICKET, i, "open"), merged_into_id=i["working"]
        ),
        "a chain": lambda v, i: change(v, TICKET, of(TICKET, i, "closed"), merged_into_id=i["merged"]),
        "another customer": lambda v, i: change(
            v, TICKET, of(TICKET, i, "merged"), merged_into_id=i["erased"]
        ),
    },
    "invoices are numbered without gaps": {
        "a number is missing": lambda v, _: change(v, COUNTER, COUNTER.c.last == 2, last=3),
        "a number was never counted": lambda v, _: change(v, COUNTER, COUNTER.c.last == 2, last=1),
        "nothing has the numbers": lambda v, _: copy(v, COUNTER, COUNTER.c.id > 0, series="INV-1"),
    },
    "totals of invoices are right": {
        "a line": lambda v, i: change(v, LINE, of(LINE, i, "contacted"), tax_minor=0, net_minor=4500),
        "a rate": lambda v, i: change(v, LINE, of(LINE, i, "contacted"), rate=700),
        "the sum": lambda v, i: change(v, INVOICE, of(INVOICE, i, "contacted"), total_minor=1),
    },
    "accepted work is invoiced once": {
        "something else": lambda v, i: change(v, LINE, of(LINE, i, "contacted"), work="x"),
    },
    "issued invoices are unchanged": {
        "another buyer": lambda v, _: change(v, INVOICE, STANDING, buyer_name="x"),
        "another hash": lambda v, _: change(v, INVOICE, STANDING, content_hash="x"),
        "other words": lambda v, i: change(v, LINE, of(LINE, i, "closed"), description="x"),
        "it counts no more": lambda v, _: change(v, LINE, LINE.c.counts, counts=False),
        "it is cancelled without a credit note": lambda v, _: change(
            v, INVOICE, STANDING, state="cancelled", cancelled_at=v.now
        ),
        "it came back": lambda v, _: change(v, INVOICE, INVOICE.c.state == "cancelled", state="paid"),
    },
    "calls can be found": {
        "nobody knows when": lambda v, i: note_call(v, i, called_at=None),
        "nobody knows who took it": lambda v, i: note_call(v, i, taken_by_id=None),
        "a number that finds nobody": lambda v, i: note_call(v, i, digits=""),
        "a number that finds somebody else": lambda v, i: note_call(v, i, phone=""),
    },
    "deadlines are consistent": {
        "something is due after the end": lambda v, i: change(
            v, DEADLINE, of(DEADLINE, i, "closed") & (DEADLINE.c.kind == "resolution"), **STILL
        ),
        "something is due of an erased customer": lambda v, i: change(
            v, DEADLINE, of(DEADLINE, i, "erased") & (DEADLINE.c.kind == "resolution"), **STILL
        ),
        "a resolution stands still for nobody": lambda v, i: change(
            v, TICKET, of(TICKET, i, "contacted"), awaits="desk"
        ),
        "a resolution goes on without the customer": lambda v, i: change(
            v, TICKET, of(TICKET, i, "open"), awaits="customer"
        ),
        "an answer stands still": lambda v, i: change(
            v, DEADLINE, of(DEADLINE, i, "working") & (DEADLINE.c.kind == "resolution"), kind="answer"
        ),
        "a contact is due that was made": due_although_made,
    },
    "tickets show what is due": {
        "at another moment": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), due_at=v.now),
        "of another kind": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), due_kind="answer"),
        "near at another moment": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), near_at=v.now),
        "never": lambda v, i: change(
            v, TICKET, of(TICKET, i, "open"), due_at=NEVER, due_kind="", near_at=None
        ),
        "although nothing is": lambda v, i: change(v, TICKET, of(TICKET, i, "closed"), due_at=v.now),
    },
    "histories of issues are unbroken": {
        "another name": lambda v, _: change(v, ISSUE_EVENT, ISSUE_EVENT.c.kind == "grab", actor_name="Eve"),
        "a line less": lambda v, _: remove(v, ISSUE_EVENT, ISSUE_EVENT.c.kind == "grab"),
        "no line at all": lambda v, _: remove(v, ISSUE_EVENT, ISSUE_EVENT.c.id > 0),
        "another state": lambda v, _: change(v, ISSUE, ISSUE.c.state == "feedback", state="new"),
    },
    "customers were told of issues on their own tickets": {
        "on another ticket": lambda v, _: change(
            v, FOLLOWER, FOLLOWER.c.id > 0, investigating_id=FIRST_MESSAGE, answerer_id=SOMEBODY
        ),
    },
    "no customer waits for an issue that has ended": {
        "somebody does": lambda v, i: change(v, FOLLOWER, of(FOLLOWER, i, "closed"), told_at=None),
    },
    "emails about solved issues went to waiting customers": {
        "a letter of another ticket": lambda v, i: change(
            v, FOLLOWER, of(FOLLOWER, i, "closed"), solved_id=FIRST_MESSAGE
        ),
    },
    "only assigned staff touched customers' accounts": {
        "by who was not": lambda v, ids: touch(v, ids["open"]),
    },
    "issues of customers are tagged": {
        "the tag is gone": lambda v, _: remove(v, ISSUE_TAG, ISSUE_TAG.c.id > 0),
    },
    "solutions were reviewed by a colleague": {
        "by whoever solved it": lambda v, _: change(
            v, ISSUE, ISSUE.c.author_id.is_not(None), reviewed_by_id=ISSUE.c.author_id
        ),
    },
    "the newest estimate is used": {
        "other time left": lambda v, _: change(v, ISSUE, ISSUE.c.minutes_left == 240, minutes_left=None),
        "another deadline": lambda v, _: change(v, ISSUE, ISSUE.c.minutes_left == 240, deadline=date.max),
    },
    "delays are asked of the assignee": {
        "of feedback": lambda v, _: change(v, ISSUE, ISSUE.c.minutes_left == 240, slip_asked_at=v.now),
    },
    "announced delays have a note": {
        "no note": lambda v, _: change(v, ISSUE, ISSUE.c.minutes_left == 240, slipping_since=v.now),
    },
    "releases are in order": {
        "as if for none": lambda v, _: change(v, ISSUE, ISSUE.c.target_release == "2.1", release_order="~"),
    },
    "issues name no customers": {
        "by name": lambda v, _: change(v, ISSUE, ISSUE.c.id > 0, details="The album of JANE  Doe is empty."),
        "by address": lambda v, _: change(v, ISSUE, ISSUE.c.id > 0, path="Write to jane@example.com."),
    },
}


def paid(ctx: Context, ids: dict[str, int], **changed: object) -> None:
    """Put a payment into the ledger that is as it must be, but for what is changed."""
    values = {
        "id": NOWHERE,
        "ticket_id": ids["open"],
        "provider": "console",
        "reference": "payment",
        "amount_minor": 4500,
        "received_minor": 4500,
        "refunded_minor": 0,
        "currency": "USD",
        "step": "received",
        "received_on": ctx.today,
        "payee": "",
        "noted_by": "",
        "noted_at": ctx.now,
        "capture": "",
        "version": "",
        "address": "",
        "uri": "",
        "test": False,
        "problem": "",
    } | changed
    ctx.session.execute(insert(PAYMENT).values(values))
    sums: dict[str, object] = {"paid_minor": 4500, "refunded_minor": values["refunded_minor"]}
    if values["step"] != "received":
        sums = {"payment_mark": "begun"} if values["step"] == "open" else {"paid_minor": 0}
    change(ctx, TICKET, TICKET.c.id == ids["open"], **sums)


def refunded(ctx: Context, ids: dict[str, int], state: str, amount: int) -> None:
    """A payment with a refund that the payment does not know of."""
    paid(ctx, ids)
    values = {
        "payment_id": NOWHERE,
        "ticket_id": ids["open"],
        "reference": "refund",
        "state": state,
        "amount_minor": amount,
        "reason": "",
        "asked_by": "Mia",
        "asked_at": ctx.now,
        "problem": "",
    }
    ctx.session.execute(insert(REFUND).values(values))


def connection(
    ctx: Context,
    *,
    state: Mapping[str, object] | None = MappingProxyType({}),
    task: Mapping[str, object] | None = None,
    remotes: Sequence[str] = (),
    sealed: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """A connection with how it stands, what is asked over it, and what is over there."""
    values = {
        "reference": "there",
        "kind": "board",
        "name": "There",
        "active": True,
        "values": {},
        "sealed": dict(sealed),
    }
    made = {"id": NOWHERE, "created_at": ctx.now, "changed_at": ctx.now}
    ctx.session.execute(insert(TABLES["connection"]).values(values | made))
    if state is not None:
        stands = {"heard": 0, "watermark": {}, "failures": 0, "problem": "", "stopped": ""}
        wanted = {"id": NOWHERE, "connection_id": NOWHERE, **stands, **state}
        ctx.session.execute(insert(TABLES["connection_state"]).values(wanted))
    if task is not None:
        asked = {
            "reference": "task",
            "what": "put",
            "chain": "",
            "body": "",
            "state": "queued",
            "attempts": 0,
        }
        when = {"created_at": ctx.now, "due_at": ctx.now, "problem": ""}
        wanted = {"id": NOWHERE, "connection_id": NOWHERE, **asked, **when, **task}
        ctx.session.execute(insert(TABLES["connection_task"]).values(wanted))
    for remote in remotes:
        there = {"what": "issue", "ours": remote, "remote": remote, "link": "", "version": ""}
        wanted = {"connection_id": NOWHERE, **there, "agreed": {}, "conflict": "", "created_at": ctx.now}
        ctx.session.execute(insert(TABLES["remote"]).values(wanted))


def asking(ctx: Context, ids: dict[str, int], step: str, **changed: object) -> None:
    """A payment and what is asked about it."""
    paid(ctx, ids, step=step)
    values = {
        "reference": "task",
        "payment_id": NOWHERE,
        "ticket_id": ids["open"],
        "what": "look",
        "state": "queued",
        "attempts": 0,
        "created_at": ctx.now,
        "due_at": ctx.now,
        "problem": "",
    } | changed
    ctx.session.execute(insert(ASKING).values(values))


def hinted_twice(ctx: Context, _ids: dict[str, int]) -> None:
    """The same event of a provider, two times."""
    values = {"provider": "console", "event": "E-1", "kind": "paid", "at": ctx.now}
    for _time in range(2):
        ctx.session.execute(insert(HINT).values(values))


def tried_by_the_author(ctx: Context, _ids: dict[str, int]) -> None:
    """A line of history past the operations, chained as it should be."""
    issue = ctx.session.scalars(select(Issue).where(Issue.state == "resolved")).one()
    author = replace(ctx, by=Actor("person", "Ben", issue.author_id))
    issue_history.tell(author, issue, "tried")


def parked_job(ctx: Context, _ids: dict[str, int]) -> None:
    """A job that has failed."""
    times = {"failed_at": ctx.now, "due_at": ctx.now}
    ctx.session.add(ParkedJob(id=1, job="end a claim", key="1", attempts=1, reason="No.", **times))


CORRUPTIONS |= {
    "the vault can be opened": {
        "under a key that is gone": lambda v, _: change(
            v, SECRET, KEPT & (SECRET.c.kind != "key"), key_id="gone"
        ),
    },
    "no job of a worker is parked": {
        "one that failed": parked_job,
    },
    "no solution was reviewed by its author": {"tried by the author": tried_by_the_author},
    "reviews are complete": {
        "by nobody": lambda v, _: change(v, ISSUE, ISSUE.c.state == "resolved", reviewed_by_id=None),
        "before a task was done": lambda v, _: change(
            v, TASK, TASK.c.id > 0, done_at=v.now + timedelta(days=9)
        ),
    },
}
#: The ledger finds every edit, whatever it means; here it is about what else finds it.
LEDGER = {"rows are as the desk wrote them", "no end of the ledger was cut off"}
CORRUPTIONS |= {
    "rows are as the desk wrote them": {
        "a line is gone": lambda v, _: remove(v, WROTE, WROTE.c.number == 2),  # none is first
        "a line says something else": lambda v, _: change(v, WROTE, WROTE.c.number == 1, entries="[]"),
        "a chain ends elsewhere": lambda v, _: change(v, MARK, MARK.c.key.like("@ticket%"), number=1),
        "another body of a message": lambda v, _: change(v, MESSAGE, MESSAGE.c.id == 1, body="No."),
        "a sent email waits again": lambda v, _: change(
            v,
            LETTER,
            (LETTER.c.state == "sent") & (LETTER.c.audience == "person"),
            state="queued",
            sent_at=None,
        ),
        "a row is gone": lambda v, _: remove(v, TABLES["boilerplate"], true()),
        "a row came from elsewhere": lambda v, _: copy(v, ANNOTATION, ANNOTATION.c.id > 0),
        "the ledger covers less": lambda v, _: remove(v, FORM, FORM.c.name == "message"),
    },
}
CORRUPTIONS |= {
    "no end of the ledger was cut off": {
        "only the beginning is left": lambda v, _: remove(v, WROTE, WROTE.c.number > 1),
    },
}
CORRUPTIONS |= {
    "the history of the configuration is unbroken": {
        "a line says something else": lambda v, _: change(v, SET_UP, SET_UP.c.number == 1, data={}),
        "a line is gone": lambda v, _: remove(v, SET_UP, SET_UP.c.number == 2),  # none is first
        "only the beginning is left": lambda v, _: remove(v, SET_UP, SET_UP.c.number > 1),
    },
    "each service has all its versions": {
        "the newest is gone": lambda v, _: change(v, SERVICE, SERVICE.c.slug == "upgrade", published=2),
    },
    "tickets show the sums of their payments": {
        "another sum": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), paid_minor=1),
        "another mark": lambda v, i: change(v, TICKET, of(TICKET, i, "open"), payment_mark="begun"),
    },
    "refunds are within what came": {
        "one that is not counted": lambda v, i: refunded(v, i, "done", 500),
        "one that is counted and not there": lambda v, i: paid(
            v, i, received_minor=9000, refunded_minor=4500
        ),
    },
    "payments are in the currency of their ticket": {"another one": lambda v, i: paid(v, i, currency="EUR")},
    "payments that came have a day": {"none": lambda v, i: paid(v, i, received_on=None)},
    "events of providers count once": {"one twice": hinted_twice},
    "providers are asked about what goes on": {
        "nobody asks any more": lambda v, i: paid(
            v, i, step="open", received_minor=0, received_on=None, noted_at=v.now
        ),
        "a refund waits for nobody": lambda v, i: refunded(v, i, "asked", 500),
        "it ended and is captured": lambda v, i: asking(v, i, "ended", what="capture"),
        "for hours": lambda v, i: asking(
            v, i, "received", state="sending", taken_at=v.now - timedelta(hours=2)
        ),
    },
    "payments of invoices have their invoice": {
        "it has none": lambda v, i: paid(v, i, provider="invoice"),
    },
    "secrets of providers of payments can be opened": {
        "for another server": lambda v, _: change(
            v, PROVIDER, true(), values={"address": "https://elsewhere.example.org"}
        ),
    },
    "every bank line that is matched is one payment": {
        "it has none": lambda v, _: change(v, BANK_LINE, IS_PAYMENT, payment_id=None),
        "another amount": lambda v, _: change(v, BANK_LINE, IS_PAYMENT, amount_minor=1),
        "it is set aside": lambda v, _: change(v, BANK_LINE, IS_PAYMENT, state="aside"),
        "the line is gone": lambda v, _: remove(v, BANK_LINE, IS_PAYMENT),
    },
    "what the set-up refers to is there": {
        "an item is for a service that is gone": lambda v, _: change(
            v, TEMPLATE, TEMPLATE.c.name == "backup", services=["gone"]
        ),
        "a service has a trait that is gone": lambda v, _: change(
            v, SERVICE, SERVICE.c.slug == "upgrade", traits=["gone"]
        ),
        "a question waits for one that is gone": lambda v, _: change(
            v, QUESTION, QUESTION.c.name == "albums", shown_by="gone"
        ),
    },
}
#: What is found in tables that the ledger leaves out: notices and parked jobs.
BESIDE_IT = {
    *("news is consistent", "an email about news is for one person", "histories are read for news"),
    "no job of a worker is parked",
}
#: What is broken with another invariant: nobody has the key of what is sealed by hand.
BESIDES = {"deleted logins are empty": {"the vault can be opened"}}
#: Changes of events in a short run.
FEW = 20
HISTORIES = "histories are unbroken"
CORRUPTIONS |= {
    "what other programs are asked comes to an end": {
        "one of no known result": lambda v, _: connection(v, task={"state": "sent", "attempts": 1}),
        "ended, and yet it waits": lambda v, _: connection(v, task={"ended_at": v.now}),
        "its worker is gone": lambda v, _: connection(v, task={"state": "sending"}),
        "nothing was asked": lambda v, _: connection(v, task={"state": "sent", "ended_at": v.now}),
    },
    "every connection says how it stands": {
        "one does not": lambda v, _: connection(v, state=None),
        "it heard of the future": lambda v, _: connection(v, state={"heard": 10**6}),
        "it fails since never": lambda v, _: connection(v, state={"failures": 1}),
    },
    "secrets of connections can be opened": {
        "sealed elsewhere": lambda v, _: connection(v, sealed={"token": "c2VhbGVk"}),
    },
    "what is over there is one thing of ours": {
        "one twice": lambda v, _: connection(v, remotes=("7", " 7")),
    },
}

CASES = [(invariant, how) for invariant, ways in CORRUPTIONS.items() for how in ways]


def test_there_is_a_way_to_break_every_invariant() -> None:
    """A new check comes with a corruption that it finds."""
    assert set(CORRUPTIONS) == set(INVARIANTS)


def test_a_desk_that_is_lived_in_is_well(lived: Lived) -> None:
    """Nothing is found, and the command exits 0 and says so."""
    assert lived.desk.broken() == {}
    done = lived.desk.app.test_cli_runner().invoke(args=["paidsupport", "doctor", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {sentence: [] for sentence in INVARIANTS}
    with lived.without_constraints() as ctx:
        assert broken(ctx) == set()


class OneSession:
    """A database that gives everybody the session of a transaction that will never be committed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """That session."""
        yield self._session

    snapshot = reading


@pytest.mark.parametrize(("invariant", "how"), CASES)
def test_each_corruption_is_found_as_what_it_is(
    lived: Lived, monkeypatch: pytest.MonkeyPatch, invariant: str, how: str
) -> None:
    """Exactly one invariant is reported, and the command exits 1 with a line that names the place."""
    mount = mount_of(lived.desk.app)
    with lived.without_constraints() as ctx:
        CORRUPTIONS[invariant][how](ctx, lived.ids)
        if lived.is_on_postgresql:  # which else are broken does not depend on the database
            assert [*INVARIANTS[invariant](ctx)]
            return
        examined = doctor.examine(ctx)
        # an examination takes a quarter of a second: the commands show this one
        monkeypatch.setattr(doctor, "examine", lambda _ctx: examined)
        found = {sentence for sentence, lines in examined.items() if lines}
        # whatever comes back in an erased ticket is no less broken by itself
        assert found - LEDGER - {ERASED} - BESIDES.get(invariant, set()) == {invariant} - LEDGER - {ERASED}
        assert invariant in found
        assert LEDGER & found or invariant in BESIDE_IT
        monkeypatch.setitem(mount.__dict__, "database", OneSession(ctx.session))
        runner = lived.desk.app.test_cli_runner()
        done = runner.invoke(args=["paidsupport", "doctor", "--json"])
        assert done.exit_code == 1, done.output
        assert invariant in {name for name, lines in json.loads(done.stdout).items() if lines}
        shown = runner.invoke(args=["paidsupport", "doctor"])
        assert shown.exit_code == 1
        assert f"BROKEN  {invariant}" in shown.output


@pytest.mark.row("G16")
def test_a_data_key_that_came_back_is_found(lived: Lived) -> None:
    """Somebody restored the folder of files, and with it what was destroyed."""
    with lived.desk.ctx() as ctx:
        destroyed = select(EVENT.c.data).where(EVENT.c.kind == "secret-destroyed", EVENT.c.salt != "")
        told = ctx.session.scalars(destroyed.order_by(EVENT.c.id)).first()
    assert told
    back = lived.folder / "files" / told["data_key"][:2] / told["data_key"]
    back.write_bytes(b"x")
    assert set(lived.desk.broken()) == {"deleted logins are empty"}
    back.unlink()


@pytest.mark.row("P14")
@pytest.mark.parametrize("changes", [FEW, pytest.param(500, marks=pytest.mark.soak)])
def test_a_change_of_any_column_of_any_event_is_found(lived: Lived, changes: int) -> None:
    """Whichever line of history, whichever column, however small the change."""
    told = ("ticket_id", "number", "kind", "at", "actor_kind", "actor_id", "actor_name", "claim_number")
    columns = (*told, "data", "salt", "digest", "previous", "hash")
    with lived.without_constraints() as ctx:
        # the data of an erased event is covered by nothing any more
        ids = list(ctx.session.scalars(select(EVENT.c.id).where(EVENT.c.salt != "").order_by(EVENT.c.id)))

        def found() -> set[str]:
            """In the long run what all of them say, in the short one what is said of histories."""
            if changes > FEW:
                return broken(ctx) - COMPARED - LEDGER - {"no row points to a missing one"}
            return {HISTORIES} if [*INVARIANTS[HISTORIES](ctx)] else set()

        @settings(max_examples=changes, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.sampled_from(ids), st.sampled_from(columns), st.integers(0, 200), st.integers(1, 90))
        def check(event_id: int, column: str, place: int, by: int) -> None:
            row = ctx.session.execute(select(EVENT).where(EVENT.c.id == event_id)).one()
            value = flipped(row._mapping[column], place, by)
            with ctx.session.begin_nested() as nested:
                change(ctx, EVENT, EVENT.c.id == event_id, **{column: value})
                assert found() == {HISTORIES}
                nested.rollback()

        check()
        assert broken(ctx) == set()


def flipped(value: Any, place: int, by: int) -> Any:  # noqa: ANN401  # whatever a column holds
    """Another value that differs from this one as little as can be."""
    if isinstance(value, dict):
        return value | {"smuggled": by} if place % 2 or not value else dict(list(value.items())[1:])
    if isinstance(value, str):
        at = place % max(len(value), 1)
        email = chr((ord(value[at]) - 32 + by) % 95 + 32) if value else "x"
        return value[:at] + email + value[at + 1 :]
    if isinstance(value, int) or value is None:
        return (value or 0) + by
    return value + timedelta(microseconds=by)


@pytest.mark.parametrize("column", ["at", "data"])
def test_a_row_that_cannot_even_be_read_is_reported(lived: Lived, column: str) -> None:
    """Broken bytes in a file of SQLite are a finding, not a crash; all other checks are made."""
    if lived.is_on_postgresql:
        pytest.skip("PostgreSQL keeps no such bytes")
    with lived.without_constraints() as ctx:
        garbage = f"UPDATE paidsupport_event SET {column} = '20#4-'"  # noqa: S608  # a column of ours
        ctx.session.execute(text(garbage))
        assert broken(ctx) - COMPARED - LEDGER == {"histories are unbroken"}


def test_many_findings_are_counted(lived: Lived) -> None:
    """A list that nobody could read is cut, and says how much is missing."""
    with lived.without_constraints() as ctx:
        for number in range(60):
            copy(ctx, ANNOTATION, ANNOTATION.c.id > 0, id=NOWHERE + number, ticket_id=NOWHERE)
        found = doctor.examine(ctx)["no row points to a missing one"]
    assert len(found) == 51
    assert found[-1] == "… and 10 more"
