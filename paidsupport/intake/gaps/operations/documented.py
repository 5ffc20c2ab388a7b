"""Answering with a page: the email asks whether it helps, and the customer answers (T5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from paidsupport.catalogue.rules.questions import check_url
from paidsupport.intake.gaps.answers import says_yes
from paidsupport.intake.gaps.operations import gaps
from paidsupport.intake.gaps.operations.gaps import Choice
from paidsupport.intake.guides import queries as guides
from paidsupport.intake.requests.tables import Pointer, answer_pointers
from paidsupport.intake.workflow import HELPED, NOT_HELPED, POINT
from paidsupport.kernel import fields
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, StaleTicketError, existing
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.transitions import Effect
from paidsupport.kernel.workflow import Rest
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft, Opening
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations.guards import TicketAttempt
from paidsupport.tickets.queries.tickets import holder_name
from paidsupport.tickets.tables import Ticket

#: The message in the thread if a customer says no and nothing else.
NO_WORDS = _("[The page did not answer the question.]")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that may answer a question: a guide that customers can read, or one elsewhere."""

    url: str
    title: str = ""
    guide_id: int | None = None


def chosen(ctx: Context, slug: str, typed: str) -> Page:
    """The guide called `slug` or, without one, the page at the address that was `typed`.

    Raises:
        InvalidInputError: The address is wrong (field `url`).
        NotFoundError: Customers cannot read this guide.
    """
    if slug:
        guide = guides.find_published(ctx.session, slug)
        settings = ctx.services.settings
        return Page(f"{settings.base_url}{settings.url_prefix}/help/{slug}", guide.title, guide.id)
    if not typed.strip().startswith("https://"):
        raise InvalidInputError({"url": [_("Choose a page, or enter an address that begins with https://.")]})
    page = Page(fields.read("url", typed, check_url))
    settings = ctx.services.settings
    if page.url.startswith(f"{settings.base_url}{settings.url_prefix}/t/"):
        raise InvalidInputError({"url": [_("Choose another page. This is a customer's private page.")]})
    return page


def draft(ctx: Context, ticket: Ticket, page: Page) -> Opening:
    """The email that points to `page`, to be checked. Raises NotFoundError."""
    person = existing(ctx.session.get(Person, ctx.by.id))
    kind = EmailKind.POINTER
    context = {"person": person, "title": page.title, "url": page.url}
    return Opening(kind, *emails.written(ctx, kind, ticket, **context))


def point(
    ctx: Context, code: str, page: Page, email: Draft, *, version: int, question: Choice | None = None
) -> Ticket:
    """Claim an unassigned request, send the email, and wait for the answer: all of it or nothing.

    It is counted for the page, and for the `question` if one was chosen or named. Raises as `gaps.question`
    and
    `correspondence.write`, and:

    Raises:
        NotFoundError: There is no such request.
        StaleTicketError: A colleague was faster.
    """
    ticket = tickets.lock(ctx.session, code)
    if correspondence.sent_before(ctx, ticket, email):
        return ticket
    if page.url not in email.body:
        raise InvalidInputError({"body": [_("Add the address of the page: %(url)s", url=page.url)]})
    before = ticket.claim_number
    if claims.ensure(ctx, ticket, version) != ticket.version:
        raise StaleTicketError(code, holder_name(ctx.session, ticket))
    if email.claim == before:
        email = replace(email, claim=ticket.claim_number)
    sent = correspondence.send(ctx, ticket, email, kind=EmailKind.POINTER)
    pointer = Pointer(
        ticket_id=ticket.id,
        message_id=sent.message_id,
        guide_id=page.guide_id,
        url=page.url,
        asked_at=ctx.now,
    )
    ctx.session.add(pointer)
    gaps.count(ctx, pointer, question or Choice(), ticket)
    return transitions.apply(ctx, ticket, POINT.name, version=ticket.version)


def is_asked(ctx: Context, ticket: Ticket) -> bool:
    """Whether the customer was asked if a page helps, and has not answered."""
    return ctx.services.workflows[ticket.workflow].state(ticket.state).rests is Rest.ASKED


def answer(
    ctx: Context, ticket: Ticket, choice: str, *, words: str, version: int, key: str, client: str = ""
) -> Ticket:
    """Record the customer's answer on their page: `helped` resolves the request, `not-helped` returns it.

    Words that come with it become a message; after a yes, one that asks to reopen it.

    Raises:
        InvalidInputError: By field.
        StaleTicketError: The request has changed since it was seen.
        TransitionRefusedError: It is answered already.
        KeyReusedError: The form was sent with another answer.
        TooManyError: This network address has sent too many.
    """
    if choice not in {HELPED.name, NOT_HELPED.name}:
        raise InvalidInputError({"choice": [_("Choose one of the two buttons.")]})
    ticket = tickets.lock(ctx.session, ticket.code)
    if choice == NOT_HELPED.name:
        body = words if words.strip() else str(translate(NO_WORDS))
        correspondence.receive(ctx, ticket, body, key=f"words {key}", client=client, is_answer=False)
    transitions.apply(ctx, ticket, choice, version=version, key=key)
    if choice == HELPED.name and words.strip():
        correspondence.receive(ctx, ticket, words, key=f"words {key}", client=client)
    return ticket


def hear(ctx: Context, ticket: Ticket, body: str, has_files: bool) -> None:  # noqa: FBT001  # as its hook gives it
    """Take a message as the answer of a customer who was asked about a page.

    A yes and nothing else resolves the request; anything more is for its owner to read.
    """
    if is_asked(ctx, ticket):
        helped = not has_files and says_yes(body, ticket.customer_name)
        transitions.apply(ctx, ticket, (HELPED if helped else NOT_HELPED).name, version=ticket.version)


def _answered(at: TicketAttempt) -> None:
    answer_pointers(at.ctx.session, at.record.id, at.transition.name, at.ctx.now)


EFFECTS = (Effect("pointers-answered", _answered, ahead_of="checklist-laid"),)
