"""Writing to the customer: draft, preview, and a stop if new messages arrived (G6, G7, G20)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.tables import Boilerplate
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.i18n.languages import speaking
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Sealed, set_data, stood_here, uploads
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.sections import section
from paidsupport.privacy.tone import Remark
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.forms import EmailForm
from paidsupport.tickets.conversation.operations import boilerplate, correspondence, paying, tone
from paidsupport.tickets.conversation.operations.correspondence import Opening
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.hooks import WORDS_FOR_DRAFT
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.page import reread, ticket_page
from paidsupport.tickets.views.routes import ticket_route, to_ticket
from paidsupport.tickets.views.ticket import conflict_page
from paidsupport.tickets.views.ticket_view import TicketView

#: The gap that a draft leaves for the text.
_GAP = "\n\n\n\n"
_BREAK = "\n\n"


@ticket_route("/write", ("GET", "POST"))
def write(ctx: Context, code: str) -> ResponseReturnValue:
    """Write an email, preview it, send it."""
    form = EmailForm()
    action = request.form.get("action", "preview")
    done = None if action == "insert" else form.send(ctx, lambda: _act(ctx, code, form, action))
    if isinstance(done, Email):
        flash(_("Message sent. It leaves in a moment."), "ps-ok")
        return to_ticket(code)
    if stood_here() and action != "preview":
        return ticket_page(ctx, code, form), form.status
    page = reread(ctx, code)
    if not correspondence.may_write(ctx, page.ticket):
        return conflict_page(ctx, page, form, form.body.data or ""), 409
    return _composer(ctx, page, form, preview=done), form.status


@ticket_route("/canned")
def canned_reply(ctx: Context, code: str) -> ResponseReturnValue:
    """A canned reply, filled in for this ticket, for a page that inserts it at the cursor."""
    ticket = reread(ctx, code).ticket
    text = boilerplate.filled(ctx, ticket, existing(whole_number(request.args.get("id", ""))))
    return Response(_bare(text, correspondence.open_email(ctx, ticket).body), mimetype="text/plain")


@section("ticket", "tickets/conversation/_answer_section.html", 40)
def _reply_section(ctx: Context, view: TicketView, refused: object) -> dict[str, Any] | None:
    if not view.step.may_write:
        return None
    ticket, answered = view.page.ticket, request.args.get("answer", "")
    said = [each.message.body for each in view.page.thread if str(each.message.number) == answered]
    texts = catalogue.boilerplate(ctx.session, ctx.by.id)
    if isinstance(refused, EmailForm):
        reply = _typed_reply(ctx, view.page, refused, texts)
    else:
        form = Sealed(claim=ticket.claim_number, seen="")
        reply = {"form": form, "draft": _first_words(ctx, view), "thread": ticket.thread}
    answering = {"answered": said[0] if said else "", "texts": texts}
    return {**reply, **answering, **_first_needs(ctx, view, reply["draft"])}


def _typed_reply(ctx: Context, page: DeskPage, form: EmailForm, texts: list[Boilerplate]) -> dict[str, Any]:
    """The reply as it was typed, with its problems, or with the canned reply that was chosen."""
    form.body.id = "ps-reply-body"
    opening = correspondence.open_email(ctx, page.ticket)
    news = form.follow(page)
    _prepare(ctx, page.ticket, form, opening, texts)
    body, remarks = form.body.data or "", []
    if not form.errors and not form.conflict and request.form.get("action") == "send":
        remarks = _remarks(ctx, page.ticket, opening, body)
    every = tone.seen(body, tone.remarks(ctx, body))
    # remarks that were shown before another problem came up count as seen
    seen = every if remarks or form.seen.data == every else ""
    return {
        "form": Sealed(claim=form.claim.data, seen=seen),
        "draft": body,
        "thread": form.thread.data,
        "errors": form.body.errors,
        "stopped": bool(form.conflict),
        "news": bool(news),
        "remarks": remarks,
    }


def _first_words(ctx: Context, view: TicketView) -> str:
    """The draft of the next email; an order's first one includes the questions still to ask."""
    ticket = view.page.ticket
    if view.flow.is_order and not view.introduced:
        return correspondence.open_email(ctx, ticket).body
    return correspondence.draft_after(ctx, ticket, [each for each in view.page.emails if each.contact])


def _first_needs(ctx: Context, view: TicketView, text: str) -> dict[str, object]:
    """What a first contact must say, if this is one and the order costs something."""
    ticket = view.page.ticket
    if view.introduced or not ticket.price_minor or any(each.contact for each in view.page.emails):
        return {"needs": (), "payable": True}
    return {"needs": _needs(ctx, ticket, text), "payable": paying.is_known(ctx, ticket)}


#: The sections it adds to the pages of tickets.
SECTIONS = (_reply_section,)


def _act(ctx: Context, code: str, form: EmailForm, action: str) -> Email | str:
    """Send the email, or return its text for a preview: also if there are remarks the author has not seen."""
    draft = form.draft()
    shown = form.seen.data or ""
    if action == "send" and not tone.unseen(ctx, draft.body, shown, lambda: _drafted(ctx, code)):
        return correspondence.write(ctx, code, draft, uploads())
    return correspondence.preview(ctx, code, draft)


def _drafted(ctx: Context, code: str) -> tuple[str, list[date]]:
    """The text that the desk drafted itself, and the dates that may be promised in it."""
    ticket = tickets.lock(ctx.session, code)
    return correspondence.open_email(ctx, ticket).body, tone.approved_for(ctx, ticket)


def _composer(ctx: Context, page: DeskPage, form: EmailForm, preview: str | None) -> str:
    ticket = page.ticket
    opening = correspondence.open_email(ctx, ticket)
    texts = catalogue.boilerplate(ctx.session, ctx.by.id)
    news = form.follow(page)
    _prepare(ctx, ticket, form, opening, texts)
    first = opening.kind is EmailKind.FIRST_CONTACT and ticket.price_minor > 0
    set_data(form.seen, tone.seen(preview, tone.remarks(ctx, preview)) if preview else "")
    return show(
        "tickets/conversation/write.html",
        page=page,
        flow=ctx.services.workflows[ticket.workflow],
        opening=opening,
        first=first,
        needs=_needs(ctx, ticket, form.body.data or "") if first else [],
        payable=paying.is_known(ctx, ticket),
        texts=texts,
        news=news,
        preview=preview,
        remarks=_remarks(ctx, ticket, opening, preview) if preview else [],
        footer=_footer(ctx, ticket),
        form=form,
        settings=ctx.services.settings,
    )


def _needs(ctx: Context, ticket: Ticket, text: str) -> list[tuple[str, bool, str]]:
    """What a first contact must say, whether it does, and the words that count, one per line."""
    needs = paying.needs(ctx, ticket)
    return [(need.label, need.is_in(text), "\n".join(need.words)) for need in needs]


def _remarks(ctx: Context, ticket: Ticket, opening: Opening, preview: str) -> list[Remark]:
    approved = tone.approved_for(ctx, ticket)
    return tone.remarks(ctx, preview, drafted=opening.body, approved=approved)


def _prepare(
    ctx: Context, ticket: Ticket, form: EmailForm, opening: Opening, texts: list[Boilerplate]
) -> None:
    """Fill the form from the draft, and insert the chosen canned reply."""
    signature = opening.body.rstrip().rpartition(_BREAK)[2]
    if not form.is_submitted():
        form.body.data = opening.body
        for words in ctx.services.hooks.call(WORDS_FOR_DRAFT, ctx, ticket, request.args):
            form.body.data = _joined(form.body.data, words, signature) if words else form.body.data
    wanted = request.args.get("boilerplate") if not form.is_submitted() else _wanted_insertion()
    for row in texts:
        if str(row.id) == wanted:
            set_data(
                form.body,
                _joined(
                    form.body.data or "",
                    _bare(boilerplate.filled(ctx, ticket, row.id), opening.body),
                    signature,
                ),
            )


def _wanted_insertion() -> str | None:
    return request.form.get("boilerplate") if request.form.get("action") == "insert" else None


def _bare(text: str, draft: str) -> str:
    """A text without the greeting and signature, which the draft already has."""
    greeting, _sep, rest = text.partition("\n\n")
    said = rest if greeting == draft.partition("\n\n")[0] else text
    return said.removesuffix(f"\n\n{draft.rstrip().rpartition(_BREAK)[2]}").strip()


def _joined(body: str, more: str, signature: str) -> str:
    """Insert `more` in the gap of a fresh draft, otherwise before the signature, otherwise at the end."""
    body = body.replace("\r\n", "\n").rstrip()
    if _GAP in body:
        return body.replace(_GAP, f"\n\n{more}\n\n", 1)
    said = body.removesuffix(signature).rstrip()
    signed = f"\n\n{signature}" if len(said) < len(body) else ""
    return f"{said}\n\n{more}{signed}"


def _footer(ctx: Context, ticket: Ticket) -> str:
    """What is added below every email to a customer, with a placeholder for their private link."""
    with speaking(ctx.services.language(ticket.language)):
        context = {"body": "", "link": _("(the customer's private link)"), "code": ticket.code}
        return ctx.services.render(
            "emails/_frame.txt", {**context, "desk": ctx.services.settings.name}
        ).strip()
