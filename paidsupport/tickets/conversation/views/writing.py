"""Writing to the customer: a draft, one preview, and nothing over a thread that went on (G6, G7, G20)."""

from __future__ import annotations

from datetime import date

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import speaking
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import set_data, uploads
from paidsupport.kernel.web.htmx import show
from paidsupport.privacy.tone import Remark
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.catalogue import queries as catalogue
from paidsupport.tickets.catalogue.tables import Boilerplate
from paidsupport.tickets.conversation.forms import EmailForm
from paidsupport.tickets.conversation.operations import boilerplate, correspondence, tone
from paidsupport.tickets.conversation.operations.correspondence import Opening
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.hooks import WORDS_FOR_DRAFT
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.routes import reread, ticket_route, to_ticket
from paidsupport.tickets.views.ticket import conflict_page

#: The place that a draft leaves free for what is to be said.
_GAP = "\n\n\n\n"


@ticket_route("/write", ("GET", "POST"))
def write(ctx: Context, code: str) -> ResponseReturnValue:
    """Compose an email, look at it once as it will leave, send it."""
    form = EmailForm()
    action = request.form.get("action", "preview")
    done = None if action == "insert" else form.send(ctx, lambda: _act(ctx, code, form, action))
    if isinstance(done, Email):
        flash("Your letter is in the outbox and leaves in a moment.", "ps-ok")
        return to_ticket(code, "thread")
    page = reread(ctx, code)
    if not correspondence.may_write(ctx, page.ticket):
        return conflict_page(ctx, page, form, form.body.data or ""), 409
    return _composer(ctx, page, form, preview=done), form.status


def _act(ctx: Context, code: str, form: EmailForm, action: str) -> Email | str:
    """The email that was sent, or the text as it would be: also if there are remarks nobody has seen."""
    draft = form.draft()
    shown = form.seen.data or ""
    if action == "send" and not tone.unseen(ctx, draft.body, shown, lambda: _drafted(ctx, code)):
        return correspondence.write(ctx, code, draft, uploads())
    return correspondence.preview(ctx, code, draft)


def _drafted(ctx: Context, code: str) -> tuple[str, list[date]]:
    """What the desk has written of the email itself, and the dates that may be promised in it."""
    ticket = tickets.lock(ctx.session, code)
    return correspondence.open_email(ctx, ticket).body, tone.approved_for(ctx, ticket)


def _composer(ctx: Context, page: DeskPage, form: EmailForm, preview: str | None) -> str:
    ticket = page.ticket
    opening = correspondence.open_email(ctx, ticket)
    texts = catalogue.boilerplate(ctx.session, ctx.by.id)
    news = form.follow(page)
    _prepare(ctx, ticket, form, opening, texts)
    person = ctx.session.get(Person, ctx.by.id)
    set_data(form.seen, tone.seen(preview, tone.remarks(ctx, preview)) if preview else "")
    return show(
        "tickets/conversation/write.html",
        page=page,
        flow=ctx.services.workflows[ticket.workflow],
        opening=opening,
        first=opening.kind is EmailKind.FIRST_CONTACT and ticket.price_minor > 0,
        person=person,
        texts=texts,
        news=news,
        preview=preview,
        remarks=_remarks(ctx, ticket, opening, preview) if preview else [],
        footer=_footer(ctx, ticket),
        form=form,
        settings=ctx.services.settings,
    )


def _remarks(ctx: Context, ticket: Ticket, opening: Opening, preview: str) -> list[Remark]:
    approved = tone.approved_for(ctx, ticket)
    return tone.remarks(ctx, preview, drafted=opening.body, approved=approved)


def _prepare(
    ctx: Context, ticket: Ticket, form: EmailForm, opening: Opening, texts: list[Boilerplate]
) -> None:
    """Fill the form from the draft, and put boilerplate in where it was asked for."""
    if not form.is_submitted():
        form.body.data = opening.body
        for words in ctx.services.hooks.call(WORDS_FOR_DRAFT, ctx, ticket, request.args):
            form.body.data = _joined(form.body.data, words) if words else form.body.data
    wanted = request.args.get("boilerplate") if not form.is_submitted() else _wanted_insertion()
    for row in texts:
        if str(row.id) == wanted:
            set_data(form.body, _joined(form.body.data or "", boilerplate.filled(ctx, ticket, row.id)))


def _wanted_insertion() -> str | None:
    return request.form.get("boilerplate") if request.form.get("action") == "insert" else None


def _joined(body: str, more: str) -> str:
    """`more` in the gap of a fresh draft, else below what stands there."""
    body = body.replace("\r\n", "\n")
    if _GAP in body:
        return body.replace(_GAP, f"\n\n{more}\n\n", 1)
    return f"{body.rstrip()}\n\n{more}"


def _footer(ctx: Context, ticket: Ticket) -> str:
    """What is added below every email to a customer, with a stand-in for their private link."""
    context = {"body": "", "link": "(the customer’s private link)", "code": ticket.code}
    with speaking(ctx.services.language(ticket.language)):
        return ctx.services.render(
            "emails/_frame.txt", {**context, "desk": ctx.services.settings.name}
        ).strip()
