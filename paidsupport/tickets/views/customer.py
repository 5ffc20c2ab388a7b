"""The customer's private page: progress of the order, conversation, and files (G2, P5)."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.money import Money
from paidsupport.kernel.titles import says_more
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, Sealed, VersionedForm
from paidsupport.kernel.web.guards import Who, private_token, route
from paidsupport.kernel.web.htmx import NOTHING_NEW, draw_sections, show, wants_fragment
from paidsupport.kernel.web.proposals import first_due
from paidsupport.kernel.web.sections import section
from paidsupport.tickets.conversation import downloads
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.customer_forms import MessageForm
from paidsupport.tickets.hooks import RECEIVED
from paidsupport.tickets.operations import endings
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import Spoken
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.progress import STEPS, CustomerView
from paidsupport.tickets.views.timeline import timeline

#: Seconds between two polls of an open page; its customer is waiting for an answer.
POLL_SECONDS = 15
#: Messages shown at once: the first and the last ones; those in between are folded.
_SHOWN = 4


@route("/t/<token>", Who.CUSTOMER, ("GET", "POST"))
def customer_ticket(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """The page behind the private link; a POST is a message from the customer."""
    form, removed = MessageForm(ctx, ticket), request.form.get("remove", "")
    if form.send(ctx, lambda: removed or _receive(ctx, ticket, form)) and not removed:
        flash(_("Message sent. You'll get a reply here and by email."), "ps-ok")
        return _back()
    if request.method == "POST":
        form.keep_files(removed)
    return customer_page(ctx, ticket, form), form.status


def _receive(ctx: Context, ticket: Ticket, form: MessageForm) -> Message:
    return correspondence.receive(
        ctx,
        ticket,
        form.body.data or "",
        key=form.key.data or "",
        uploads=form.uploads,
        kept=form.taken,
        client=request.remote_addr or "",
    )


@route("/t/<token>/poll", Who.CUSTOMER)
def customer_poll(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Answer 204 while nothing has happened since the page was rendered, otherwise what is new."""
    if request.args.get("since") == _stamp(ctx, ticket):
        return Response(status=NOTHING_NEW)
    return customer_page(ctx, ticket, MessageForm(ctx, ticket, formdata=None))


@route("/t/<token>/withdraw", Who.CUSTOMER, ("POST",))
def withdraw_order(ctx: Context, ticket: Ticket) -> ResponseReturnValue:
    """Withdraw an order that the customer no longer wants, before work has begun."""
    form = VersionedForm()
    version, key = form.version.data or 0, form.key.data or ""
    if form.send(ctx, lambda: endings.withdraw(ctx, ticket, version=version, key=key)):
        flash(_("Order withdrawn. We've sent you an email about it."), "ps-ok")
        return _back()
    return customer_page(ctx, ticket, form), form.status


def _back() -> ResponseReturnValue:
    return redirect(url_for(".customer_ticket", token=private_token()), 303)


def _stamp(ctx: Context, ticket: Ticket) -> str:
    """Changes whenever something happens, without revealing how much goes on at the desk."""
    return ctx.services.links.digest("seen", ticket.code, str(ticket.event_count), str(ticket.part))


def customer_page(ctx: Context, ticket: Ticket, refused: Form) -> str:
    """Render the private page of a ticket, with the form that was refused on it, or an empty one."""
    page = pages.for_customer(ctx, ticket)
    view = CustomerView(ctx, page, ctx.services.workflows[ticket.workflow])
    shared: dict[str, Any] = {"page": page, "ticket": ticket, "flow": view.flow, "token": private_token()}
    return show(
        "tickets/customer.html",
        block="live",
        sections=draw_sections("customer", lambda each: each.load(ctx, view, refused), shared),
        progress=first_due(ctx.services.capabilities.proposals("customer"), view),
        refused=refused,
        steps=STEPS,
        poll_seconds=max(POLL_SECONDS, ctx.services.settings.poll_seconds),
        poll_url=url_for(".customer_poll", token=private_token(), since=_stamp(ctx, ticket)),
        part=wants_fragment(),
        **shared,
    )


@section("customer", "tickets/conversation/_conversation_section.html", 60)
def _conversation_section(_ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any]:
    thread: list[Spoken] = view.page.thread
    last = max(1, len(thread) - 2) if len(thread) > _SHOWN else 1
    return {"first": thread[:1], "older": thread[1:last], "last": thread[last:]}


@section("customer", "tickets/conversation/_reply_section.html", 60, "reply")
def _reply_section(ctx: Context, view: CustomerView, refused: Form) -> dict[str, Any]:
    ours = isinstance(refused, MessageForm)
    return {"form": refused if ours else MessageForm(ctx, view.page.ticket, formdata=None)}


@section("customer", "tickets/_about_section.html", 10, "side")
def _about_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any]:
    ticket = view.page.ticket
    extras = [each for each in view.page.decisions if each.kind == "offer" and each.answer == "approved"]
    added = sum(each.price_minor or 0 for each in extras)
    return {
        "price": Money(ticket.price_minor, ticket.currency) if ticket.price_minor else None,
        "base": Money(ticket.price_minor - added, ticket.currency),
        "extras": extras,
        "payment": view.payment,
        # where incoming payments can be recorded, the amount due is shown at the top of the page
        "due_on_top": bool(ctx.services.hooks.of(RECEIVED)),
    }


@section("customer", "tickets/_timeline_section.html", 50, "side")
def _timeline_section(ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    lines = timeline(ctx, view)
    return {"lines": lines} if lines else None


@section("customer", "tickets/_ordered_section.html", 60, "side")
def _ordered_section(_ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any]:
    ticket = view.page.ticket
    # without one, a ticket is called after the beginning of its text, or its address
    typed = view.flow.is_order and says_more(ticket.summary, ticket.details, ticket.host_url)
    return {"subject": ticket.summary if typed else ""}


@section("customer", "tickets/_withdraw_section.html", 70, "side")
def _withdraw_section(_ctx: Context, view: CustomerView, _refused: Form) -> dict[str, Any] | None:
    ticket = view.page.ticket
    return {"sealed": Sealed(version=ticket.version)} if endings.can_withdraw(view.flow, ticket) else None


#: The sections that every customer's page has.
SECTIONS = (
    *(_conversation_section, _reply_section, _about_section),
    *(_timeline_section, _ordered_section, _withdraw_section),
)


@route("/t/<token>/files/<reference>", Who.CUSTOMER)
def customer_file(ctx: Context, ticket: Ticket, reference: str) -> ResponseReturnValue:
    """Download a file of the conversation or of the order."""
    return downloads.send(ctx, pages.file_for_customer(ctx.session, ticket, reference))
