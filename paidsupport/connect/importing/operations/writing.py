"""Writing what moves in: each ticket with all of its parts in one transaction, as it was (P18).

Times and authors are those of the system before. No hook hears of it: the lines are written by a history of
their own that calls none, so nothing is announced, sent, due or told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.connect.importing import queries
from paidsupport.connect.importing.events import MOVED_IN, OPENED
from paidsupport.connect.importing.rules import Bundle, Remark
from paidsupport.connect.importing.tables import Imported
from paidsupport.intake.mail.plain import one_line, tidy
from paidsupport.kernel.actors import CUSTOMER, Actor, Role
from paidsupport.kernel.addresses import compared, reachable
from paidsupport.kernel.codes import new_key, new_reference
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.events import Events
from paidsupport.kernel.files import MEGABYTE, StoredFile, tidy_name
from paidsupport.kernel.history import History
from paidsupport.kernel.i18n.languages import offered, tag_of
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.text import LINE_LIMIT, BadTextError
from paidsupport.kernel.titles import title_of
from paidsupport.kernel.workflow import Part, State, Workflow
from paidsupport.privacy import redaction
from paidsupport.sales.organisations.operations import contacts, matching, records
from paidsupport.sales.organisations.queries import records as organisations
from paidsupport.sales.organisations.tables import OrganisationTicket
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist.tables import Entry
from paidsupport.tickets.conversation.tables import ELSEWHERE, Annotation, File, Message
from paidsupport.tickets.deadlines.tables import NEVER
from paidsupport.tickets.events import TICKET
from paidsupport.tickets.operations import leases
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.priority.rules import NORMAL, PRIORITIES
from paidsupport.tickets.tables import Event, Ticket
from paidsupport.tickets.tags.rules import fold_tag, tidy_tag
from paidsupport.tickets.tags.tables import Tag

#: The name of a customer who has given none.
_UNKNOWN = "(unknown)"
_SUBJECT = 120
_NO_SERVICE = _("Publish a service first: tickets that move in need one.")
#: Opens the content of a file beside the lines, by its name there. Raises OSError.
Opener = Callable[[str], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Then:
    """Who acted in the system before, and when; the session it is written in now."""

    session: Session
    by: Actor
    now: datetime
    events: Events


#: A history that no hook hears of: nothing that moves in brings anything about.
SILENT: History[Then, Ticket] = History(
    TICKET,
    Event,
    "ticket_id",
    lock=lambda then, code: tickets.lock(then.session, code),
    change=tickets.change,
)


@dataclass(slots=True)
class Plan:
    """How what a source says is understood here.

    Attributes:
        services: The service for each queue, by the names of both; under "" the one for all others.
        people: The name and address of each person of the source, by their id there.
    """

    services: Mapping[str, str] = field(default_factory=dict)
    people: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Author:
    """Who wrote something: a member of staff, or a name."""

    actor: Actor
    name: str


class Writer:
    """Writes what one source gives, in the transaction of `ctx`.

    Args:
        ctx: Who moves it in, and when.
        plan: How it is understood.
        opened: Opens the contents of files.
    """

    def __init__(self, ctx: Context, plan: Plan, opened: Opener) -> None:
        self._ctx, self._plan, self._open = ctx, plan, opened
        self._staff = {row.address: row for row in queries.staff(ctx.session)}

    def look(self, bundle: Bundle) -> list[Remark]:
        """What of it is unknown here, or stays behind; nothing is written. A person is known from now on."""
        line = bundle.line
        if line["type"] == "person":
            self._plan.people[line["source_id"]] = line["name"], line.get("email", "")
        if line["type"] != "ticket":
            return list(bundle.remarks)
        found = [*bundle.remarks, *self._unknown_people(bundle)]
        queue = line.get("service_name", "")
        if queue and queue not in self._plan.services:
            found.append(Remark("queue", queue, line["source_id"]))
        faults = ((part["name"][:80], self._fault_of(part["stored_as"])) for part in bundle.of("file"))
        return found + [Remark("file", f"{name} ({why})", line["source_id"]) for name, why in faults if why]

    def write(self, bundle: Bundle) -> bool:
        """Write a ticket, organisation or contact, unless it is there already; returns whether it was new.

        Raises:
            InvalidInputError: There is no service for it.
        """
        if bundle.line["type"] == "person" or queries.row_of(self._ctx.session, bundle.key) is not None:
            return False
        making = {"ticket": self._ticket, "organisation": self._organisation, "contact": self._contact}
        row_id = making[bundle.line["type"]](bundle)
        if row_id is None:
            return False
        source, kind, source_id = bundle.key
        self._ctx.session.add(
            Imported(source=source, kind=kind, source_id=source_id, row_id=row_id, at=self._ctx.now)
        )
        self._ctx.session.flush()
        return True

    def _organisation(self, bundle: Bundle) -> int | None:
        if "sales" not in self._ctx.services.capabilities.names:
            return None
        name = one_line(bundle.line["name"], LINE_LIMIT)
        if (known := organisations.called(self._ctx.session, name)) is not None:
            return known.id
        record = records.Record(
            name, kind=bundle.line.get("kind", "other"), notes=_text(bundle.line.get("notes", ""))
        )
        try:
            return records.create(self._ctx, record, key=new_key()).id
        except InvalidInputError:
            return None

    def _contact(self, bundle: Bundle) -> int | None:
        line = bundle.line
        key = line["source"], "organisation", line["organisation_id"]
        row_id = queries.row_of(self._ctx.session, key)
        if row_id is None:
            return None
        names = ("phone", "role", "note")
        typed = {name: one_line(line.get(name, ""), LINE_LIMIT) for name in names}
        person = contacts.Person(one_line(line["name"], LINE_LIMIT), _address(line.get("email", "")), **typed)
        try:
            contacts.add_alone(self._ctx, row_id, person)
        except InvalidInputError:
            return None
        return row_id

    def _ticket(self, bundle: Bundle) -> int:
        ctx, line = self._ctx, bundle.line
        service = self._service(line.get("service_name", ""))
        workflow = ctx.services.workflows[service.workflow]
        owner = self._owner(line)
        state = _state(workflow, line["part"] if owner or line["part"] != Part.PENDING else Part.UNASSIGNED)
        if state.part != Part.PENDING:
            owner = None
        ticket = self._begun(line, service)
        parts = sorted(_timed(bundle), key=lambda each: each[0])
        ended_at = line.get("ended_at") or max([each[0] for each in parts], default=line["submitted_at"])
        moved = state.name != workflow.initial
        columns = {
            "state": state.name,
            "part": state.part,
            "version": 2 if moved else 1,
            "owner_id": owner.id if owner else None,
            "claimed_at": ctx.now if owner else None,
            "claim_number": 1 if owner else 0,
            "priority": line["priority"] if line.get("priority") in PRIORITIES else NORMAL,
            "ended_at": ended_at if state.part == Part.CLOSED else None,
            "awaits": _awaits(bundle, state),
            "thread": len(bundle.of("message")),
            "moved_in_at": ctx.now,
            "due_at": NEVER,
            "due_kind": "",
            "near_at": None,
        }
        if owner and not state.lasting:
            columns["lease_until"] = ctx.now + leases.lease(ctx, ticket, patient=state.patient)
        for name, value in columns.items():
            set_committed_value(ticket, name, value)
        data = {"source": line["source"], "service": service.slug}
        SILENT.open(self._at(line["submitted_at"], CUSTOMER), ticket, OPENED, data, {"claim_number": 0})
        writing = _Parts(self, ticket, bundle)
        for at, part in parts:
            writing.write(at, part)
        writing.rest()
        self._assign(ticket, line)
        here = self._at(ctx.now, ctx.by)
        data = {"source": line["source"], "id": line["source_id"]}
        if moved:
            data |= {"from": workflow.initial, "to": state.name, "claim": ticket.claim_number}
        if owner:
            claim = {"ticket_id": ticket.id, "number": 1, "person_id": owner.id, "taken_at": ctx.now}
            tickets.note_claim(ctx.session, **claim)
        SILENT.append(here, ticket, MOVED_IN, data)
        # a ticket that ended long ago is not the newest of the list
        last = {**SILENT.head(ticket), "changed_at": ended_at if state.part == Part.CLOSED else ctx.now}
        tickets.change(ctx.session, ticket, **last)
        search.index(ctx.session, ticket.id, *submissions.searchable(ticket), *writing.words)
        return ticket.id

    def _begun(self, line: Mapping[str, Any], service: Terms) -> Ticket:
        email = _address(line.get("customer_email", ""))
        name = one_line(line.get("customer_name", ""), LINE_LIMIT)
        language = tag_of(line.get("language", ""), offered(self._ctx.services.settings.languages))
        summary = one_line(line.get("summary", ""), LINE_LIMIT)
        details = _text(line.get("details", ""))
        if redaction.looks_like_credential(summary):
            summary = redaction.masked(summary)
        ticket = submissions.begin(
            self._ctx,
            service,
            summary=title_of(summary, details, limit=_SUBJECT) or summary[:_SUBJECT] or line["source_id"],
            customer_name=name or email or one_line(line.get("customer_email", ""), LINE_LIMIT) or _UNKNOWN,
            customer_email=email,
            customer_user_id=None,
            language=language or "",
            host_url="",
            host_access="",
            details=redaction.masked(details) if redaction.looks_like_credential(details) else details,
            answers=[],
            requirements=[],
        )
        set_committed_value(ticket, "submitted_at", line["submitted_at"])
        return ticket

    def _service(self, queue: str) -> Terms:
        """The service for a queue of the other system; else the one for all, else that for requests."""
        all_of_them = {service.slug: service for service in catalogue.services(self._ctx)}
        for slug in (self._plan.services.get(queue), self._plan.services.get("")):
            if slug and slug in all_of_them:
                return all_of_them[slug]
        flows = self._ctx.services.workflows
        asked = [each for each in all_of_them.values() if flows[each.workflow].sorted_first]
        if found := next(iter([*asked, *all_of_them.values()]), None):
            return found
        raise InvalidInputError({"service": [_NO_SERVICE]})

    def _owner(self, line: Mapping[str, Any]) -> Actor | None:
        found = self.author(line.get("owner_id"), "").actor
        return found if found.id is not None and people.stays(self._ctx.session, found.id) else None

    def author(self, source_id: str | None, name: str) -> _Author:
        """Who wrote something: staff are recognised by their address, all others are names."""
        called, email = self._plan.people.get(source_id or "", ("", ""))
        row = self._staff.get(compared(email)) if email else None
        if row is not None:
            return _Author(Actor("person", row.name, row.id, Role(row.role)), row.name)
        said = one_line(name or called or source_id or "", LINE_LIMIT) or _UNKNOWN
        return _Author(Actor("person", said), said)

    def _unknown_people(self, bundle: Bundle) -> Iterator[Remark]:
        for part in (bundle.line, *bundle.parts):
            for key in ("author_id", "actor_id", "person_id", "owner_id"):
                if key in part and self.author(part[key], "").actor.id is None:
                    called = self._plan.people.get(part[key], (part[key], ""))[0]
                    yield Remark("author", called[:80], bundle.line["source_id"])

    def _fault_of(self, name: str) -> str:
        try:
            with self._open(name) as content:
                content.seek(0, 2)
                size = content.tell()
        except OSError:
            return "missing"
        return "too large" if size > self._ctx.services.settings.file_megabytes * MEGABYTE else ""

    def stored(self, name: str) -> StoredFile | None:
        """The content of a file beside the lines, put into the store; None if it cannot be."""
        if self._fault_of(name):
            return None
        with self._open(name) as content:
            return self._ctx.services.files.keep(content)

    def _assign(self, ticket: Ticket, line: Mapping[str, Any]) -> None:
        """Say which organisation the ticket belongs to: as the other system does, or whose contact wrote."""
        if "sales" not in self._ctx.services.capabilities.names:
            return
        key = line["source"], "organisation", line.get("organisation_id", "")
        row_id, how = queries.row_of(self._ctx.session, key), "hand"
        if row_id is not None:
            found = organisations.lock_organisations(self._ctx.session, {row_id})[row_id]
        elif spoken_for := matching.only_one(self._ctx, ticket.customer_email, ""):
            found, how = spoken_for
        else:
            return
        by, at = self._ctx.by, self._ctx.now
        belongs = {"organisation_id": found.id, "ticket_id": ticket.id, "how": how}
        self._ctx.session.add(OrganisationTicket(**belongs, by_name=by.name, at=at))
        data = {"organisation": found.reference, "how": how}
        SILENT.append(self._at(at, by), ticket, "organisation-set", data)

    def _at(self, moment: datetime, by: Actor) -> Then:
        return Then(self._ctx.session, by, moment, self._ctx.events)

    def tell(
        self, ticket: Ticket, at: datetime, by: Actor, kind: str, data: Mapping[str, object] | None = None
    ) -> None:
        """Add a line about what was before, when no claim was ours."""
        SILENT.append(self._at(at, by), ticket, kind, data, claim_number=0)

    @property
    def session(self) -> Session:
        """Where it is written."""
        return self._ctx.session


class _Parts:
    """The parts of one ticket while they are written, in the order of time."""

    def __init__(self, writer: Writer, ticket: Ticket, bundle: Bundle) -> None:
        self._writer, self._ticket, self._bundle = writer, ticket, bundle
        self._number = 0
        #: What the search finds it by besides.
        self.words: list[str] = []
        self._files: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for part in bundle.of("file"):
            key = ("message", part["message_id"]) if "message_id" in part else ("", "")
            key = ("annotation", part["annotation_id"]) if "annotation_id" in part else key
            self._files.setdefault(key, []).append(part)

    def write(self, at: datetime, part: Mapping[str, Any]) -> None:
        """Write one of them."""
        {
            "message": self._message,
            "annotation": self._annotation,
            "work": self._work,
            "ticket_event": self._event,
        }[part["type"]](at, part)

    def rest(self) -> None:
        """Write what has no moment of its own: files of the ticket itself, and tags."""
        for key in list(self._files):
            self._attach(key, self._bundle.line["submitted_at"], audience="customer")
        seen = set()
        for part in self._bundle.of("tag"):
            try:
                name = tidy_tag(part["name"].replace(",", " "))
            except BadTextError:
                continue
            if fold_tag(name) not in seen:
                seen.add(fold_tag(name))
                self._writer.session.add(Tag(ticket_id=self._ticket.id, name=name, folded=fold_tag(name)))
                self.words.append(name)

    def _message(self, at: datetime, part: Mapping[str, Any]) -> None:
        self._number += 1
        came_in = part["direction"] == "in"
        author = self._writer.author(part.get("author_id"), part.get("author_name", ""))
        name = author.name if author.name != _UNKNOWN or not came_in else self._ticket.customer_name
        message = Message(
            ticket_id=self._ticket.id,
            number=self._number,
            direction=part["direction"],
            author_id=None if came_in else author.actor.id,
            author_name=name,
            claim_number=None if came_in else ELSEWHERE,
            raw=_text(part["body"]) or "…",
            rest=_text(part.get("rest", "")) or None,
            at=at,
        )
        self._writer.session.add(message)
        self._writer.session.flush()
        self.words.append(message.body)
        kept = self._attach(("message", part["source_id"]), at, audience="customer", message_id=message.id)
        by = CUSTOMER if came_in else author.actor
        data = {"source": self._bundle.line["source"], **({"files": kept} if kept else {})}
        self._writer.tell(self._ticket, at, by, "imported-message", data)

    def _annotation(self, at: datetime, part: Mapping[str, Any]) -> None:
        author = self._writer.author(part.get("author_id"), part.get("author_name", ""))
        note = Annotation(
            ticket_id=self._ticket.id,
            author_id=author.actor.id,
            author_name=author.name,
            about="",
            body=_text(part["body"]) or "…",
            at=at,
        )
        self._writer.session.add(note)
        self._writer.session.flush()
        self.words.append(note.body)
        kept = self._attach(("annotation", part["source_id"]), at, audience="desk", annotation_id=note.id)
        self._writer.tell(self._ticket, at, author.actor, "imported-note", {"files": kept} if kept else None)

    def _work(self, at: datetime, part: Mapping[str, Any]) -> None:
        author = self._writer.author(part.get("person_id"), part.get("person_name", ""))
        ended_at = max(at, part["ended_at"])
        if author.actor.id is not None:
            self._writer.session.add(
                Entry(
                    ticket_id=self._ticket.id,
                    person_id=author.actor.id,
                    person_name=author.name,
                    machine=one_line(part.get("machine", ""), LINE_LIMIT) or self._bundle.line["source"],
                    what=_text(part.get("what", "")),
                    started_at=at,
                    ended_at=ended_at,
                )
            )
        self._writer.tell(self._ticket, ended_at, author.actor, "imported-work")

    def _event(self, at: datetime, part: Mapping[str, Any]) -> None:
        author = self._writer.author(part.get("actor_id"), part.get("actor_name", ""))
        told = part.get("data", {})
        said = {name: one_line(str(told[name]), LINE_LIMIT) for name in ("before", "after") if told.get(name)}
        data = {"what": one_line(part["kind"], LINE_LIMIT), **said}
        self._writer.tell(self._ticket, at, author.actor, "imported-change", data)

    def _attach(
        self, key: tuple[str, str], at: datetime, *, audience: str, **came_with: int
    ) -> list[dict[str, object]]:
        """Add the files that came with something; returns what the history says of them."""
        kept = []
        for part in self._files.pop(key, []):
            stored = self._writer.stored(part["stored_as"])
            if stored is None:
                continue
            self._writer.session.add(
                File(
                    reference=new_reference(),
                    ticket_id=self._ticket.id,
                    **came_with,
                    audience=part.get("audience", audience) if not came_with else audience,
                    name=_file_name(part["name"]),
                    size=stored.size,
                    sha256=stored.sha256,
                    storage_key=stored.key,
                    at=part.get("at", at),
                )
            )
            kept.append({"size": stored.size, "sha256": stored.sha256})
        return kept


def _timed(bundle: Bundle) -> Iterator[tuple[datetime, dict[str, Any]]]:
    for part in bundle.parts:
        if part["type"] in {"message", "annotation", "work", "ticket_event"}:
            yield part.get("at") or part["started_at"], part


def _awaits(bundle: Bundle, state: State) -> str:
    """Who has to write next: whoever did not write last; of an ended ticket, neither."""
    if state.part == Part.CLOSED:
        return ""
    messages = sorted(bundle.of("message"), key=lambda each: each["at"])
    return "customer" if messages and messages[-1]["direction"] == "out" else "desk"


def _state(workflow: Workflow, part: str) -> State:
    """The state of a workflow in which a ticket of this part begins, or ended well."""
    if part == Part.UNASSIGNED:
        return workflow.state(workflow.initial)
    there = [state for state in workflow.states if state.part == part]
    if part == Part.CLOSED:
        return next((state for state in there if state.fulfilled), there[0])
    claimed = [each.target for each in workflow.transitions if workflow.initial in each.sources]
    return next((state for state in there if state.name in claimed), there[0])


def _text(text: str) -> str:
    return tidy(text)


def _address(typed: str) -> str:
    """An address that mail can be sent to; nothing if it is none."""
    try:
        return reachable(typed)
    except BadTextError:
        return ""


def _file_name(name: str) -> str:
    try:
        return tidy_name(one_line(name, LINE_LIMIT))
    except BadTextError:
        return "file"
