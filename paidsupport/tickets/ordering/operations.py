"""Ordering: the customer's form becomes a ticket with a code, and an email (G1, G2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.questions import Answer, Question, check_answers, check_url
from paidsupport.catalogue.rules.terms import Terms
from paidsupport.kernel import addresses, codes, files, limits
from paidsupport.kernel.chain import START
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import search
from paidsupport.kernel.db.objects import made
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.files import Upload
from paidsupport.kernel.i18n.languages import spoken, translate
from paidsupport.kernel.i18n.messages import forms_of, said
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible
from paidsupport.kernel.titles import title_of
from paidsupport.kernel.workflow import Workflow
from paidsupport.privacy.redaction import looks_like_credential
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import files as operations_files
from paidsupport.tickets.conversation.operations.proving import prove_address
from paidsupport.tickets.deadlines.operations import deadlines
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.operations import history
from paidsupport.tickets.ordering import drafts
from paidsupport.tickets.queries.tickets import by_reference, newest_of_customer
from paidsupport.tickets.tables import Ticket

#: Logins have a place of their own later on; here, all staff could read them.
NO_PASSWORDS = _(
    "Take out the password or key. Your developer will ask for it when it's needed, on your private page and"
    " never by email."
)


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer filled in; `answers` holds the input for each question, by its name."""

    service: str
    name: str
    email: str
    host_url: str
    host_access: str
    details: str
    acknowledged: frozenset[int]
    answers: Mapping[str, Sequence[str]]
    key: str
    #: What it is about, in a few words; if empty, the title is made from the rest.
    subject: str = ""
    user_id: str | None = None
    #: The address of the signed-in user, as the host app knows it.
    signed_in_as: str = ""
    #: References of the files that were added to the form before.
    kept: tuple[str, ...] = ()
    #: `Terms.agreement` as the customer saw it; None stands for the present one.
    terms: str | None = None


#: Fields that do not count when an order is compared with an earlier one.
_UNTYPED = {"acknowledged", "signed_in_as"}


@dataclass(frozen=True, slots=True)
class Examined:
    """An order that was checked: the columns to store, and all problems by field."""

    service: Terms
    order: Order
    uploads: Sequence[Upload]
    columns: Mapping[str, Any]
    problems: Mapping[str, list[str]]


def submit(ctx: Context, order: Order, uploads: Sequence[Upload] = (), *, client: str) -> Ticket:
    """Place an order. A repeated key returns the same ticket.

    Args:
        ctx: The visitor, and when.
        order: What was filled in; the caller has checked the syntax of the email address.
        uploads: Files sent with the form.
        client: The network address it came from.

    Raises:
        NotFoundError: There is no such service, or it is retired.
        InvalidInputError: By field as in `Order`, `answer_<name>`, `requirement_<position>` or `files`.
        TooManyError: This network address has ordered too often.
        KeyReusedError: The form was sent with other content.
    """
    service = catalogue.orderable(ctx, order.service)
    return take(ctx, examine(ctx, service, order, uploads), client=client)


def examine(ctx: Context, service: Terms, order: Order, uploads: Sequence[Upload]) -> Examined:
    """Check an order against a service as it is now, so that a form can show every problem at once."""
    problems = {"files": wrong} if (wrong := files.problems_with(ctx, uploads)) else {}
    columns = _columns(problems, service, order)
    return Examined(service, order, uploads, columns, problems)


def take(ctx: Context, examined: Examined, *, client: str) -> Ticket:
    """Like `submit`, for an order that was examined in this transaction."""
    order, uploads = examined.order, examined.uploads
    typed = [getattr(order, name) for name in Order.__dataclass_fields__ if name not in _UNTYPED]
    content = ("submit", *typed, files.outlines(uploads))
    with history.create(ctx, once=order.key, content=content) as change:
        if not change.repeated:
            _spend_limits(ctx, order, client)
            _keep(ctx, examined, change)
        if change.repeated:
            return tickets.by_id(ctx.session, change.earlier_id)
    confirm(ctx, change.record)
    return change.record


def _spend_limits(ctx: Context, order: Order, client: str) -> None:
    settings = ctx.services.settings
    spent = [("mail", order.email, settings.automatic_mails_per_hour)]
    if not ctx.by.is_person:  # a program of the staff orders for many customers
        spent.insert(0, ("order", client, settings.orders_per_hour))
    limits.spend_all(ctx, *spent)


def _keep(ctx: Context, examined: Examined, change: Change[Context, Ticket]) -> None:
    """Write the ticket of an order, unless the same form arrived twice at the same time and this one lost."""
    if examined.problems:
        raise InvalidInputError(dict(examined.problems))
    order = examined.order
    ticket = _new_ticket(ctx, examined)
    earlier, stored = drafts.take(ctx, order.key, order.kept)
    uploads = [*earlier, *examined.uploads]
    kept = [*stored, *files.keep(ctx, examined.uploads)]
    data = {
        "service": examined.service.slug,
        "price": ticket.price_minor,
        "files": operations_files.told(kept),
    }
    with change.racing():
        change.open(ticket, "submitted", data)
        operations_files.add(ctx, ticket, uploads, kept, audience="customer")
        deadlines.begin(ctx, ticket, examined.service)
        if addresses.is_same(order.signed_in_as, ticket.customer_email):
            prove_address(ctx, ticket)


def begin(ctx: Context, service: Terms, **columns: Any) -> Ticket:  # noqa: ANN401  # columns of a ticket
    """A ticket for `service` at the start of its workflow, not yet in the session."""
    given = {answer["name"]: answer["value"] for answer in columns["answers"]}
    summary = title_of(columns.pop("summary", ""), columns["details"], columns["host_url"], limit=120)
    return made(
        Ticket,
        **_beginning(ctx.services.workflows[service.workflow]),
        **deadlines.beginning(ctx, service, writable=bool(columns["customer_email"])),
        **columns,
        customer_address=addresses.compared(columns["customer_email"]),
        service_id=service.service_id,
        service_version_id=service.version_id,
        service_name=said(service.name, ctx.services.language(columns.get("language", ""))),
        price_minor=service.price_minor,
        currency=service.currency,
        payee=service.payee,
        traits=service.traits_of(given),
        summary=summary,
        claim_number=0,
        event_count=0,
        event_hash=START,
        submitted_at=ctx.now,
        changed_at=ctx.now,
    )


def confirm(ctx: Context, ticket: Ticket, **more: object) -> None:
    """Email the customer the code of their new ticket, if they have an address, and index it."""
    if ticket.customer_email:
        subject = emails.render(ctx, EmailKind.CONFIRMATION, "subject", ticket, **more)
        body = emails.render(ctx, EmailKind.CONFIRMATION, "body", ticket, **more)
        emails.to_customer(ctx, ticket, EmailKind.CONFIRMATION, subject, body)
    search.index(ctx.session, ticket.id, *searchable(ticket))


def wish(details: str) -> str:
    """The customer's wish as it is stored. Raises InvalidInputError (field `details`)."""
    problems: dict[str, list[str]] = {}
    text = _tidied(problems, "details", details)
    if not problems and not is_visible(text):
        problems["details"] = [_("Enter what the customer wants.")]
    if problems:
        raise InvalidInputError(problems)
    return text


def by_link(ctx: Context, token: str) -> Ticket:
    """The ticket of a private link. Raises NotFoundError for revoked, expired and forged links.

    A merged ticket can be opened as long as the one it was merged into.
    """
    reference, edition = ctx.services.links.read_customer(token)
    ticket = by_reference(ctx.session, reference)
    if ticket.link_edition != edition or _link_is_over(ctx, tickets.living(ctx.session, ticket)):
        raise NotFoundError
    return ticket


def orders_of(ctx: Context, user_id: str) -> list[Ticket]:
    """The newest tickets that a signed-in visitor of the host app ordered and can still open."""
    newest = newest_of_customer(ctx.session, user_id, most=20)
    return [ticket for ticket in newest if not _link_is_over(ctx, ticket)]


def _link_is_over(ctx: Context, ticket: Ticket) -> bool:
    """Whether the private page has closed: that happens some time after the end of the work."""
    return ticket.ended_at is not None and (ctx.now - ticket.ended_at).days >= ctx.services.settings.link_days


def _columns(problems: dict[str, list[str]], service: Terms, order: Order) -> dict[str, Any]:
    """Turn the input into the columns to store; problems are added to `problems`."""
    columns: dict[str, Any] = {
        "summary": _subject(problems, order.subject),
        "customer_name": _tidied(problems, "name", order.name, _("Enter your name.")),
        "customer_email": _tidied(problems, "email", order.email, _("Enter your email address.")),
        "details": _tidied(problems, "details", order.details),
        "host_access": _tidied(problems, "host_access", order.host_access),
        "host_url": _address(problems, order.host_url) if service.asks_host else "",
    }
    if not service.asks_host and not problems.get("details") and not is_visible(columns["details"]):
        problems["details"] = [_("Enter your question.")]
    if "=?" in order.email:
        # mail programs would decode it, and line breaks with it
        problems["email"] = [_("Enter an email address without “=?”.")]
    questions = service.order_questions
    answers, wrong = check_answers(questions, order.answers)
    problems.update({f"answer_{field}": sentences for field, sentences in wrong.items()})
    for name, value in answers.items():
        if looks_like_credential(str(value)):
            problems[f"answer_{name}"] = [NO_PASSWORDS]
    problems.update(_unacknowledged(service, order))
    kept = [q for q in questions if q.name in answers]
    columns["answers"] = [
        {
            "name": q.name,
            "label": translate(q.label),
            "kind": q.kind,
            "value": answers[q.name],
            **_choices_said(q, answers[q.name]),
        }
        for q in kept
    ]
    return columns


def _choices_said(question: Question, value: Answer) -> dict[str, Any]:
    """The chosen answers in other languages, so that each reader sees their own."""
    made = value if isinstance(value, list) else [value]
    said = {choice: forms_of(choice) for choice in question.choices if choice in made and forms_of(choice)}
    return {"choices": said} if said else {}


def _tidied(problems: dict[str, list[str]], field: str, text: str, required: str = "") -> str:
    """Clean a text: one line if it is `required`, otherwise any number of lines without credentials."""
    fields = Fields(problems)
    if required:
        return fields.one_line(field, text, required=required)
    text = fields.many_lines(field, text)
    if looks_like_credential(text):
        fields.refuse(field, NO_PASSWORDS)
    return text


def _subject(problems: dict[str, list[str]], typed: str) -> str:
    subject = Fields(problems).one_line("subject", typed)
    if looks_like_credential(subject):
        problems["subject"] = [NO_PASSWORDS]
    return subject


def _address(problems: dict[str, list[str]], typed: str) -> str:
    if not typed.strip():
        problems["host_url"] = [_("Enter the address of your website, like https://gallery.example.org.")]
        return ""
    return Fields(problems).read("host_url", typed, check_url)


def _unacknowledged(service: Terms, order: Order) -> dict[str, list[str]]:
    if order.terms not in {None, service.agreement}:
        return {
            "terms": [
                _(
                    "The price or the conditions have changed since you opened this form."
                    " Read them again, then continue."
                )
            ]
        }
    missing = [number for number in range(len(service.requirements)) if number not in order.acknowledged]
    sentence = _("Tick this box to confirm.")
    return {f"requirement_{number}": [sentence] for number in missing}


def _new_ticket(ctx: Context, examined: Examined) -> Ticket:
    return begin(
        ctx,
        examined.service,
        **examined.columns,
        requirements=[translate(text) for text in examined.service.requirements],
        customer_user_id=examined.order.user_id,
        language=spoken().tag,
    )


def _beginning(workflow: Workflow) -> dict[str, str]:
    state = workflow.state(workflow.initial)
    return {
        "code": codes.new_code(),
        "reference": codes.new_reference(),
        "workflow": workflow.name,
        "state": state.name,
        "part": state.part,
    }


def searchable(ticket: Ticket) -> list[str]:
    """The texts that the search finds an order by."""
    answers = [str(answer["value"]) for answer in ticket.answers]
    return [
        ticket.code,
        ticket.service_name,
        ticket.summary,
        ticket.customer_name,
        ticket.customer_email,
        ticket.host_url,
        ticket.host_access,
        ticket.details,
        *answers,
    ]
